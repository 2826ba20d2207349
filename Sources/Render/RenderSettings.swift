import Cryptography
import Imaging
import SceneModel

/// What decides a frame's bits besides the device scene.
public struct RenderSettings: Hashable, Sendable {
  /// Image width, pixels.
  public var widthPX: Int
  /// Image height, pixels.
  public var heightPX: Int
  /// Samples of each pixel.
  public var samplesPerPixel: Int
  /// Most scattering events of a path, at least 1 (1: direct light only).
  public var maxDepth: Int
  /// Rays that hit nothing see nothing, and count as transparent.
  public var transparentBackground: Bool
  /// Seed of the random numbers: a job's digest, or `seed(number:)`.
  public var seed: Digest
  /// Frame number, mixed into the seed.
  public var frame: UInt32
  /// How a pixel weighs the light around it.
  public var filter: PixelFilter
  /// Layers beside beauty, alpha and work.
  public var layers: LayerSet

  /// All fields, in the order of their declaration.
  public init(
    widthPX: Int, heightPX: Int, samplesPerPixel: Int, maxDepth: Int, transparentBackground: Bool,
    seed: Digest, frame: UInt32, filter: PixelFilter = .box, layers: LayerSet = []
  ) {
    self.widthPX = widthPX
    self.heightPX = heightPX
    self.samplesPerPixel = samplesPerPixel
    self.maxDepth = maxDepth
    self.transparentBackground = transparentBackground
    self.seed = seed
    self.frame = frame
    self.filter = filter
    self.layers = layers
  }

  /// All pixels.
  public var wholeImage: TileRect { TileRect(x: 0, y: 0, width: widthPX, height: heightPX) }

  /// The seed that `--seed NUMBER` stands for.
  public static func seed(number: UInt64) -> Digest {
    var writer = CanonicalWriter(type: "seed")
    writer.write(number)
    return Digest(of: writer.bytes)
  }

  /// The four words the kernel mixes with each pixel's position: SHA-256(`farm/rng/v1\n` || seed ||
  /// frame)[:16].
  public var kernelSeed: [UInt32] {
    var writer = CanonicalWriter(type: "rng")
    writer.write(seed)
    writer.write(frame)
    let bytes = Digest(of: writer.bytes).bytes
    return (0..<4).map { i in bytes[4 * i..<4 * i + 4].reduce(0) { $0 << 8 | UInt32($1) } }
  }
}
