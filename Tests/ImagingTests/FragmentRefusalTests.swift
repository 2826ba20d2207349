import Imaging
import Testing

struct FragmentRefusalTests {
  static let rect = TileRect(x: 3, y: 4, width: 5, height: 6)
  let fragment = randomFragment(rect, seed: 9)

  /// The PNG files of the fragment.
  func layers() throws -> [[UInt8]] {
    let content = try Zstd.decompress(
      try FragmentCodec.encode(fragment, header: someHeader), limit: 1 << 20, what: "test")
    let ends = PNGFixture.chunks(content).filter { $0.name == "IEND" }.map { $0.content.upperBound + 4 }
    return [Array(content[..<ends[0]]), Array(content[ends[0]...])]
  }

  func refusalOf(content: [UInt8], limits: FragmentLimits = .standard) throws -> ImagingError? {
    let bytes = try Zstd.compress(content, level: 1)
    return refusal { () throws(ImagingError) in try FragmentCodec.decode(bytes, limits: limits) }
  }

  @Test func `layers missing, doubled, swapped or left over are refused`() throws {
    let files = try layers()
    #expect(try refusalOf(content: files[0] + files[1]) == nil)
    #expect(try refusalOf(content: []) == .wrongLayer(index: 0, expected: "beauty", found: nil))
    #expect(try refusalOf(content: files[0]) == .wrongLayer(index: 1, expected: "work", found: nil))
    #expect(
      try refusalOf(content: files[0] + files[0])
        == .wrongLayer(index: 1, expected: "work", found: "beauty"))
    #expect(
      try refusalOf(content: files[1] + files[0])
        == .wrongLayer(index: 0, expected: "beauty", found: "work"))
    #expect(
      try refusalOf(content: files[0] + files[1] + files[1])
        == .trailing(what: "fragment", bytes: files[1].count))
    #expect(try refusalOf(content: files[0] + files[1] + [0]) == .trailing(what: "fragment", bytes: 1))
  }

  @Test func `a layer of another tile is refused`() throws {
    let other = FragmentHeader(job: someHeader.job, tile: someHeader.tile + 1, attempt: someHeader.attempt)
    let foreign = try Zstd.decompress(
      try FragmentCodec.encode(fragment, header: other), limit: 1 << 20, what: "test")
    let mine = try layers()
    let error = try refusalOf(content: mine[0] + foreign.suffix(mine[1].count))
    #expect(
      error == .malformed(what: "layer 1 of the fragment", reason: "its header is not that of layer 0"))
  }

  @Test func `pixels that are not the tile's are refused`() throws {
    let chunk = PNGFixture.chunks(try layers()[0])[1].content
    let name = Array(try layers()[0][chunk])
    func beauty(width: Int, height: Int, bitDepth: Int, colourType: Int, rowBytes: Int) -> [UInt8] {
      PNGFixture.file(
        width: width, height: height, bitDepth: bitDepth, colourType: colourType,
        chunks: PNGFixture.chunk("faRm", name),
        rows: [[UInt8]](repeating: [UInt8](repeating: 0, count: rowBytes), count: height))
    }
    let work = try layers()[1]
    let right = beauty(width: 5, height: 6, bitDepth: 16, colourType: 6, rowBytes: 40)
    #expect(try refusalOf(content: right + work) == nil)
    let wide = beauty(width: 6, height: 6, bitDepth: 16, colourType: 6, rowBytes: 48)
    #expect(
      try refusalOf(content: wide + work)
        == .mismatch(what: "layer 0 of the fragment: columns", expected: 5, found: 6))
    let low = beauty(width: 5, height: 5, bitDepth: 16, colourType: 6, rowBytes: 40)
    #expect(
      try refusalOf(content: low + work)
        == .mismatch(what: "layer 0 of the fragment: rows", expected: 6, found: 5))
    let opaque = beauty(width: 5, height: 6, bitDepth: 16, colourType: 2, rowBytes: 30)
    #expect(
      try refusalOf(content: opaque + work)
        == .mismatch(what: "layer 0 of the fragment: channels", expected: 4, found: 3))
    let shallow = beauty(width: 5, height: 6, bitDepth: 8, colourType: 6, rowBytes: 20)
    guard case .unsupported = try refusalOf(content: shallow + work) else {
      Issue.record("8 bits were accepted")
      return
    }
  }

  @Test func `values that no render gives are refused on both ways`() throws {
    for bits: UInt16 in [0x7C00, 0x7E01, 0x8000, 0xBC00] {
      var halves = fragment.rgbaHalfBits
      halves[4 * 7 + 2] = bits
      let bad = Fragment(rect: FragmentRefusalTests.rect, rgbaHalfBits: halves, work: fragment.work)
      let error = refusal { () throws(ImagingError) in try FragmentCodec.encode(bad, header: someHeader) }
      #expect(error == .invalidSample(what: "layer beauty", pixel: 7, channel: 2))
    }
    // The same from outside: the pixel's bytes in an unfiltered file.
    let files = try layers()
    let chunk = PNGFixture.chunks(files[0])[1].content
    var rows = [[UInt8]](repeating: [UInt8](repeating: 0, count: 40), count: 6)
    rows[1][8 * 2 + 4] = 0x7C
    let file = PNGFixture.file(
      width: 5, height: 6, bitDepth: 16, colourType: 6,
      chunks: PNGFixture.chunk("faRm", Array(files[0][chunk])), rows: rows)
    #expect(
      try refusalOf(content: file + files[1])
        == .invalidSample(what: "layer beauty", pixel: 7, channel: 2))
  }

  @Test func `sums beyond what samples can add are refused`() {
    let most: Int64 = 2 * 65504 << 30
    for (sum, isRefused) in [(most, false), (most + 1, true), (-1, true), (Int64.min, true)] {
      let rect = TileRect(x: 0, y: 0, width: 1, height: 1)
      let sums = SampleSums(rect: rect, sampleCount: 2, rgba: [0, sum, 0, 0], work: [1])
      let error = refusal { () throws(ImagingError) in
        try FragmentCodec.encode(sums: sums, firstSample: 0, header: someHeader)
      }
      #expect(error == (isRefused ? .invalidSample(what: "the sums", pixel: 0, channel: 1) : nil))
    }
  }

  @Test func `sums are no fragment, and a fragment no sums`() throws {
    let sums = try FragmentCodec.encode(
      sums: randomSums(FragmentRefusalTests.rect, sampleCount: 4, seed: 1), firstSample: 0, header: someHeader
    )
    let resolved = try FragmentCodec.encode(fragment, header: someHeader)
    #expect(
      refusal { () throws(ImagingError) in try FragmentCodec.decode(sums) }
        == .wrongLayer(index: 0, expected: "beauty", found: "beauty.R"))
    #expect(
      refusal { () throws(ImagingError) in try FragmentCodec.decodeSums(resolved) }
        == .wrongLayer(index: 0, expected: "beauty.R", found: "beauty"))
  }

  @Test func `limits hold before anything is allocated`() throws {
    let bytes = try FragmentCodec.encode(fragment, header: someHeader)
    let narrow = FragmentLimits(tileSidePXMax: 5)
    guard
      case .malformed(let what, let reason) = refusal(of: { () throws(ImagingError) in
        try FragmentCodec.decode(bytes, limits: narrow)
      })
    else {
      Issue.record("a tile of 6 rows was accepted where 5 are allowed")
      return
    }
    #expect(what == "layer 0 of the fragment" && reason.contains("limit"))
    let small = FragmentLimits(imageSidePXMax: 9)
    #expect(
      refusal { () throws(ImagingError) in try FragmentCodec.decode(bytes, limits: small) }
        == .overLimit(what: "layer 0 of the fragment: tile's far edge", found: 10, limit: 9))
    // A frame that names a content of 2^40 bytes (RFC 8878, 3.1.1: eight size bytes, one segment).
    let bomb: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
    guard
      case .overLimit("fragment, decompressed, in bytes", 1 << 40, _) = refusal(of: {
        () throws(ImagingError) in
        try FragmentCodec.decode(bomb)
      })
    else {
      Issue.record("a frame that names 2^40 bytes was not refused for it")
      return
    }
    let long = [UInt8](repeating: 0, count: 4 << 20)
    guard
      case .overLimit("fragment, in bytes", 4_194_304, _) = refusal(of: { () throws(ImagingError) in
        try FragmentCodec.decode(long)
      })
    else {
      Issue.record("4 MiB were looked at")
      return
    }
  }

  @Test func `bytes after the frame and frames that end early are refused`() throws {
    let bytes = try FragmentCodec.encode(fragment, header: someHeader)
    #expect(
      refusal { () throws(ImagingError) in try FragmentCodec.decode(bytes + [0]) }
        == .trailing(what: "fragment", bytes: 1))
    #expect(
      refusal { () throws(ImagingError) in try FragmentCodec.decode(bytes + bytes) }
        == .trailing(what: "fragment", bytes: bytes.count))
    for count in 0..<bytes.count {
      let cut = Array(bytes.prefix(count))
      #expect(refusal { () throws(ImagingError) in try FragmentCodec.decode(cut) } != nil)
    }
  }

  @Test func `checksums of chunks and of pixels are checked`() throws {
    let files = try layers()
    let chunks = PNGFixture.chunks(files[0])
    for chunk in chunks {
      var bad = files[0]
      bad[chunk.content.upperBound] ^= 1
      #expect(try refusalOf(content: bad + files[1]) != nil, "\(chunk.name)")
    }
    // Adler-32 ends the pixels' stream; the chunk's own checksum is made right again.
    var bad = files[0]
    bad[chunks[2].content.upperBound - 1] ^= 1
    bad = PNGFixture.withChecksum(bad, of: chunks[2].content)
    #expect(try refusalOf(content: bad + files[1]) != nil)
  }
}
