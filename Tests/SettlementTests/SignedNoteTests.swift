import Cryptography
import Settlement
import Testing

@Suite struct SignedNoteTests {
  /// The example of C2SP signed-note.
  static let exampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
  static let exampleSignature =
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
  static let example = "This is an example message.\n\n— example.com/foo \(exampleSignature)\n"

  /// A log of our own: seed 00..1f, the eight leaves of the reference tree.
  static let ownKey = "farm.example/ledger+4d02ca38+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
  static let ownBody = "farm.example/ledger\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
  static let ownSignature =
    "TQLKOHsoqyy8g5UhQwxZNrgaoB99ogzTNFWAosyGNUSWmi0mYPmxos0g6T1ZOZdlgKcH8tRhZvtE/+b2sEMQMsw92gE="

  @Test func `the example note of C2SP verifies`() throws {
    let key = try #require(VerifierKey(Self.exampleKey))
    #expect(key.description == Self.exampleKey)
    let note = try SignedNote(bytes: Array(Self.example.utf8))
    try note.verify(by: key)
    #expect(note.text == "This is an example message.\n")
    #expect(note.bytes == Array(Self.example.utf8))
  }

  @Test func `our checkpoint has the bytes computed elsewhere`() throws {
    let key = try #require(SigningKey(seed: Array(0..<32)))
    let checkpoint = Checkpoint(
      origin: "farm.example/ledger", size: 8, root: TransparencyLog(leafHashes: MerkleTreeTests.leaves).root)
    #expect(checkpoint.text == Self.ownBody)
    let note = checkpoint.signed(by: key)
    #expect(note.bytes == Array("\(Self.ownBody)\n— farm.example/ledger \(Self.ownSignature)\n".utf8))
    let verifierKey = try #require(VerifierKey(name: "farm.example/ledger", publicKey: key.publicKey))
    #expect(verifierKey.description == Self.ownKey)
    #expect(try Checkpoint(signedNote: note.bytes, key: verifierKey) == checkpoint)
  }

  @Test func `any changed byte of a signed checkpoint is refused`() throws {
    let key = try #require(VerifierKey(Self.ownKey))
    let bytes = Array("\(Self.ownBody)\n— farm.example/ledger \(Self.ownSignature)\n".utf8)
    for i in bytes.indices {
      for change in [UInt8(1), 0x20, 0x80] {
        var wrong = bytes
        wrong[i] ^= change
        #expect(throws: SettlementError.self) { try Checkpoint(signedNote: wrong, key: key) }
      }
      #expect(throws: SettlementError.self) { try Checkpoint(signedNote: Array(bytes[..<i]), key: key) }
    }
  }

  @Test func `a note without the key's signature, or with a second wrong one, is refused`() throws {
    let (mine, other) = (signingKey(1), signingKey(2))
    let key = try #require(VerifierKey(name: "a/log", publicKey: mine.publicKey))
    var note = SignedNote(text: "hello\n")
    note.sign(name: "b/log", by: other)
    #expect(throws: SettlementError.noteUnsigned(keyName: "a/log")) { try note.verify(by: key) }
    note.sign(name: "a/log", by: mine)
    try note.verify(by: key)
    let forged = Array(note.signatures[1].bytes.prefix(4)) + [UInt8](repeating: 0, count: 64)
    note.signatures.append(.init(name: "a/log", bytes: forged))
    #expect(throws: SettlementError.noteSignatureWrong(keyName: "a/log")) { try note.verify(by: key) }
  }

  @Test func `a note's text may have empty lines`() throws {
    var note = SignedNote(text: "one\n\nthree\n")
    note.sign(name: "a", by: signingKey(1))
    #expect(try SignedNote(bytes: note.bytes) == note)
  }

  @Test(arguments: [
    "", "a\n", "a\n\n", "a\n\nb\n", "a\n\n— b\n", "a\n\n— b AAAA\n", "a\n\n- b AAAAAAAA\n",
    "\n— b AAAAAAAA\n",
    "a\u{7}\n\n— b AAAAAAAA\n", "a\n\n— b AAAAAAAA", "a\n\n— b+c AAAAAAAA\n",
  ])
  func `a note of another form is refused`(text: String) {
    #expect(throws: SettlementError.self) { try SignedNote(bytes: Array(text.utf8)) }
  }

  @Test(arguments: [
    "a\n1\n", "\n1\n\(ownRoot)\n", "a\n01\n\(ownRoot)\n", "a\n-1\n\(ownRoot)\n", "a\n+1\n\(ownRoot)\n",
    "a\n1\nAAAA\n", "a\n1\n\(ownRoot)\nmore\n", "a\n18446744073709551616\n\(ownRoot)\n",
  ])
  func `a checkpoint of another form is refused`(text: String) {
    #expect(throws: SettlementError.self) { try Checkpoint(text: text) }
  }
  static let ownRoot = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="

  @Test(arguments: [
    "", "a+b", "a+00000000+AQ==", "farm.example/ledger+4d02ca39+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    "farm.example/other+4d02ca38+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    "farm.example/ledger+4d02ca38+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
  ])
  func `a verifier key of another form or id is refused`(text: String) { #expect(VerifierKey(text) == nil) }
}
