import Cryptography
import Foundation

/// The `Content-Digest` header (RFC 9530, section 2), SHA-256 only.
public enum ContentDigest {
  /// The header's value: `sha-256=:BASE64:`.
  public static func field(_ digest: Digest) -> String {
    "sha-256=:\(Data(digest.bytes).base64EncodedString()):"
  }

  /// Reads exactly what `field` writes; refuses (`badRequest`) anything else.
  public static func parse(_ value: String) throws(Refusal) -> Digest {
    var cursor = try FieldCursor(value, field: "content-digest")
    guard try cursor.key() == "sha-256" else { throw cursor.wrong("sha-256 before it") }
    try cursor.expect("=")
    let bytes = try cursor.byteSequence(count: Digest.byteCount)
    try cursor.expectEnd()
    guard let digest = Digest(bytes: bytes) else { throw cursor.wrong("32 bytes") }
    return digest
  }
}
