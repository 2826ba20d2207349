import Cryptography

/// A server's public key by its fingerprint: SHA-256 of the SubjectPublicKeyInfo (RFC 7469, section 2.4).
/// Written `sha256-` and 43 characters of base64url (RFC 4648, section 5), as in a join URL's fragment.
public struct KeyPin: Hashable, Sendable, CustomStringConvertible {
  /// The fingerprint.
  public let digest: Digest

  /// A pin of a fingerprint.
  public init(_ digest: Digest) { self.digest = digest }

  /// Reads what `description` writes; nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.hasPrefix(KeyPin.prefix), !text.contains("+"), !text.contains("/") else { return nil }
    let standard = String(
      text.dropFirst(KeyPin.prefix.count).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    guard let bytes = [UInt8](base64: standard + "="), let digest = Digest(bytes: bytes) else { return nil }
    self.digest = digest
  }

  /// `sha256-BASE64URL`.
  public var description: String {
    KeyPin.prefix + String(digest.bytes.base64.dropLast().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
  }

  /// As libcurl takes it (CURLOPT_PINNEDPUBLICKEY).
  var libcurlText: String { "sha256//\(digest.bytes.base64)" }

  private static let prefix = "sha256-"
}
