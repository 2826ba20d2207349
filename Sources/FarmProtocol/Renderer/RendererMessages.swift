import Cryptography
import Imaging
import Settlement

/// What a parent asks its renderer, a child process on the other end of two pipes. The child owns the device,
/// reads scene files and holds no key and no network; worker and house verifier use the same one.
public enum RendererRequest: Hashable, Sendable, Codable {
  /// Which device, which kernels. Answered by `.described`.
  case describe
  /// Prepare one frame of a job. Answered by `.loaded`.
  case load(RendererScene)
  /// Render a tile of the loaded frame. Answered by `.rendered` with the compressed fragment as
  /// payload. `ahead`: the tile of that frame that will likely be asked for next.
  case render(tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex?)
  /// Re-render single pixels of the loaded frame, in that pass of its samples (0 for a job without passes).
  /// Answered by `.probed`, in the order asked.
  case probe(pixels: [PixelPosition], pass: Int)
  /// Measure the device's speed; whatever was loaded is gone. Answered by `.benchmarked`.
  case benchmark
  /// Let go of whatever is loaded or kept for later. Answered by `.unloaded`.
  case unload
}

/// A pixel of the frame: column from the left, row from the top.
public struct PixelPosition: Hashable, Sendable, Codable {
  /// Column, from 0.
  public var x: Int
  /// Row, from 0.
  public var y: Int
  /// A position.
  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// A frame to prepare.
public struct RendererScene: Hashable, Sendable, Codable {
  /// The job's terms; they determine every bit with the files.
  public var terms: JobTerms
  /// The frame's number.
  public var frame: UInt32
  /// Bundle path -> absolute path of the blob on this machine.
  public var files: [String: String]
  /// All fields.
  public init(terms: JobTerms, frame: UInt32, files: [String: String]) {
    self.terms = terms
    self.frame = frame
    self.files = files
  }
}

/// What a renderer answers.
public enum RendererReply: Hashable, Sendable, Codable {
  case described(device: DeviceDescription, kernelSet: Digest)
  /// The digest of the device scene, to be compared between hosts.
  case loaded(deviceScene: Digest)
  /// The payload is the fragment; `root` and `work` are what a commitment to it says.
  case rendered(root: Digest, work: UInt64, pixelCount: UInt32)
  case probed(pixels: [PixelRecord])
  /// Rays a second, on a scene of the release's own.
  case benchmarked(raysPerS: UInt64)
  case unloaded
  /// The request failed; the renderer lives on.
  case failed(Refusal)
}
