import Cryptography

/// A text with signatures below it (C2SP signed-note): the text, an empty line, and for each signature
/// `— name base64(key id || signature)`.
public struct SignedNote: Hashable, Sendable {
  /// One signature line.
  public struct SignatureLine: Hashable, Sendable {
    /// The signer's name.
    public var name: String
    /// Key id (4 bytes) and signature.
    public var bytes: [UInt8]
    /// A line.
    public init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// Most bytes of a note that is read.
  public static let bytesMax = 64 << 10
  /// Most signatures of a note that is read.
  public static let signaturesMax = 100

  /// What is signed, with its last line end.
  public var text: String
  /// The signatures in the order of their lines.
  public var signatures: [SignatureLine]

  /// A note to sign; the text must end with a line end.
  public init(text: String, signatures: [SignatureLine] = []) {
    precondition(text.hasSuffix("\n"), "a note's text ends with a line end")
    self.text = text
    self.signatures = signatures
  }

  /// Reads a note's bytes.
  public init(bytes: [UInt8]) throws(SettlementError) {
    guard bytes.count <= SignedNote.bytesMax, let note = String(validating: bytes, as: UTF8.self),
      note.unicodeScalars.allSatisfy({ $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F })
    else { throw .noteMalformed(line: 1) }
    let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
    guard let gap = lines.dropLast().lastIndex(of: ""), gap > 0, lines.last == "" else {
      throw .noteMalformed(line: lines.count)
    }
    let signatureLines = lines[(gap + 1)..<(lines.count - 1)]
    guard !signatureLines.isEmpty, signatureLines.count <= SignedNote.signaturesMax else {
      throw .noteMalformed(line: gap + 2)
    }
    text = lines[..<gap].joined(separator: "\n") + "\n"
    signatures = []
    for index in signatureLines.indices {
      guard let line = SignatureLine(lines[index]) else { throw .noteMalformed(line: index + 1) }
      signatures.append(line)
    }
  }

  /// The note as it is published.
  public var bytes: [UInt8] {
    Array((text + "\n" + signatures.map { "— \($0.name) \($0.bytes.base64)\n" }.joined()).utf8)
  }

  /// Adds a signature under `name`, which must be a valid one.
  public mutating func sign(name: String, by key: SigningKey) {
    guard let verifierKey = VerifierKey(name: name, publicKey: key.publicKey) else {
      preconditionFailure("\"\(name)\" cannot sign notes")
    }
    let signature = key.sign(Array(text.utf8))
    signatures.append(SignatureLine(name: name, bytes: verifierKey.idBytes + signature.bytes))
  }

  /// Demands a right signature by `key`; a second, wrong one that claims the same key is refused too.
  public func verify(by key: VerifierKey) throws(SettlementError) {
    let claims = signatures.filter { $0.name == key.name && $0.bytes.starts(with: key.idBytes) }
    guard !claims.isEmpty else { throw .noteUnsigned(keyName: key.name) }
    let message = Array(text.utf8)
    for claim in claims {
      guard let signature = Signature(bytes: claim.bytes.dropFirst(4)),
        key.publicKey.verifies(signature, of: message)
      else { throw .noteSignatureWrong(keyName: key.name) }
    }
  }
}

extension SignedNote.SignatureLine {
  fileprivate init?(_ line: Substring) {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "—", VerifierKey.isName(String(parts[1])),
      let bytes = [UInt8](base64: parts[2]), bytes.count > 4
    else { return nil }
    self.init(name: String(parts[1]), bytes: bytes)
  }
}
