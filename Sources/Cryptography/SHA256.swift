import CCrypto

/// SHA-256 (FIPS 180-4) by libcrypto, which uses the processor's SHA instructions.
public struct SHA256: ~Copyable {
  // libcrypto never changes it; any number of threads may use it.
  /// Fetched once: to look it up takes a lock and a fifth of the time of a short message.
  private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  private let context: OpaquePointer

  /// Starts an empty message.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, SHA256.algorithm, nil) == 1 else {
      preconditionFailure("libcrypto cannot start SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(done == 1, "libcrypto refused \(bytes.count) bytes")
  }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// The digest of everything appended; the hasher then starts an empty message again.
  public mutating func finalize() -> Digest {
    withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { out in
      var count: UInt32 = 0
      let done = EVP_DigestFinal_ex(context, out.baseAddress, &count)
      // A nil type keeps the algorithm: no look-up for each of a tile's thousands of messages.
      let restarted = EVP_DigestInit_ex(context, nil, nil)
      guard done == 1, restarted == 1, count == Digest.byteCount, let start = out.baseAddress else {
        preconditionFailure("libcrypto gave a SHA-256 of \(count) bytes")
      }
      return Digest(at: start)
    }
  }
}

extension Digest {
  /// SHA-256 of `bytes`.
  public init(of bytes: [UInt8]) {
    var hasher = SHA256()
    hasher.update(bytes)
    self = hasher.finalize()
  }

  /// SHA-256 of `bytes`.
  public init(of bytes: UnsafeRawBufferPointer) {
    var hasher = SHA256()
    hasher.update(bytes)
    self = hasher.finalize()
  }
}
