import CCrypto

/// An Ed25519 public key (RFC 8032): who an account is. Written as 64 hex digits.
public struct PublicKey: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The 32 bytes, in the form of a digest: no heap.
  package let value: Digest

  /// Takes the 32 bytes.
  package init(_ value: Digest) { self.value = value }
  /// Takes the 32 bytes; nil for any other count. Whether they are a point is found out when verifying.
  public init?(bytes: some Collection<UInt8>) {
    guard let value = Digest(bytes: bytes) else { return nil }
    self.value = value
  }
  /// Takes 64 hex digits.
  public init?(hex: some StringProtocol) {
    guard let value = Digest(hex: hex) else { return nil }
    self.value = value
  }
  /// Decodes 64 hex digits.
  public init(from decoder: any Decoder) throws { value = try Digest(from: decoder) }
  /// Encodes 64 hex digits.
  public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }

  /// The 32 bytes.
  public var bytes: [UInt8] { value.bytes }
  /// 64 lower-case hex digits.
  public var hex: String { value.hex }
  /// The first 12 hex digits, for people.
  public var short: String { value.short }
  /// Lower-case hex.
  public var description: String { hex }
  /// Whether `a` comes before `b`.
  public static func < (a: PublicKey, b: PublicKey) -> Bool { a.value < b.value }

  /// Whether `signature` is this key's over `message`. A key that is no point verifies nothing.
  public func verifies(_ signature: Signature, of message: [UInt8]) -> Bool {
    guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, 32) else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, signature.bytes, signature.bytes.count, message, message.count) == 1
  }
}

/// An Ed25519 signature: 64 bytes, written as 128 hex digits.
public struct Signature: Hashable, Sendable, Codable {
  /// The 64 bytes.
  public let bytes: [UInt8]
  /// How many bytes a signature has.
  public static let byteCount = 64

  /// Takes the 64 bytes; nil for any other count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Signature.byteCount else { return nil }
    self.bytes = Array(bytes)
  }
  /// Decodes 128 hex digits.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleHexValue("128 hex digits") { [UInt8](hex: $0).flatMap { Signature(bytes: $0) } }
  }
  /// Encodes 128 hex digits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(bytes.hex)
  }
}

// libcrypto's keys are counted and never change; any number of threads may sign with one.
/// A private key as libcrypto has it: making one multiplies a point, which is half of what signing takes.
private final class PreparedKey: @unchecked Sendable {
  let key: OpaquePointer

  /// Nil for any but 32 bytes.
  init?(seed: [UInt8]) {
    guard seed.count == 32, let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, 32) else {
      return nil
    }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }
}

/// An Ed25519 private key. Its seed never leaves the file it was made in, but for `seed`.
public struct SigningKey: Sendable {
  /// The 32 secret bytes of RFC 8032, section 5.1.5.
  public let seed: [UInt8]
  /// The key others know this one by.
  public let publicKey: PublicKey
  private let prepared: PreparedKey

  /// Takes a seed of 32 bytes; nil for any other count.
  public init?(seed: [UInt8]) {
    guard let prepared = PreparedKey(seed: seed) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = 32
    guard EVP_PKEY_get_raw_public_key(prepared.key, &bytes, &count) == 1,
      let publicKey = PublicKey(bytes: bytes)
    else {
      return nil
    }
    self.seed = seed
    self.publicKey = publicKey
    self.prepared = prepared
  }

  /// A new key from the system's randomness.
  public static func random() -> SigningKey {
    guard let key = SigningKey(seed: randomBytes(count: 32)) else {
      preconditionFailure("libcrypto refused a 32-byte seed")
    }
    return key
  }

  /// Signs `message` (pure Ed25519: the same message always gives the same signature).
  public func sign(_ message: [UInt8]) -> Signature {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var bytes = [UInt8](repeating: 0, count: Signature.byteCount)
    var count = bytes.count
    guard EVP_DigestSignInit(context, nil, nil, nil, prepared.key) == 1,
      EVP_DigestSign(context, &bytes, &count, message, message.count) == 1,
      let signature = Signature(bytes: bytes)
    else { preconditionFailure("libcrypto cannot sign \(message.count) bytes") }
    return signature
  }
}

/// Bytes from the system's randomness: keys, nonces, epoch secrets. Never used for rendering.
public func randomBytes(count: Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  let done = RAND_bytes(&bytes, Int32(count))
  precondition(done == 1, "the system has no randomness")
  return bytes
}
