import Cryptography

/// A named Ed25519 key as signed notes know it (C2SP signed-note): `name+keyid+base64(0x01 || public key)`.
public struct VerifierKey: Hashable, Sendable, LosslessStringConvertible {
  /// Signature type of Ed25519 in signed notes.
  static let ed25519: UInt8 = 0x01

  /// Who signs; for a log, its origin.
  public let name: String
  /// The key.
  public let publicKey: PublicKey

  /// A key of that name; nil when the name is empty or has white space or a plus sign.
  public init?(name: String, publicKey: PublicKey) {
    guard VerifierKey.isName(name) else { return nil }
    self.name = name
    self.publicKey = publicKey
  }

  /// Reads the text form; nil when it has another form or an id that is not the key's.
  public init?(_ description: String) {
    let parts = description.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = [UInt8](base64: parts[2]), bytes.count == 33,
      bytes[0] == VerifierKey.ed25519, let publicKey = PublicKey(bytes: bytes[1...])
    else { return nil }
    self.init(name: String(parts[0]), publicKey: publicKey)
    guard idBytes.hex == parts[1] else { return nil }
  }

  /// The first four bytes of SHA-256(name || 0x0A || type || public key).
  public var idBytes: [UInt8] {
    Array(Digest(of: Array(name.utf8) + [0x0A, VerifierKey.ed25519] + publicKey.bytes).bytes.prefix(4))
  }

  /// The text form.
  public var description: String {
    "\(name)+\(idBytes.hex)+\(([VerifierKey.ed25519] + publicKey.bytes).base64)"
  }

  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" }
  }
}
