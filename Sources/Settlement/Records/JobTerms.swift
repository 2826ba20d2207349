import Cryptography

/// The name of a job: the digest of its terms' canonical bytes. It is also the seed of its random numbers,
/// so that no pixel rendered for another job can be passed off for this one (threat T8).
public struct JobID: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  /// SHA-256 of `JobTerms.canonicalBytes`.
  public let digest: Digest
  /// Wraps a digest.
  public init(_ digest: Digest) { self.digest = digest }
  /// Decodes 64 hex digits.
  public init(from decoder: any Decoder) throws { digest = try Digest(from: decoder) }
  /// Encodes 64 hex digits.
  public func encode(to encoder: any Encoder) throws { try digest.encode(to: encoder) }
  /// Whether `a` comes before `b`.
  public static func < (a: JobID, b: JobID) -> Bool { a.digest < b.digest }
  /// Lower-case hex.
  public var description: String { digest.hex }
}

/// What a submitter and the farm agree on, in full: with the bundle's bytes these terms determine every bit
/// of every frame, and with the log they determine every payment. Immutable once accepted.
public struct JobTerms: Hashable, Sendable, Codable {
  /// What the ray sees where it hits nothing.
  public enum Background: UInt8, Hashable, Sendable, Codable, CaseIterable {
    /// The scene's environment; alpha is 1.
    case environment = 0
    /// Nothing; alpha is the share of samples that hit a surface.
    case transparent = 1
  }

  /// Digest of the bundle manifest's canonical bytes.
  public var bundle: Digest
  /// The scene file's path inside the bundle.
  public var sceneFile: String
  /// Digest of the kernel sources that must render it.
  public var kernelSet: Digest
  /// Image width, pixels.
  public var widthPX: UInt32
  /// Image height, pixels.
  public var heightPX: UInt32
  /// Side of a tile, pixels, a multiple of 4; tiles at the right and bottom edges are cut.
  public var tileSidePX: UInt32
  /// Samples of each pixel.
  public var samplesPerPixel: UInt32
  /// Most scattering events of a path.
  public var maxDepth: UInt32
  /// What a ray that hits nothing sees.
  public var background: Background
  /// Name of the camera node; empty for the scene's first camera.
  public var camera: String
  /// Path of the environment in the bundle; empty for the scene's own.
  public var environmentFile: String
  /// Factor on the environment's radiance; nil for the scene's own.
  public var environmentStrength: Float?
  /// Turn of the environment about +Y, degrees, counter-clockwise seen from above.
  public var environmentRotationDeg: Float
  /// First frame number, at least 1. Frame n shows the time (n - 1) / framesPerSecond.
  public var firstFrame: UInt32
  /// Last frame number, inclusive.
  public var lastFrame: UInt32
  /// Frames a second of the animation's time.
  public var framesPerSecond: UInt32
  /// Price of one ray (closest-hit or shadow).
  public var pricePerRay: Microcredits
  /// Most that one tile may cost, whatever its work.
  public var capPerTile: Microcredits
  /// Who pays.
  public var submitter: PublicKey
  /// Random; makes two submissions of one scene two jobs.
  public var nonce: Digest
  /// How frames are seen and delivered; nil (absent on the wire) for the defaults of `JobFilm`.
  public var film: JobFilm?
  /// Samples of a pixel in each pass, in order, two passes or more: a tile is then one pass of its pixels,
  /// returned as exact sums. Nil (absent on the wire) for all samples at once.
  public var passes: [UInt32]?

  /// All fields, in the order of their declaration.
  public init(
    bundle: Digest, sceneFile: String, kernelSet: Digest, widthPX: UInt32, heightPX: UInt32,
    tileSidePX: UInt32,
    samplesPerPixel: UInt32, maxDepth: UInt32, background: Background, camera: String,
    environmentFile: String,
    environmentStrength: Float?, environmentRotationDeg: Float, firstFrame: UInt32, lastFrame: UInt32,
    framesPerSecond: UInt32, pricePerRay: Microcredits, capPerTile: Microcredits, submitter: PublicKey,
    nonce: Digest, film: JobFilm? = nil, passes: [UInt32]? = nil
  ) {
    self.bundle = bundle
    self.sceneFile = sceneFile
    self.kernelSet = kernelSet
    self.widthPX = widthPX
    self.heightPX = heightPX
    self.tileSidePX = tileSidePX
    self.samplesPerPixel = samplesPerPixel
    self.maxDepth = maxDepth
    self.background = background
    self.camera = camera
    self.environmentFile = environmentFile
    self.environmentStrength = environmentStrength
    self.environmentRotationDeg = environmentRotationDeg
    self.firstFrame = firstFrame
    self.lastFrame = lastFrame
    self.framesPerSecond = framesPerSecond
    self.pricePerRay = pricePerRay
    self.capPerTile = capPerTile
    self.submitter = submitter
    self.nonce = nonce
    self.film = film
    self.passes = passes
  }

  /// How many frames the job has.
  public var frameCount: Int { Int(lastFrame) - Int(firstFrame) + 1 }
}
