import Imaging
import TestSupport
import Testing

struct ImageDecoderTests {
  @Test func `a palette becomes colours, and its transparency alpha`() throws {
    let chunks =
      PNGFixture.chunk("PLTE", [255, 0, 0, 0, 255, 0, 1, 2, 3]) + PNGFixture.chunk("tRNS", [10, 20])
    // Four 2-bit indices a byte: 0 1 2 1.
    let file = PNGFixture.file(
      width: 4, height: 1, bitDepth: 2, colourType: 3, chunks: chunks, rows: [[0b0001_1001]])
    let image = try ImageDecoder.decode(file)
    #expect(image.width == 4 && image.height == 1)
    #expect(image.rgba8 == [255, 0, 0, 10, 0, 255, 0, 20, 1, 2, 3, 255, 0, 255, 0, 20])
  }

  @Test func `gray of few bits spreads over all of 8, and alpha is 255`() throws {
    let file = PNGFixture.file(width: 4, height: 1, bitDepth: 2, colourType: 0, rows: [[0b0001_1011]])
    let expected: [UInt8] = [0, 85, 170, 255].flatMap { [$0, $0, $0, 255] }
    #expect(try ImageDecoder.decode(file).rgba8 == expected)
  }

  @Test func `16 bits are scaled to 8, not cut`() throws {
    let values = Array(stride(from: 0, through: 65535, by: 85))
    let row = values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    let file = PNGFixture.file(width: values.count, height: 1, bitDepth: 16, colourType: 0, rows: [row])
    let expected = values.map { UInt8((Double($0) / 257).rounded()) }
    let found = try ImageDecoder.decode(file).rgba8
    #expect(values.indices.allSatisfy { found[4 * $0] == expected[$0] })
  }

  @Test func `colour and alpha are taken as they are, whatever the profile`() throws {
    let rows: [[UInt8]] = [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 0, 13, 14, 15, 16]]
    // A gamma of 1 and a broken profile: neither is read.
    let chunks = PNGFixture.chunk("gAMA", [0, 1, 0x86, 0xA0]) + PNGFixture.chunk("iCCP", [65, 0, 0, 1, 2])
    let file = PNGFixture.file(width: 2, height: 2, bitDepth: 8, colourType: 6, chunks: chunks, rows: rows)
    #expect(try ImageDecoder.decode(file).rgba8 == rows.flatMap { $0 })
  }

  @Test func `interlaced rows come out in order`() throws {
    // A 2x2 image has three passes (PNG, section 8): (0,0), then (1,0), then the second row.
    let passes: [UInt8] = [0, 10, 0, 20, 0, 30, 40]
    let file =
      PNGFixture.signature + PNGFixture.header(width: 2, height: 2, bitDepth: 8, colourType: 0, interlace: 1)
      + PNGFixture.chunk("IDAT", PNGFixture.zlib(passes)) + PNGFixture.chunk("IEND", [])
    #expect(try ImageDecoder.decode(file).rgba8 == [10, 20, 30, 40].flatMap { [$0, $0, $0, 255] })
  }

  @Test func `every cut of a PNG is refused`() {
    let file = PNGFixture.file(width: 2, height: 1, bitDepth: 8, colourType: 0, rows: [[7, 9]])
    #expect(refusal { () throws(ImagingError) in try ImageDecoder.decode(file) } == nil)
    for count in 0..<file.count {
      let cut = Array(file.prefix(count))
      #expect(refusal { () throws(ImagingError) in try ImageDecoder.decode(cut) } != nil)
    }
  }

  @Test func `damaged PNGs never crash`() {
    let rows = (0..<6).map { y in (0..<24).map { UInt8($0 * 7 + y) } }
    let file = PNGFixture.file(width: 6, height: 6, bitDepth: 8, colourType: 6, rows: rows)
    var random = Seeded(seed: 30)
    for _ in 0..<2000 {
      let bad = FragmentFuzzTests.damage(file, &random)
      if let image = try? ImageDecoder.decode(bad, maxSide: 64) {
        #expect(image.rgba8.count == 4 * image.width * image.height)
      }
    }
  }

  @Test func `sides and pixels are bounded by the header alone`() {
    // No pixels follow: a decoder that allocates first would say that the file ends.
    let file =
      PNGFixture.signature + PNGFixture.header(width: 16384, height: 16384, bitDepth: 8, colourType: 6)
      + PNGFixture.chunk("IDAT", [])
    #expect(
      refusal { () throws(ImagingError) in try ImageDecoder.decode(file) }
        == .overLimit(what: "PNG, in pixels", found: 1 << 28, limit: 1 << 27))
    guard
      case .malformed("PNG", let reason) = refusal(of: { () throws(ImagingError) in
        try ImageDecoder.decode(file, maxSide: 16383)
      })
    else {
      Issue.record("a side of 16384 passed a limit of 16383")
      return
    }
    #expect(reason.contains("limit"))
  }

  @Test func `other formats are refused`() {
    for bytes: [UInt8] in [[], [0x47, 0x49, 0x46, 0x38], [0xFF, 0xD8], Array("RIFF".utf8)] {
      guard case .unsupported = refusal(of: { () throws(ImagingError) in try ImageDecoder.decode(bytes) })
      else {
        Issue.record("\(bytes) was not refused")
        continue
      }
    }
  }
}
