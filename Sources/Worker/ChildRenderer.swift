import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Transport

/// A renderer in a child process, started when first needed and again after it died.
public actor ChildRenderer: TileRendering {
  private let executable: String
  private let arguments: [String]
  private let log: @Sendable (String) -> Void
  private var process: RendererProcess?
  /// Whether a child has died over a tile.
  private var hasDied = false

  /// A child that runs `executable` (an absolute path) with `arguments`; `log` takes what it says on standard
  /// error, a line a call.
  public init(executable: String, arguments: [String], log: @escaping @Sendable (String) -> Void) {
    self.executable = executable
    self.arguments = arguments
    self.log = log
  }

  /// Starts the child if none runs.
  public func describe() async throws -> RendererDescription {
    try await use { process in
      let (device, kernelSet) = try await process.describe()
      return RendererDescription(device: device, kernelSet: kernelSet)
    }
  }

  /// In the child; its own deadline is ten minutes.
  public func load(_ scene: RendererScene) async throws -> Digest {
    try await use { try await $0.load(scene) }
  }

  /// In the child; its own deadline is ten minutes. After a child has died over a tile, no other looks ahead:
  /// it might die of the next one, and take this one with it.
  public func render(
    _ tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex?
  ) async throws -> RenderedTile {
    let ahead = hasDied ? nil : ahead
    return try await use(overTile: true) { process in
      let done = try await process.render(tile: tile, rect: rect, attempt: attempt, ahead: ahead)
      return RenderedTile(
        fragment: done.fragment, root: done.root, work: done.work, pixelCount: done.pixelCount)
    }
  }

  /// In the child; takes a second or two.
  public func benchmark() async throws -> UInt64 { try await use { try await $0.benchmark() } }

  /// The child's.
  public func memoryBytes() -> UInt64? { process?.residentBytes }

  /// Ends the child.
  public func stop() {
    process?.terminate()
    process = nil
  }

  private func started() throws(TransportError) -> RendererProcess {
    let flags = hasDied ? [RendererProcess.noFittingFlag] : []
    return try RendererProcess(executable: executable, arguments: arguments + flags, log: log)
  }

  /// Runs one request; whatever is no answer of a living child is the end of that child.
  private func use<T: Sendable>(
    overTile: Bool = false, _ request: @Sendable (RendererProcess) async throws -> T
  ) async throws -> T {
    let process = try self.process ?? started()
    self.process = process
    do {
      return try await request(process)
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      process.terminate()
      if self.process === process {  // and not stopped meanwhile
        self.process = nil
        hasDied = hasDied || overTile
      }
      throw error
    }
  }
}
