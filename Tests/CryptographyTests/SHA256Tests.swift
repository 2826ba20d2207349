import Cryptography
import Testing

/// FIPS 180-4 examples and the long messages of NIST's example file.
@Suite struct SHA256Tests {
  static let vectors: [(String, String)] = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
        + "mnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test func `messages of FIPS 180-4 have their digests`() {
    for (message, digest) in Self.vectors { #expect(Digest(of: Array(message.utf8)).hex == digest) }
  }

  @Test func `one hasher serves many messages, however they are cut`() {
    var hasher = SHA256()
    for (message, digest) in Self.vectors {
      let bytes = Array(message.utf8)
      for cut in Set([0, 1, bytes.count / 2, bytes.count]) where cut <= bytes.count {
        hasher.update(Array(bytes[..<cut]))
        hasher.update(Array(bytes[cut...]))
        #expect(hasher.finalize().hex == digest)
      }
    }
  }

  @Test func `a digest is ordered as its bytes and written as 64 hex digits`() throws {
    let small = try #require(Digest(hex: "00" + String(repeating: "f", count: 62)))
    let large = try #require(Digest(hex: "01" + String(repeating: "0", count: 62)))
    #expect(small < large)
    #expect(Digest(hex: small.hex.uppercased()) == small)
    #expect(Digest(bytes: small.bytes) == small)
    #expect(Digest(hex: small.hex.dropLast()) == nil)
    #expect(Digest(hex: small.hex.dropLast() + "g") == nil)
    #expect(Digest(bytes: small.bytes.dropLast()) == nil)
  }
}
