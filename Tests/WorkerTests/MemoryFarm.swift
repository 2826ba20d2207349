import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Worker

/// A farm in memory: one job's tiles, leases with fences, results checked and counted. Between it and the
/// worker lies a line that loses requests and answers, by a seed.
actor MemoryFarm: CoordinatorLink {
  struct Faults {
    /// Share of requests that never arrive, and of answers that never come back, out of 256.
    var lostRequests: UInt8 = 0
    var lostAnswers: UInt8 = 0
    /// Share of heartbeats that find every lease lost.
    var lostLeases: UInt8 = 0
  }

  let terms: JobTerms
  let worker: PublicKey
  private let faults: Faults
  private var random: SplitMix64
  private var isKnown = false
  private var fence: UInt64 = 0
  private var waits = 0
  /// Tiles nobody has.
  private var free: [UInt32]
  private var held: [UInt64: Set<UInt32>] = [:]
  /// Accepted results by tile.
  private(set) var accepted: [UInt32: ResultEnvelope] = [:]
  private(set) var acceptedTwice = 0
  private(set) var staleRefusals = 0
  private(set) var released = 0
  private(set) var requests = 0

  init(terms: JobTerms, worker: PublicKey, faults: Faults = Faults(), seed: UInt64) {
    self.terms = terms
    self.worker = worker
    self.faults = faults
    random = SplitMix64(seed: seed)
    free = Array(0..<UInt32(terms.tileCount))
  }

  var isDone: Bool { accepted.count == terms.tileCount }

  private struct LineDown: Error {}

  /// Runs a request over the line.
  private func carry<T>(_ work: () throws -> T) throws -> T {
    requests += 1
    if UInt8(truncatingIfNeeded: random.next()) < faults.lostRequests { throw LineDown() }
    let answer = Result(catching: work)
    if UInt8(truncatingIfNeeded: random.next()) < faults.lostAnswers { throw LineDown() }
    return try answer.get()
  }

  func join(_ request: JoinRequest) throws -> JoinReply {
    try carry {
      isKnown = true
      return Samples.joined
    }
  }

  /// As after a restart: it does not know the worker.
  func forget() { isKnown = false }

  func lease(_ request: LeaseRequest) throws -> LeaseReply {
    try carry {
      guard isKnown else { throw Refusal(.notFound, "join first") }
      // A lease whose answer was lost is held by a worker that does not know of it: it ends in time.
      guard held.count <= 3, let first = free.first else {
        waits += 1
        if waits.isMultiple(of: 10) { lapse() }
        return LeaseReply(lease: nil, retryAfterMS: 500)
      }
      waits = 0
      let frame = terms.tile(TileIndex(first)).frame
      let tiles = free.prefix(3).filter { terms.tile(TileIndex($0)).frame == frame }
      free.removeFirst(tiles.count)
      fence += 1
      held[fence] = Set(tiles)
      let assignments = tiles.map {
        Signed(Samples.assignment($0, fence: fence, terms: terms, worker: workerKey), by: Samples.coordinator)
      }
      let lease = Lease(
        fence: fence, job: terms.id, terms: terms, manifest: Samples.manifest, frame: frame,
        assignments: assignments)
      return LeaseReply(lease: lease, retryAfterMS: 0)
    }
  }

  private var workerKey: SigningKey { Samples.worker }

  private func lapse() {
    for (fence, tiles) in held.sorted(by: { $0.key < $1.key }) {
      free += tiles.sorted()
      held[fence] = nil
    }
    free.sort()
  }

  func beat(_ heartbeat: Heartbeat) throws -> HeartbeatReply {
    try carry {
      guard isKnown else { throw Refusal(.notFound, "join first") }
      for fence in heartbeat.released {
        guard let tiles = held.removeValue(forKey: fence) else { continue }
        released += tiles.count
        free = (free + tiles).sorted()
      }
      if UInt8(truncatingIfNeeded: random.next()) < faults.lostLeases { lapse() }
      return HeartbeatReply(lost: heartbeat.fences.filter { held[$0] == nil })
    }
  }

  func deliver(_ result: ResultEnvelope) throws -> ResultReceipt {
    try carry {
      guard isKnown else { throw Refusal(.notFound, "join first") }
      let envelope = try ResultEnvelope(decoding: result.encoded())
      let tile = envelope.assignment.tile.value
      if let before = accepted[tile] {
        guard before == envelope else {
          staleRefusals += 1
          throw Refusal(.staleLease, "tile \(tile) was returned already")
        }
        return ResultReceipt(logIndex: UInt64(tile), alreadyAccepted: true)
      }
      guard held[envelope.assignment.fence]?.remove(tile) != nil else {
        staleRefusals += 1
        throw Refusal(.staleLease, "lease \(envelope.assignment.fence) is over")
      }
      if held[envelope.assignment.fence]?.isEmpty == true { held[envelope.assignment.fence] = nil }
      if accepted.updateValue(envelope, forKey: tile) != nil { acceptedTwice += 1 }
      return ResultReceipt(logIndex: UInt64(tile), alreadyAccepted: false)
    }
  }

  func download(_ digest: Digest, to path: String) throws {
    try carry {
      guard digest == Digest(of: Samples.sceneBytes) else {
        throw Refusal(.notFound, "no blob \(digest.short)")
      }
      try Data(Samples.sceneBytes).write(to: URL(fileURLWithPath: path))
    }
  }
}

/// Renders nothing: a tile's bytes are its number. Dies and refuses by a seed.
actor FakeRenderer: TileRendering {
  private var random: SplitMix64
  private let deaths: UInt8
  private var loaded: RendererScene?
  private(set) var loads = 0
  private(set) var renders = 0
  private(set) var isStopped = false

  init(seed: UInt64 = 0, deaths: UInt8 = 0) {
    random = SplitMix64(seed: seed)
    self.deaths = deaths
  }

  struct Died: Error {}
  private func mayDie() throws {
    guard UInt8(truncatingIfNeeded: random.next()) < deaths else { return }
    loaded = nil
    throw Died()
  }

  func describe() -> RendererDescription {
    RendererDescription(device: Samples.device, kernelSet: Samples.kernelSet)
  }

  func load(_ scene: RendererScene) throws -> Digest {
    try mayDie()
    loads += 1
    let path = scene.files[scene.terms.sceneFile] ?? ""
    guard [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == Samples.sceneBytes else {
      throw Refusal(.sceneInvalid, "\(path) is another scene")
    }
    loaded = scene
    return Digest(of: [UInt8(scene.frame)])
  }

  private var hint: TileIndex?
  /// How often the next tile was the one that it was told would be.
  private(set) var hintsKept = 0

  func render(_ tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex?) throws -> RenderedTile {
    if hint == tile { hintsKept += 1 }
    hint = ahead
    try mayDie()
    guard let loaded, loaded.terms.tile(tile) == TilePlace(frame: loaded.frame, pass: 0, rect: rect) else {
      throw Refusal(.conflict, "tile \(tile.value) is not of the loaded frame")
    }
    renders += 1
    return RenderedTile(
      fragment: Array("tile \(tile.value)".utf8), root: Digest(of: [UInt8(tile.value)]), work: 1000,
      pixelCount: UInt32(rect.pixelCount))
  }

  /// Measured so often.
  private(set) var benchmarks = 0
  func benchmark() throws -> UInt64 {
    benchmarks += 1
    return 5_000_000
  }

  /// What it says that it takes.
  var memory: UInt64?
  func take(memory bytes: UInt64?) { memory = bytes }
  func memoryBytes() -> UInt64? { memory }

  func stop() { isStopped = true }
}

extension WorkerClock {
  /// A hundred times faster than life.
  static var fast: WorkerClock {
    let slow = WorkerClock.continuous
    return WorkerClock(
      nowMS: { slow.nowMS() * 100 }, sleep: { untilMS in await slow.sleep(untilMS / 100) })
  }
}
