import CCrypto

/// A TLS server's certificate (X.509, RFC 5280) with its private key, both as PEM text.
public struct ServerCertificate: Hashable, Sendable {
  /// Why texts are no certificate and key that belong together.
  public enum Failure: Error, Hashable, Sendable {
    /// No certificate in PEM form, or none that can be read.
    case noCertificate
    /// No private key in PEM form, or it is encrypted.
    case noKey
    /// The key is another certificate's.
    case keyOfAnother
  }

  /// The server's certificate, then those that lead to an authority.
  public let certificatePEM: String
  /// Its private key.
  public let keyPEM: String
  /// SHA-256 of the key's SubjectPublicKeyInfo: the same for every certificate of one key.
  public let keyDigest: Digest
  /// Seconds since 1970 after which nobody should take it.
  public let expiresS: Int64

  /// Reads both texts and checks that they belong together.
  public init(certificatePEM: String, keyPEM: String) throws(Failure) {
    guard let certificate = readPEM(certificatePEM, { PEM_read_bio_X509($0, nil, noPassword, nil) }) else {
      throw .noCertificate
    }
    defer { X509_free(certificate) }
    guard let key = readPEM(keyPEM, { PEM_read_bio_PrivateKey($0, nil, noPassword, nil) }) else {
      throw .noKey
    }
    defer { EVP_PKEY_free(key) }
    guard X509_check_private_key(certificate, key) == 1, let digest = digestOfPublicKey(key) else {
      throw .keyOfAnother
    }
    self.certificatePEM = certificatePEM
    self.keyPEM = keyPEM
    keyDigest = digest
    var (days, seconds) = (Int32(0), Int32(0))
    let epoch = ASN1_TIME_set(nil, 0)
    defer { ASN1_STRING_free(epoch) }
    ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate))
    expiresS = Int64(days) * 86_400 + Int64(seconds)
  }

  /// A new ECDSA key on P-256 (FIPS 186-5), which every TLS library knows, as PEM text.
  public static func newKeyPEM() -> String {
    guard let key = farm_new_p256_key() else { preconditionFailure("libcrypto makes no P-256 key") }
    defer { EVP_PKEY_free(key) }
    guard let text = writePEM({ PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }) else {
      preconditionFailure("libcrypto writes no P-256 key")
    }
    return text
  }

  /// A certificate that its own key signs: for clients that know the key already.
  ///
  /// - Parameters:
  ///   - keyPEM: an unencrypted private key.
  ///   - names: host names and IP addresses it is for; those that no certificate can have are left out.
  ///   - fromS: seconds since 1970 from which on it holds.
  ///   - days: how long it holds.
  public static func selfSigned(
    keyPEM: String, names: [String], fromS: Int64, days: Int64
  ) throws(Failure) -> ServerCertificate {
    guard let key = readPEM(keyPEM, { PEM_read_bio_PrivateKey($0, nil, noPassword, nil) }) else {
      throw .noKey
    }
    defer { EVP_PKEY_free(key) }
    guard let certificate = X509_new() else { throw .noCertificate }
    defer { X509_free(certificate) }
    X509_set_version(certificate, Int(X509_VERSION_3))
    let number = BN_bin2bn([1] + randomBytes(count: 15), 16, nil)
    defer { BN_free(number) }
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate))
    ASN1_TIME_set(X509_getm_notBefore(certificate), Int(fromS))
    ASN1_TIME_set(X509_getm_notAfter(certificate), Int(fromS + days * 86_400))
    let subject = X509_get_subject_name(certificate)
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, "render farm", -1, -1, 0)
    X509_set_issuer_name(certificate, subject)
    X509_set_pubkey(certificate, key)
    for (extensionID, value) in [
      (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
      (NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, alternativeNames(names)),
    ] where !value.isEmpty {
      guard farm_x509_extend(certificate, extensionID, value) == 1 else { throw .noCertificate }
    }
    guard X509_sign(certificate, key, EVP_sha256()) > 0,
      let text = writePEM({ PEM_write_bio_X509($0, certificate) })
    else { throw .noCertificate }
    return try ServerCertificate(certificatePEM: text, keyPEM: keyPEM)
  }

  /// As libcrypto's configuration language writes a subjectAltName; only names that cannot break out of it.
  private static func alternativeNames(_ names: [String]) -> String {
    names.compactMap { name in
      let isPlain =
        !name.isEmpty
        && name.utf8.allSatisfy { byte in
          (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || ".-:".utf8.contains(byte)
        }
      guard isPlain else { return nil }
      let isAddress = name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
      return (isAddress ? "IP:" : "DNS:") + name
    }.joined(separator: ",")
  }
}

/// Answers that there is none: nobody is asked on a terminal.
private let noPassword:
  @convention(c) (
    UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
  ) -> Int32 = { _, _, _, _ in -1 }

private func readPEM(_ text: String, _ read: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
  Array(text.utf8).withUnsafeBytes { bytes in
    guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
    defer {
      BIO_free(bio)
      // What one text was wrong with is nothing to the next call.
      ERR_clear_error()
    }
    return read(bio)
  }
}

private func writePEM(_ write: (OpaquePointer) -> Int32) -> String? {
  guard let bio = BIO_new(BIO_s_mem()) else { return nil }
  defer { BIO_free(bio) }
  var bytes: UnsafeMutablePointer<CChar>?
  guard write(bio) == 1 else { return nil }
  let count = farm_bio_bytes(bio, &bytes)
  guard count > 0, let bytes else { return nil }
  return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
}

private func digestOfPublicKey(_ key: OpaquePointer) -> Digest? {
  var bytes: UnsafeMutablePointer<UInt8>?
  let count = i2d_PUBKEY(key, &bytes)
  guard count > 0, let bytes else { return nil }
  defer { CRYPTO_free(bytes, "", 0) }
  return Digest(of: UnsafeRawBufferPointer(start: bytes, count: Int(count)))
}
