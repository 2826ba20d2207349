/// Writes the one byte string an object has: a domain line, then fixed-width big-endian fields.
/// Two objects are equal exactly when these bytes are; every signature and digest is over them.
/// (design: settlement protocol, section 2.1)
public struct CanonicalWriter {
  /// What has been written.
  public private(set) var bytes: [UInt8]

  /// Starts with `farm/<type>/v1\n`, so that bytes of one type can never be read as another.
  public init(type: String) {
    bytes = []
    bytes.reserveCapacity(512)
    bytes.append(contentsOf: "farm/\(type)/v1\n".utf8)
  }

  /// Appends an integer, big-endian, in its own width.
  public mutating func write(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }
  /// Appends 32 bytes.
  public mutating func write(_ value: Digest) {
    withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { buffer in
      if let start = buffer.baseAddress { value.store(at: start) }
      bytes.append(contentsOf: buffer)
    }
  }
  /// Appends 32 bytes.
  public mutating func write(_ value: PublicKey) { write(value.value) }
  /// Appends 64 bytes.
  public mutating func write(_ value: Signature) { bytes.append(contentsOf: value.bytes) }
  /// Appends a u32 count, then the bytes.
  public mutating func write(counted value: [UInt8]) {
    write(UInt32(value.count))
    bytes.append(contentsOf: value)
  }
  /// Appends a u32 count of UTF-8 bytes, then those.
  public mutating func write(_ value: String) { write(counted: Array(value.utf8)) }
}

/// Why canonical bytes could not be read.
public enum CanonicalError: Error, Equatable, Sendable {
  /// The bytes do not start with the expected domain line.
  case wrongType(expected: String)
  /// The bytes end inside a field.
  case truncated(neededBytes: Int, remainingBytes: Int)
  /// Bytes are left after the last field.
  case trailing(bytes: Int)
  /// A field has a value that the type does not allow.
  case invalid(field: String)
}

/// Reads what `CanonicalWriter` wrote. Every read checks the bound first; `finish` refuses leftovers.
public struct CanonicalReader {
  private let bytes: [UInt8]
  private var offset: Int

  /// Checks the domain line.
  public init(_ bytes: [UInt8], type: String) throws(CanonicalError) {
    let prefix = Array("farm/\(type)/v1\n".utf8)
    guard bytes.starts(with: prefix) else { throw .wrongType(expected: type) }
    self.bytes = bytes
    offset = prefix.count
  }

  private mutating func take(_ count: Int) throws(CanonicalError) -> ArraySlice<UInt8> {
    let remaining = bytes.count - offset
    guard count >= 0, count <= remaining else {
      throw .truncated(neededBytes: count, remainingBytes: remaining)
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  /// Reads a big-endian integer of its own width.
  public mutating func read<T: FixedWidthInteger>(_: T.Type = T.self) throws(CanonicalError) -> T {
    try take(T.bitWidth / 8).withUnsafeBytes { T(bigEndian: $0.loadUnaligned(as: T.self)) }
  }
  /// Reads 32 bytes.
  public mutating func readDigest() throws(CanonicalError) -> Digest {
    guard let value = Digest(bytes: try take(Digest.byteCount)) else { throw .invalid(field: "digest") }
    return value
  }
  /// Reads 32 bytes.
  public mutating func readPublicKey() throws(CanonicalError) -> PublicKey {
    PublicKey(try readDigest())
  }
  /// Reads 64 bytes.
  public mutating func readSignature() throws(CanonicalError) -> Signature {
    guard let value = Signature(bytes: try take(Signature.byteCount)) else {
      throw .invalid(field: "signature")
    }
    return value
  }
  /// Reads a u32 count, then that many bytes.
  public mutating func readCounted() throws(CanonicalError) -> [UInt8] {
    let count: UInt32 = try read()
    return Array(try take(Int(count)))
  }
  /// Reads counted UTF-8.
  public mutating func readString() throws(CanonicalError) -> String {
    guard let text = String(validating: try readCounted(), as: UTF8.self) else {
      throw .invalid(field: "text")
    }
    return text
  }
  /// Refuses bytes after the last field.
  public func finish() throws(CanonicalError) {
    guard offset == bytes.count else { throw .trailing(bytes: bytes.count - offset) }
  }
}
