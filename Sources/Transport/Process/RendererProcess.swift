import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement

/// A renderer in a child process: it owns the device, so that a driver's crash or hang costs a tile and no
/// more.
///
/// Requests go one at a time, in the order asked. When the child dies, answers nonsense or misses its time it
/// is ended, the request throws, and so does every later one: start another.
public actor RendererProcess {
  /// Most time for an answer, milliseconds, by what is asked.
  public struct Deadlines: Hashable, Sendable {
    /// Includes building the kernels.
    public var describeMS: UInt64
    /// Reading a scene, building its BVH, uploading it.
    public var loadMS: UInt64
    /// One tile.
    public var renderMS: UInt64
    /// One list of pixels.
    public var probeMS: UInt64
    /// Ten minutes each, unless told otherwise.
    public init(
      describeMS: UInt64 = 600_000, loadMS: UInt64 = 600_000, renderMS: UInt64 = 600_000,
      probeMS: UInt64 = 600_000
    ) {
      self.describeMS = describeMS
      self.loadMS = loadMS
      self.renderMS = renderMS
      self.probeMS = probeMS
    }
  }

  /// A rendered tile.
  public struct Rendered: Hashable, Sendable {
    /// What a commitment to the fragment says.
    public var root: Digest
    /// Rays traced.
    public var work: UInt64
    /// Pixels of the tile.
    public var pixelCount: UInt32
    /// Compressed.
    public var fragment: [UInt8]
    /// All fields.
    public init(root: Digest, work: UInt64, pixelCount: UInt32, fragment: [UInt8]) {
      self.root = root
      self.work = work
      self.pixelCount = pixelCount
      self.fragment = fragment
    }
  }

  /// Of `tile-server`: for a child that follows one which died at work. What killed that may have been the
  /// driver's compiler, over other kernels than those that were checked before the first tile.
  public static let noFittingFlag = "--no-fitting"

  private let deadlines: Deadlines
  private let child: RendererChild
  /// What the child holds; nil when that is not sure.
  private var loaded: (scene: RendererScene, digest: Digest)?
  /// The job whose scene was last sent: the child may keep some of it.
  private var lastJob: JobID?
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Starts the child.
  /// - Parameters:
  ///   - executable: an absolute path.
  ///   - arguments: without the program's name.
  ///   - log: takes each line the child writes to standard error.
  public init(
    executable: String, arguments: [String] = [], deadlines: Deadlines = .init(),
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(TransportError) {
    self.deadlines = deadlines
    child = try RendererChild(executable: executable, arguments: arguments, log: log)
  }

  deinit { child.kill() }

  /// Whether the child still runs.
  public nonisolated var isAlive: Bool { child.isAlive }
  /// The child's process id.
  public nonisolated var processID: Int32 { child.processID }
  /// Most memory that the child took since it began to load the frame that it holds, bytes; nil when the
  /// system does not tell. What it keeps of the same job's earlier frames is in it.
  public nonisolated var peakBytes: UInt64? { ProcessMemory.peakBytes(processID) }
  /// What it takes now.
  public nonisolated var residentBytes: UInt64? { ProcessMemory.residentBytes(processID) }
  /// Ends the child; requests under way throw.
  public nonisolated func terminate() { child.kill() }

  /// Which device and which kernels the child has.
  public func describe() async throws -> (device: DeviceDescription, kernelSet: Digest) {
    let (reply, _) = try await ask(.describe, "describe", deadlines.describeMS)
    guard case .described(let device, let kernelSet) = reply else { throw unexpected(reply, to: "describe") }
    return (device.bounded, kernelSet)
  }

  /// The device's speed, rays a second; what was loaded is gone.
  public func benchmark() async throws -> UInt64 {
    try await inTurn { process in
      process.loaded = nil
      let (reply, _) = try await process.exchange(.benchmark, "benchmark", process.deadlines.renderMS)
      guard case .benchmarked(let raysPerS) = reply else { throw process.unexpected(reply, to: "benchmark") }
      return raysPerS
    }
  }

  /// Prepares a frame.
  /// - Returns: the digest of the device scene.
  public func load(_ scene: RendererScene) async throws -> Digest {
    try await inTurn { try await $0.loadNow(scene) }
  }

  private func loadNow(_ scene: RendererScene) async throws -> Digest {
    loaded = nil
    if let lastJob, lastJob != scene.terms.id {
      // The peak is to be this job's own.
      let (reply, _) = try await exchange(.unload, "unload", deadlines.loadMS)
      guard case .unloaded = reply else { throw unexpected(reply, to: "unload") }
    }
    lastJob = scene.terms.id
    ProcessMemory.forgetPeak(processID)
    let (reply, _) = try await exchange(.load(scene), "load", deadlines.loadMS)
    guard case .loaded(let digest) = reply else { throw unexpected(reply, to: "load") }
    loaded = (scene, digest)
    return digest
  }

  /// Renders a tile of the loaded frame. `ahead`: the one that will likely be asked for next, which the child
  /// may begin with before it answers.
  public func render(
    tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex? = nil
  ) async throws -> Rendered {
    let (reply, fragment) = try await ask(
      .render(tile: tile, rect: rect, attempt: attempt, ahead: ahead), "render", deadlines.renderMS)
    guard case .rendered(let root, let work, let pixelCount) = reply else {
      throw unexpected(reply, to: "render")
    }
    return Rendered(root: root, work: work, pixelCount: pixelCount, fragment: fragment)
  }

  /// Renders single pixels of the loaded frame again, in the order asked.
  public func probe(_ pixels: [PixelPosition], pass: Int = 0) async throws -> [PixelRecord] {
    try await inTurn { try await $0.probeNow(pixels, pass) }
  }

  /// Renders single pixels of a frame, which is prepared first unless the child holds it. No request of
  /// somebody else comes between the two.
  /// - Returns: the digest of the device scene, and the pixels in the order asked.
  public func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int = 0
  ) async throws -> (deviceScene: Digest, pixels: [PixelRecord]) {
    try await inTurn { process in
      let held = process.loaded?.scene == scene ? process.loaded?.digest : nil
      let digest = if let held { held } else { try await process.loadNow(scene) }
      return (digest, try await process.probeNow(pixels, pass))
    }
  }

  private func probeNow(_ pixels: [PixelPosition], _ pass: Int) async throws -> [PixelRecord] {
    let (reply, _) = try await exchange(.probe(pixels: pixels, pass: pass), "probe", deadlines.probeMS)
    guard case .probed(let records) = reply, records.count == pixels.count,
      records.allSatisfy({ $0.rgbaHalfBits.count == ($0.sums.isEmpty ? 4 : 0) })
    else { throw unexpected(reply, to: "probe of \(pixels.count) pixels") }
    return records
  }

  private func ask(
    _ request: RendererRequest, _ name: String, _ afterMS: UInt64
  ) async throws -> (RendererReply, [UInt8]) {
    try await inTurn { try await $0.exchange(request, name, afterMS) }
  }

  private func inTurn<T: Sendable>(_ work: (isolated RendererProcess) async throws -> T) async throws -> T {
    await enter()
    defer { leave() }
    return try await work(self)
  }

  private func exchange(
    _ request: RendererRequest, _ name: String, _ afterMS: UInt64
  ) async throws -> (RendererReply, [UInt8]) {
    let bytes = try RendererChannel.encode(request)
    let frame = try await child.exchange(bytes, name: name, afterMS: afterMS)
    let reply: RendererReply
    do throws(Refusal) {
      reply = try WireJSON.decode(from: frame.json, bytesMax: Limits.rendererJSONBytesMax)
    } catch {
      child.kill()
      throw TransportError.rendererDied(reason: "answered \(name) with nonsense", detail: error.message)
    }
    if case .failed(let refusal) = reply { throw refusal.bounded }
    return (reply, frame.payload)
  }

  private func unexpected(_ reply: RendererReply, to name: String) -> TransportError {
    child.kill()
    return .rendererDied(reason: "answered \(name) with something else", detail: "\(reply)".oneLine)
  }

  private func enter() async {
    if isBusy {
      await withCheckedContinuation { waiting.append($0) }
    } else {
      isBusy = true
    }
  }

  /// Hands the turn on; it stays busy when somebody waits.
  private func leave() {
    if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
  }
}
