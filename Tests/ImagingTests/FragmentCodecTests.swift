import Imaging
import Testing

struct FragmentCodecTests {
  static let rects = [
    TileRect(x: 0, y: 0, width: 1, height: 1), TileRect(x: 16_383, y: 5, width: 1, height: 300),
    TileRect(x: 7, y: 16_000, width: 512, height: 2), TileRect(x: 128, y: 256, width: 128, height: 128),
    TileRect(x: 1, y: 2, width: 33, height: 17),
  ]

  @Test(arguments: rects)
  func `a fragment comes back bit for bit`(rect: TileRect) throws {
    let fragment = randomFragment(rect, seed: 4)
    let bytes = try FragmentCodec.encode(fragment, header: someHeader)
    let decoded = try FragmentCodec.decode(bytes)
    #expect(decoded.header == someHeader)
    #expect(decoded.fragment == fragment)
    #expect(try FragmentCodec.encode(fragment, header: someHeader) == bytes)
  }

  @Test(arguments: rects, [1, 65_536])
  func `the sums of a sample split come back bit for bit`(rect: TileRect, sampleCount: Int) throws {
    let sums = randomSums(rect, sampleCount: sampleCount, seed: 5)
    let firstSample = 65_536 - sampleCount
    let bytes = try FragmentCodec.encode(sums: sums, firstSample: firstSample, header: someHeader)
    let decoded = try FragmentCodec.decodeSums(bytes)
    #expect(decoded.header == someHeader)
    #expect(decoded.firstSample == firstSample)
    #expect(decoded.sums == sums)
    #expect(try FragmentCodec.encode(sums: sums, firstSample: firstSample, header: someHeader) == bytes)
  }

  @Test func `a fragment of the largest tile that does not compress is within the limits`() throws {
    let fragment = randomFragment(TileRect(x: 0, y: 0, width: 512, height: 512), seed: 6)
    let bytes = try FragmentCodec.encode(fragment, header: someHeader)
    #expect(try FragmentCodec.decode(bytes).fragment == fragment)
    let sums = randomSums(fragment.rect, sampleCount: 65_536, seed: 7)
    let sumsBytes = try FragmentCodec.encode(sums: sums, firstSample: 0, header: someHeader)
    #expect(try FragmentCodec.decodeSums(sumsBytes).sums == sums)
  }

  @Test func `a smooth fragment is small`() throws {
    let rect = TileRect(x: 0, y: 0, width: 128, height: 128)
    let fragment = gradientFrame(width: 128, height: 128).fragment(at: rect)
    let flat = Fragment(
      rect: rect, rgbaHalfBits: fragment.rgbaHalfBits, work: [UInt32](repeating: 96, count: 16_384))
    #expect(try FragmentCodec.encode(flat, header: someHeader).count < 128 * 128 * 12 / 3)
  }

  @Test func `the content is one PNG a layer, and says in the open what it is`() throws {
    let rect = TileRect(x: 3, y: 4, width: 5, height: 6)
    let fragment = randomFragment(rect, seed: 8)
    let content = try Zstd.decompress(
      try FragmentCodec.encode(fragment, header: someHeader), limit: 1 << 20, what: "test")
    let chunks = PNGFixture.chunks(content)
    #expect(chunks.map(\.name) == ["IHDR", "faRm", "IDAT", "IEND", "IHDR", "faRm", "IDAT", "IEND"])
    let colour = content[chunks[0].content]
    #expect(Array(colour) == [0, 0, 0, 5, 0, 0, 0, 6, 16, 6, 0, 0, 0])
    let numbers = [70_000, 2, 3, 4, 5, 6, 0, 0].flatMap(PNGFixture.bigEndian)
    let expected = [0, 1] + someHeader.job + numbers
    #expect(Array(content[chunks[1].content]) == expected + [6] + "beauty".utf8 + [5] + "half4".utf8)
    #expect(Array(content[chunks[5].content]) == expected + [4] + "work".utf8 + [6] + "uint32".utf8)
  }
}
