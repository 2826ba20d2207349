import Cryptography

/// A signed statement of a log's size and root (C2SP tlog-checkpoint), without extension lines.
public struct Checkpoint: Hashable, Sendable {
  /// Which log.
  public var origin: String
  /// How many entries.
  public var size: UInt64
  /// RFC 6962 root over them.
  public var root: Digest

  /// All fields.
  public init(origin: String, size: UInt64, root: Digest) {
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Three lines: origin, decimal size, base64 root.
  public var text: String { "\(origin)\n\(size)\n\(root.bytes.base64)\n" }

  /// Reads the three lines; each value has one spelling.
  public init(text: String) throws(SettlementError) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[3].isEmpty else { throw .checkpointMalformed(line: min(lines.count, 4)) }
    guard !lines[0].isEmpty else { throw .checkpointMalformed(line: 1) }
    guard let size = UInt64(lines[1]), String(size) == lines[1] else { throw .checkpointMalformed(line: 2) }
    guard let bytes = [UInt8](base64: lines[2]), let root = Digest(bytes: bytes) else {
      throw .checkpointMalformed(line: 3)
    }
    self.init(origin: String(lines[0]), size: size, root: root)
  }

  /// The file `checkpoint`: this text with the log's signature under its origin.
  public func signed(by key: SigningKey) -> SignedNote {
    var note = SignedNote(text: text)
    note.sign(name: origin, by: key)
    return note
  }

  /// Reads and checks the file `checkpoint`; the key's name must be the origin.
  public init(signedNote bytes: [UInt8], key: VerifierKey) throws(SettlementError) {
    let note = try SignedNote(bytes: bytes)
    try note.verify(by: key)
    try self.init(text: note.text)
    guard origin == key.name else { throw .originDiffers(expected: key.name, found: origin) }
  }
}
