/// A SHA-256 value: the name of a blob, a job, a tile's commitment, a node of the log.
/// Ordered as its bytes. Written as 64 lower-case hex digits, on the wire and in text.
public struct Digest: Hashable, Sendable {
  /// The 32 bytes as four big-endian words: no heap, cheap to compare and to hash.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// How many bytes a digest has.
  public static let byteCount = 32
  /// All bytes zero; stands for "none" in canonical encodings that have a fixed width.
  public static let zero = Digest(words: (0, 0, 0, 0))

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Takes a digest's 32 bytes; nil for any other count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Digest.byteCount else { return nil }
    // Where they lie: a coordinator that starts reads millions of digests.
    let inPlace = bytes.withContiguousStorageIfAvailable { $0.baseAddress.map { Digest(at: $0) } }
    guard let read = inPlace else {
      self.init(bytes: Array(bytes))
      return
    }
    guard let digest = read else { return nil }
    self = digest
  }

  /// Takes exactly 64 hex digits, either case; nil otherwise.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == Digest.byteCount * 2, let bytes = [UInt8](hex: hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// Reads 32 bytes at `start`, which need not be aligned.
  package init(at start: UnsafeRawPointer) {
    let word = { (i: Int) in UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)) }
    words = (word(0), word(1), word(2), word(3))
  }

  /// Writes the 32 bytes at `start`, which need not be aligned.
  package func store(at start: UnsafeMutableRawPointer) {
    start.storeBytes(of: words.0.bigEndian, as: UInt64.self)
    start.storeBytes(of: words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
    start.storeBytes(of: words.2.bigEndian, toByteOffset: 16, as: UInt64.self)
    start.storeBytes(of: words.3.bigEndian, toByteOffset: 24, as: UInt64.self)
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Digest.byteCount) { buffer, count in
      guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
      store(at: start)
      count = Digest.byteCount
    }
  }

  /// 64 lower-case hex digits.
  public var hex: String { bytes.hex }
  /// The first 12 hex digits: enough for a person to tell two apart.
  public var short: String { String(hex.prefix(12)) }

  /// Whether all 32 bytes are equal.
  public static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }
  /// Feeds 16 of the bytes: they are evenly spread already.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.3)
  }
}

extension Digest: Comparable {
  /// Whether `a` comes before `b`.
  public static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }
}

extension Digest: CustomStringConvertible {
  /// Lower-case hex.
  public var description: String { hex }
}

extension Digest: Codable {
  /// Decodes 64 hex digits.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleHexValue("64 hex digits") { Digest(hex: $0) }
  }
  /// Encodes 64 hex digits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
