import Cryptography
import FarmProtocol
import Imaging
import Settlement

/// What renders a worker's tiles. A thrown `Refusal` is about the request, and the renderer lives on; after
/// any other error it has lost what was loaded, and starts anew with the next call.
public protocol TileRendering: Sendable {
  /// Which device and which kernels.
  func describe() async throws -> RendererDescription
  /// Prepares a frame; returns the digest of its device scene.
  func load(_ scene: RendererScene) async throws -> Digest
  /// Renders a tile of the loaded frame, all samples of its pass. `ahead`: the one that will likely be asked
  /// for next; it may be begun with, and must not be waited for.
  func render(
    _ tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex?
  ) async throws -> RenderedTile
  /// Rays a second of the device, on a scene of the release's own.
  func benchmark() async throws -> UInt64
  /// Memory that it takes now, bytes; nil when it has none or that is not known.
  func memoryBytes() async -> UInt64?
  /// Ends it, in the middle of a request if need be, which then throws; the next call starts it anew.
  func stop() async
}

/// What a renderer is.
public struct RendererDescription: Hashable, Sendable {
  /// Where it renders.
  public var device: DeviceDescription
  /// Digest of its kernel sources.
  public var kernelSet: Digest
  /// Both.
  public init(device: DeviceDescription, kernelSet: Digest) {
    self.device = device
    self.kernelSet = kernelSet
  }
}

/// A tile as a renderer returns it, with what a commitment says about it.
public struct RenderedTile: Hashable, Sendable {
  /// The compressed fragment.
  public var fragment: [UInt8]
  /// Root over the tile's pixels.
  public var root: Digest
  /// Rays traced.
  public var work: UInt64
  /// Pixels of the tile.
  public var pixelCount: UInt32
  /// All fields.
  public init(fragment: [UInt8], root: Digest, work: UInt64, pixelCount: UInt32) {
    self.fragment = fragment
    self.root = root
    self.work = work
    self.pixelCount = pixelCount
  }
}
