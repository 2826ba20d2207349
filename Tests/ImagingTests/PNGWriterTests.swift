import Imaging
import Testing

struct PNGWriterTests {
  /// One row of pixels as a frame.
  static func frame(_ pixels: [[Float]]) -> Frame {
    Frame(
      width: pixels.count, height: 1, rgbaHalfBits: pixels.flatMap { $0.map(Half.bits) },
      work: [UInt32](repeating: 0, count: pixels.count))
  }

  @Test func `colour is divided by alpha, exposed, clipped and rounded`() throws {
    let frame = PNGWriterTests.frame([
      [0.25, 0.125, 0, 0.5], [1, 0.5, 0.25, 1], [2, 0, 0.125, 1], [0.5, 0, 0, 0], [0, 0, 0, 0],
    ])
    let image = try ImageDecoder.decode(try PNGWriter.encode(frame, view: .raw))
    #expect(
      image.rgba8 == [
        128, 64, 0, 128, 255, 128, 64, 255, 255, 0, 32, 255, 128, 0, 0, 0, 0, 0, 0, 0,
      ])
    let darker = try ImageDecoder.decode(try PNGWriter.encode(frame, view: .raw, exposureEV: -1))
    #expect(darker.rgba8.prefix(8) == [64, 32, 0, 128, 128, 64, 32, 255])
    // Half a stop up and half a stop down is where it was.
    let up = PNGWriterTests.frame([[0.25, 0.5, 0.75, 1]])
    let brighter = try ImageDecoder.decode(try PNGWriter.encode(up, view: .raw, exposureEV: 0.5))
    #expect(brighter.rgba8 == [90, 180, 255, 255])
  }

  @Test func `8-bit sRGB codes are the nearest ones`() throws {
    // Codes of linear 0.5 and 0.18 (IEC 61966-2-1): 187.5 and 117.6; of 0.0025: 8.2.
    let image = try ImageDecoder.decode(
      try PNGWriter.encode(PNGWriterTests.frame([[0.5, 0.18, 0.0025, 1]]), view: .standard))
    #expect(image.rgba8 == [188, 118, 8, 255])
  }

  @Test(arguments: ViewTransform.allCases, [8, 16])
  func `the same frame gives the same file`(view: ViewTransform, bitDepth: Int) throws {
    let frame = gradientFrame(width: 31, height: 17)
    let file = try PNGWriter.encode(frame, view: view, exposureEV: 0.3, bitDepth: bitDepth)
    #expect(try PNGWriter.encode(frame, view: view, exposureEV: 0.3, bitDepth: bitDepth) == file)
    let image = try ImageDecoder.decode(file)
    #expect(image.width == 31 && image.height == 17)
    // Alpha is the same in every view, and 16 bits scale down to the 8.
    for pixel in 0..<31 * 17 {
      let alpha = Half.float(frame.rgbaHalfBits[4 * pixel + 3])
      #expect(abs(Float(image.rgba8[4 * pixel + 3]) - 255 * alpha) <= 0.51)
    }
  }

  @Test(.enabled(if: IndependentReader.python != nil, "needs a python3"), arguments: [8, 16])
  func `another reader finds the same samples`(bitDepth: Int) throws {
    let frame = gradientFrame(width: 19, height: 11)
    let file = try PNGWriter.encode(frame, view: .standard, bitDepth: bitDepth)
    let found = try IndependentReader.run(IndependentReader.png, on: file)
    #expect(Array(found.prefix(16)) == [19, 11, bitDepth, 6].flatMap(PNGFixture.bigEndian))
    let ours = try ImageDecoder.decode(file).rgba8
    if bitDepth == 8 { #expect(Array(found.dropFirst(16)) == ours) }
    let samples = found.dropFirst(16)
    #expect(samples.count == 19 * 11 * 4 * bitDepth / 8)
    for pixel in 0..<19 * 11 where bitDepth == 16 {
      let halves = frame.rgbaHalfBits[4 * pixel..<4 * pixel + 4].map(Half.float)
      let shown = ViewTransform.standard.display(SIMD3(halves[0], halves[1], halves[2]) * (1 / halves[3]))
      for channel in 0..<4 {
        let at = samples.startIndex + 8 * pixel + 2 * channel
        let sample = Float(UInt16(samples[at]) << 8 | UInt16(samples[at + 1]))
        #expect(abs(sample - 65535 * (channel < 3 ? shown[channel] : halves[3])) <= 0.51)
      }
    }
  }

  @Test func `an HDR file has the signals of ITU-R BT.2100 and says so`() throws {
    // Reference white of 203 cd/m2 is signal 0.58 (ITU-R BT.2408, table 1); 10,000 cd/m2 is 1.
    let frame = PNGWriterTests.frame([[1, 1, 1, 1], [60, 60, 60, 1], [0, 0, 0, 1], [0.25, 0.5, 0, 0.5]])
    let file = try PNGWriter.encodeHDR(frame)
    #expect(file.contains(Array("cICP".utf8) + [9, 16, 0, 1]))
    let image = try ImageDecoder.decode(file)
    #expect(image.rgba8.prefix(12).map { Int($0) } == [148, 148, 148, 255, 255, 255, 255, 255, 0, 0, 0, 255])
    #expect(abs(PQ.signal(nits: 203) - 0.5806) < 1e-4)
    #expect(abs(PQ.signal(nits: 1000) - 0.7518) < 1e-4)
    #expect(abs(PQ.signal(nits: 100) - 0.5081) < 1e-4)
    // A pixel of premultiplied colour is divided by its alpha first; green keeps some red in BT.2020.
    let pure = PQ.encode(SIMD3(0.5, 1, 0))
    #expect(abs(Float(image.rgba8[12]) - 255 * pure.x) <= 0.51 && image.rgba8[15] == 128)
  }
}
