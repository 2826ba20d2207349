import Cryptography
import Foundation
import Testing

@Suite struct TextFormTests {
  @Test func `vectors of RFC 4648 go both ways`() throws {
    let vectors = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
      "foobar": "Zm9vYmFy",
    ]
    for (text, base64) in vectors {
      #expect(Array(text.utf8).base64 == base64)
      #expect([UInt8](base64: base64) == Array(text.utf8))
    }
  }

  @Test func `base64 is Foundation's for every length and byte`() throws {
    for count in 0..<300 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
      #expect(bytes.base64 == Data(bytes).base64EncodedString())
      #expect([UInt8](base64: bytes.base64) == bytes)
    }
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "====", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Z===", "=Zg=", "Zm-_",
  ])
  func `base64 of a second spelling is refused`(text: String) { #expect([UInt8](base64: text) == nil) }

  @Test func `a digest is read from any collection of 32 bytes`() {
    let bytes = (0..<32).map { UInt8($0 * 7) }
    let digest = Digest(bytes: bytes)
    #expect(digest?.bytes == bytes)
    #expect(digest?.hex == bytes.hex)
    #expect(Digest(bytes: ([9] + bytes + [9])[1...32]) == digest)
    #expect(Digest(bytes: bytes.reversed().lazy.reversed()) == digest, "not in one piece")
    #expect(Digest(bytes: bytes.dropLast()) == nil && Digest(bytes: bytes + [0]) == nil)
  }

  @Test func `hex goes both ways and refuses what is none`() {
    let bytes = Array(UInt8.min...UInt8.max)
    #expect([UInt8](hex: bytes.hex) == bytes)
    #expect([UInt8](hex: bytes.hex.uppercased()) == bytes)
    #expect([UInt8](hex: "0") == nil)
    #expect([UInt8](hex: "0g") == nil)
  }

  @Test func `canonical bytes are read as they were written`() throws {
    var writer = CanonicalWriter(type: "test")
    writer.write(UInt8(7))
    writer.write(Int64(-2))
    writer.write("wörld")
    writer.write(counted: [1, 2])
    #expect(writer.bytes.starts(with: Array("farm/test/v1\n".utf8)))
    var reader = try CanonicalReader(writer.bytes, type: "test")
    #expect(try reader.read(UInt8.self) == 7)
    #expect(try reader.read(Int64.self) == -2)
    #expect(try reader.readString() == "wörld")
    #expect(try reader.readCounted() == [1, 2])
    try reader.finish()
  }

  @Test func `canonical bytes of another type, short or with leftovers are refused`() throws {
    var writer = CanonicalWriter(type: "test")
    writer.write(UInt32(1))
    let bytes = writer.bytes
    #expect(throws: CanonicalError.wrongType(expected: "other")) { try CanonicalReader(bytes, type: "other") }
    var short = try CanonicalReader(bytes.dropLast(), type: "test")
    #expect(throws: CanonicalError.truncated(neededBytes: 4, remainingBytes: 3)) {
      try short.read(UInt32.self)
    }
    var long = try CanonicalReader(bytes, type: "test")
    _ = try long.read(UInt16.self)
    #expect(throws: CanonicalError.trailing(bytes: 2)) { try long.finish() }
    var counted = try CanonicalReader(Array("farm/test/v1\n".utf8) + [255, 255, 255, 255], type: "test")
    #expect(throws: CanonicalError.truncated(neededBytes: 4_294_967_295, remainingBytes: 0)) {
      try counted.readCounted()
    }
  }
}
