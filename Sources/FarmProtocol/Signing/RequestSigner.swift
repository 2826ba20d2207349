import Cryptography
import Foundation

/// Signs HTTP requests: RFC 9421 with Ed25519 (section 3.3.6), the body by its RFC 9530 digest.
public struct RequestSigner: Sendable {
  private let key: SigningKey

  /// Signs as `key`.
  public init(key: SigningKey) { self.key = key }

  /// A nonce nobody used before: 16 random bytes in hex.
  public static func randomNonce() -> String { randomBytes(count: 16).hex }

  /// The headers that make a request the key's: `Content-Digest`, `Signature-Input`, `Signature`.
  ///
  /// - Parameters:
  ///   - path: as it travels, percent-encoded, without the query.
  ///   - query: without its `?`; empty for none.
  ///   - authority: host and port as in `Host`, to bind the request to one server as well; nil does not.
  ///   - bodyDigest: SHA-256 of the body, of no bytes when there is none.
  ///   - createdS: now, seconds since 1970.
  public func headers(
    method: String, path: String, query: String = "", authority: String? = nil, bodyDigest: Digest,
    createdS: UInt64, nonce: String
  ) -> [(name: String, value: String)] {
    let digest = ContentDigest.field(bodyDigest)
    var components = [("@method", method), ("@path", path), ("@query", "?" + query)]
    if let authority { components.append(("@authority", authority.lowercased())) }
    components.append(("content-digest", digest))
    let names = components.map { "\"\($0.0)\"" }.joined(separator: " ")
    let parameters =
      "(\(names));created=\(createdS);nonce=\"\(nonce)\";keyid=\"\(key.publicKey.hex)\";alg=\"ed25519\""
    let base = SignatureInput.base(
      components: components.map { (name: $0.0, value: $0.1) }, parameters: parameters)
    let signature = Data(key.sign(base).bytes).base64EncodedString()
    return [
      ("content-digest", digest), ("signature-input", "sig=\(parameters)"),
      ("signature", "sig=:\(signature):"),
    ]
  }
}
