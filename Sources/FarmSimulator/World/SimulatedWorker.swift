import Cryptography
import Durability
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Worker

/// A worker process: the real machine, paperwork, outbox and cache, with the renderer and the waiting
/// simulated. Lives in one simulation.
final class SimulatedWorker {
  /// Its place among the workers.
  let place: Int
  let key: SigningKey
  let cheat: Cheat?
  private let folder: String
  private let blobs: BlobCache
  private var seeds: Chance
  /// Its owner asks for more than any job pays: it is there, asks, and never works.
  private let isDear: Bool
  /// Rays a millisecond when it is well.
  private let usualSpeed: Double
  /// Ten times slower from some time on.
  var isSlow = false
  private(set) var machine: WorkerMachine
  private(set) var desk: WorkerDesk
  /// How many processes there were before this one.
  private(set) var life = 0
  private(set) var isUp = false
  /// Requests whose answers it waits for.
  var open: [Int: Request] = [:]
  /// When it is going to be woken, if it is.
  var wakeMS: UInt64?
  /// It hears nothing and is not heard before this time.
  var cutUntilMS: UInt64 = 0
  /// Its disk has no room before this time.
  var diskFullUntilMS: UInt64 = 0
  /// Why it ended for good.
  var stopped: WorkerStop?
  /// Consecutive events at one instant: a worker that spins would never let time pass.
  var spin = (atMS: UInt64(0), count: 0)

  init(place: Int, seed: UInt64, cheat: Cheat?, root: String) throws {
    self.place = place
    self.cheat = cheat
    seeds = Chance(seed: seed, stream: 1_000 + UInt64(place))
    guard let key = SigningKey(seed: seeds.bytes(32)) else { preconditionFailure("no key of 32 bytes") }
    self.key = key
    folder = "\(root)/worker-\(place)"
    blobs = try BlobCache(folder: URL(fileURLWithPath: "\(folder)/blobs"))
    // A spread of ten, as between an old laptop and a new desktop.
    usualSpeed = 0.2 * Double(seeds.between(1, 10))
    var owners = Chance(seed: seed, stream: 2_000_000 + UInt64(place))
    isDear = place >= 2 && cheat == nil && owners.happens(0.1)
    machine = SimulatedWorker.machine(seed: seeds.word(), isDear: isDear)
    desk = SimulatedWorker.desk(place, key, folder)
  }

  private static func machine(seed: UInt64, isDear: Bool) -> WorkerMachine {
    var settings = WorkerMachine.Settings(seed: seed)
    if isDear { settings.pricePerRayMin = Microcredits(Int64(Workload.pricePerRayMax) + 1) }
    return WorkerMachine(settings)
  }

  static let device = DeviceDescription(
    id: "0.0", name: "simulated", platform: "none", driver: "1", computeUnits: 1)
  static let kernelSet = Digest(of: Array("simulated kernels".utf8))

  private static func desk(_ place: Int, _ key: SigningKey, _ folder: String) -> WorkerDesk {
    WorkerDesk(
      name: "worker \(place)", key: key, description: .init(device: device, kernelSet: kernelSet)
    ) { farm throws(WorkerError) in
      try Outbox(folder: URL(fileURLWithPath: "\(folder)/farms/\(farm.short)/outbox"))
    }
  }

  var isHonest: Bool { cheat == nil }
  /// Rays a millisecond.
  var speed: Double { isSlow ? usualSpeed / 10 : usualSpeed }

  /// A process starts: what is on its disk is all that it has.
  func start() {
    machine = SimulatedWorker.machine(seed: seeds.word(), isDear: isDear)
    desk = SimulatedWorker.desk(place, key, folder)
    isUp = true
  }

  /// The process ends at once.
  func end() {
    isUp = false
    life += 1
    open = [:]
    wakeMS = nil
  }

  func handle(_ event: WorkerEvent, nowMS: UInt64) -> [WorkerAction] { machine.handle(event, nowMS: nowMS) }

  /// What the answer to a request means to the machine.
  func event(of request: Request, _ outcome: Outcome) -> WorkerEvent {
    switch request {
    case .join: desk.joined(typed(outcome)).event
    case .lease: desk.leased(typed(outcome))
    case .heartbeat: desk.answered(typed(outcome))
    case .result(let id, _): desk.delivered(id, typed(outcome))
    case .files(let lease): fetched(lease, outcome)
    }
  }

  private func typed<T>(_ outcome: Outcome) -> Result<T, any Error> {
    outcome.map { reply in
      guard let reply = reply as? T else { preconditionFailure("\(reply) is no \(T.self)") }
      return reply
    }
  }

  /// Whether the files of a scene are here.
  func has(_ manifest: BundleManifest) -> Bool { blobs.missing(manifest).isEmpty }

  private func fetched(_ lease: Lease, _ outcome: Outcome) -> WorkerEvent {
    let files: Result<[[UInt8]], any Error> = typed(outcome)
    do {
      for bytes in try files.get() {
        let file = blobs.place(Digest(of: bytes)).path
        try DurableFile.makeFolder((file as NSString).deletingLastPathComponent)
        try DurableFile.write(bytes, to: file)
      }
      return .fetched(fence: lease.fence)
    } catch let refusal as Refusal {
      return .fetchFailed(fence: lease.fence, .refused(refusal))
    } catch {
      return .fetchFailed(fence: lease.fence, .unreachable("\(error)"))
    }
  }

  func rendered(
    _ order: RenderOrder, _ outcome: Result<RenderedTile, any Error>, renderMS: UInt64
  ) -> WorkerEvent {
    desk.rendered(order, outcome, renderMS: renderMS)
  }
}
