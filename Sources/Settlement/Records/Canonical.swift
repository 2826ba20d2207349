import Cryptography

/// An object of the protocol with one byte string, which digests and signatures are over.
public protocol CanonicalRecord: Sendable {
  /// The domain name in `farm/<type>/v1`.
  static var canonicalType: String { get }
  /// Appends every field in order.
  func encode(into writer: inout CanonicalWriter)
  /// Reads every field in order.
  init(from reader: inout CanonicalReader) throws(CanonicalError)
}

extension CanonicalRecord {
  /// The canonical bytes.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalWriter(type: Self.canonicalType)
    encode(into: &writer)
    return writer.bytes
  }
  /// SHA-256 of the canonical bytes.
  public var digest: Digest { Digest(of: canonicalBytes) }

  /// Reads canonical bytes; refuses another type, a short read and leftovers.
  public init(canonicalBytes: [UInt8]) throws(CanonicalError) {
    var reader = try CanonicalReader(canonicalBytes, type: Self.canonicalType)
    self = try Self(from: &reader)
    try reader.finish()
  }
}

/// A record with its author's signature over the canonical bytes.
public struct Signed<Record: CanonicalRecord & Codable & Hashable>: Hashable, Sendable, Codable {
  /// What was signed.
  public var record: Record
  /// Ed25519 over `record.canonicalBytes`.
  public var signature: Signature

  /// Joins a record with a signature made elsewhere.
  public init(record: Record, signature: Signature) {
    self.record = record
    self.signature = signature
  }
  /// Signs a record.
  public init(_ record: Record, by key: SigningKey) {
    self.init(record: record, signature: key.sign(record.canonicalBytes))
  }
  /// Whether `key` signed exactly this record.
  public func isSigned(by key: PublicKey) -> Bool { key.verifies(signature, of: record.canonicalBytes) }
}

extension JobTerms: CanonicalRecord {
  /// The type in the domain line of its canonical bytes.
  public static let canonicalType = "job"

  /// In the byte of the background: film follows at the end. Terms without it keep the bytes, and the name,
  /// that they had before there was any.
  private static let filmFlag: UInt8 = 0x80
  /// In the same byte: passes follow after that, a count and the samples of each.
  private static let passesFlag: UInt8 = 0x40

  /// Appends every field in order.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(bundle)
    writer.write(sceneFile)
    writer.write(kernelSet)
    for value in [widthPX, heightPX, tileSidePX, samplesPerPixel, maxDepth] { writer.write(value) }
    writer.write(
      background.rawValue | (film == nil ? 0 : JobTerms.filmFlag) | (passes == nil ? 0 : JobTerms.passesFlag))
    writer.write(camera)
    writer.write(environmentFile)
    writer.write(UInt8(environmentStrength == nil ? 0 : 1))
    writer.write(JobTerms.canonicalBits(environmentStrength ?? 0))
    writer.write(JobTerms.canonicalBits(environmentRotationDeg))
    for value in [firstFrame, lastFrame, framesPerSecond] { writer.write(value) }
    writer.write(pricePerRay.value)
    writer.write(capPerTile.value)
    writer.write(submitter)
    writer.write(nonce)
    film?.encode(into: &writer)
    guard let passes else { return }
    writer.write(UInt32(passes.count))
    for samples in passes { writer.write(samples) }
  }

  /// Reads every field in order.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    bundle = try reader.readDigest()
    sceneFile = try reader.readString()
    kernelSet = try reader.readDigest()
    widthPX = try reader.read()
    heightPX = try reader.read()
    tileSidePX = try reader.read()
    samplesPerPixel = try reader.read()
    maxDepth = try reader.read()
    let flags: UInt8 = try reader.read()
    guard let background = Background(rawValue: flags & ~(JobTerms.filmFlag | JobTerms.passesFlag)) else {
      throw .invalid(field: "background")
    }
    self.background = background
    camera = try reader.readString()
    environmentFile = try reader.readString()
    let hasStrength: UInt8 = try reader.read()
    let strength = try JobTerms.readFloat(from: &reader, field: "environmentStrength")
    guard hasStrength == 1 || hasStrength == 0 && strength.bitPattern == 0 else {
      throw .invalid(field: "environmentStrength")
    }
    environmentStrength = hasStrength == 0 ? nil : strength
    environmentRotationDeg = try JobTerms.readFloat(from: &reader, field: "environmentRotationDeg")
    firstFrame = try reader.read()
    lastFrame = try reader.read()
    framesPerSecond = try reader.read()
    pricePerRay = Microcredits(try reader.read())
    capPerTile = Microcredits(try reader.read())
    submitter = try reader.readPublicKey()
    nonce = try reader.readDigest()
    film = flags & JobTerms.filmFlag == 0 ? nil : try JobFilm(from: &reader)
    passes = flags & JobTerms.passesFlag == 0 ? nil : try JobTerms.readPasses(from: &reader)
  }

  private static func readPasses(from reader: inout CanonicalReader) throws(CanonicalError) -> [UInt32] {
    let count: UInt32 = try reader.read()
    guard count <= JobTerms.passesMax else { throw .invalid(field: "passes") }
    var passes: [UInt32] = []
    for _ in 0..<count { passes.append(try reader.read()) }
    return passes
  }

  /// Zero has one spelling, as equal terms must have equal bytes.
  static func canonicalBits(_ value: Float) -> UInt32 { value == 0 ? 0 : value.bitPattern }

  /// Refuses what `canonicalBits` does not write, and what is no number.
  static func readFloat(
    from reader: inout CanonicalReader, field: String
  ) throws(CanonicalError) -> Float {
    let bits: UInt32 = try reader.read()
    let value = Float(bitPattern: bits)
    guard value.isFinite, canonicalBits(value) == bits else { throw .invalid(field: field) }
    return value
  }

  /// The job's name.
  public var id: JobID { JobID(digest) }
}

extension Assignment: CanonicalRecord {
  /// The type in the domain line of its canonical bytes.
  public static let canonicalType = "assignment"

  /// Appends every field in order.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(job.digest)
    writer.write(tile.value)
    writer.write(attempt)
    writer.write(fence)
    writer.write(worker)
    writer.write(deadlineMS)
    writer.write(reservedAt)
  }

  /// Reads every field in order.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    job = JobID(try reader.readDigest())
    tile = TileIndex(try reader.read())
    attempt = try reader.read()
    fence = try reader.read()
    worker = try reader.readPublicKey()
    deadlineMS = try reader.read()
    reservedAt = try reader.read()
  }
}

extension Commitment: CanonicalRecord {
  /// The type in the domain line of its canonical bytes.
  public static let canonicalType = "commitment"

  /// Appends every field in order.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(assignment)
    writer.write(root)
    writer.write(pixelCount)
    writer.write(work)
    writer.write(fragment)
    writer.write(deviceScene)
    writer.write(device)
  }

  /// Reads every field in order.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    assignment = try reader.readDigest()
    root = try reader.readDigest()
    pixelCount = try reader.read()
    work = try reader.read()
    fragment = try reader.readDigest()
    deviceScene = try reader.readDigest()
    device = try reader.readDigest()
  }
}

extension Verdict: CanonicalRecord {
  /// The type in the domain line of its canonical bytes.
  public static let canonicalType = "verdict"

  /// Appends every field in order.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(commitment)
    writer.write(epoch)
    writer.write(workProbes)
    writer.write(observed)
    writer.write(work)
    writer.write(verifier)
    writer.write(outcome.rawValue)
  }

  /// Reads every field in order.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    commitment = try reader.readDigest()
    epoch = try reader.read()
    workProbes = try reader.read()
    observed = try reader.readDigest()
    work = try reader.read()
    verifier = try reader.readPublicKey()
    guard let outcome = Outcome(rawValue: try reader.read()) else { throw .invalid(field: "outcome") }
    self.outcome = outcome
  }
}
