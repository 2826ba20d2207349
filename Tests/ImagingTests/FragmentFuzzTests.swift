import Imaging
import TestSupport
import Testing

/// Damage of every kind, from a seed: decoding must end in a value or an error.
struct FragmentFuzzTests {
  static let rect = TileRect(x: 3, y: 4, width: 9, height: 7)

  /// Changes, inserts, removes or repeats a few bytes.
  static func damage(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[at] = .random(in: 0...255, using: &random)
      case 2: bytes.insert(.random(in: 0...255, using: &random), at: at)
      case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &random)))
      case 4:
        bytes.insert(
          contentsOf: Array(bytes[at..<min(bytes.count, at + Int.random(in: 1...40, using: &random))]), at: at
        )
      default:
        for i in at..<min(bytes.count, at + 4) {
          bytes[i] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &random) ?? 0
        }
      }
    }
    return bytes
  }

  /// Whether the bytes are refused, or are still what they were.
  static func isRefusedOrEqual(_ bytes: [UInt8], _ fragment: Fragment) -> Bool {
    guard let decoded = try? FragmentCodec.decode(bytes) else { return true }
    return decoded.fragment == fragment && decoded.header == someHeader
  }

  @Test func `a damaged frame is refused or decodes to what it was`() throws {
    let fragment = randomFragment(FragmentFuzzTests.rect, seed: 10)
    let bytes = try FragmentCodec.encode(fragment, header: someHeader)
    var random = Seeded(seed: 11)
    for round in 0..<3000 {
      let bad = FragmentFuzzTests.damage(bytes, &random)
      #expect(FragmentFuzzTests.isRefusedOrEqual(bad, fragment), "round \(round)")
    }
  }

  @Test func `damaged PNG files in a sound frame are refused or decode to what they were`() throws {
    let fragment = randomFragment(FragmentFuzzTests.rect, seed: 12)
    let content = try Zstd.decompress(
      try FragmentCodec.encode(fragment, header: someHeader), limit: 1 << 20, what: "test")
    var random = Seeded(seed: 13)
    for round in 0..<3000 {
      let bad = FragmentFuzzTests.damage(content, &random)
      #expect(
        FragmentFuzzTests.isRefusedOrEqual(try Zstd.compress(bad, level: 1), fragment), "round \(round)")
    }
  }

  @Test func `damaged chunks with right checksums never decode to what the header does not say`() throws {
    let sums = randomSums(FragmentFuzzTests.rect, sampleCount: 3, seed: 14)
    let encoded = [
      try FragmentCodec.encode(randomFragment(FragmentFuzzTests.rect, seed: 15), header: someHeader),
      try FragmentCodec.encode(sums: sums, firstSample: 5, header: someHeader),
    ]
    var random = Seeded(seed: 16)
    var decodedCount = 0
    for bytes in encoded {
      let content = try Zstd.decompress(bytes, limit: 1 << 20, what: "test")
      let chunks = PNGFixture.chunks(content).filter { !$0.content.isEmpty }
      for _ in 0..<2500 {
        guard let chunk = chunks.randomElement(using: &random) else { continue }
        var bad = content
        for _ in 0..<Int.random(in: 1...2, using: &random) {
          bad[Int.random(in: chunk.content, using: &random)] = .random(in: 0...255, using: &random)
        }
        let frame = try Zstd.compress(PNGFixture.withChecksum(bad, of: chunk.content), level: 1)
        if let decoded = try? FragmentCodec.decode(frame) {
          decodedCount += 1
          #expect(decoded.fragment.rgbaHalfBits.allSatisfy { $0 <= Half.maxBits })
        }
        if let decoded = try? FragmentCodec.decodeSums(frame) {
          decodedCount += 1
          #expect(decoded.sums.rgba.allSatisfy { $0 >= 0 })
        }
      }
    }
    // A change that every layer repeats or that only touches itself may pass; nearly none does.
    #expect(decodedCount < 500)
  }
}
