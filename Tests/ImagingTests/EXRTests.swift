import Imaging
import Testing

struct EXRTests {
  @Test(arguments: [(1, 1), (37, 23), (64, 16), (5, 100)])
  func `a frame comes back bit for bit`(width: Int, height: Int) throws {
    let fragment = randomFragment(TileRect(x: 0, y: 0, width: width, height: height), seed: 50)
    let frames = [
      gradientFrame(width: width, height: height),
      Frame(width: width, height: height, rgbaHalfBits: fragment.rgbaHalfBits, work: fragment.work),
    ]
    for frame in frames {
      let attributes = ["farm.job": "0123", "farm.view": "", "owner": "J\u{f6}rg"]
      let bytes = try EXRWriter.encode(frame, attributes: attributes)
      let decoded = try EXRReader.decode(bytes)
      #expect(decoded.frame == frame)
      #expect(decoded.attributes == attributes)
      #expect(try EXRWriter.encode(frame, attributes: attributes) == bytes)
    }
  }

  @Test func `an unfinished frame is not written`() throws {
    var frame = Frame(width: 8, height: 6)
    try frame.place(randomFragment(TileRect(x: 0, y: 0, width: 8, height: 5), seed: 51))
    let unfinished = frame
    #expect(
      refusal { () throws(ImagingError) in try EXRWriter.encode(unfinished) } == .incomplete(missingPixels: 8)
    )
  }

  @Test func `attributes must not be the format's own`() {
    let frame = gradientFrame(width: 4, height: 4)
    for name in ["channels", "compression", "dataWindow", "chromaticities", "name", "type", ""] {
      #expect(
        refusal { () throws(ImagingError) in try EXRWriter.encode(frame, attributes: [name: "x"]) } != nil,
        "\(name)")
    }
  }

  @Test func `a file that ends early is refused`() throws {
    let bytes = try EXRWriter.encode(gradientFrame(width: 20, height: 40))
    for count in stride(from: 0, to: bytes.count, by: 7) {
      let cut = Array(bytes.prefix(count))
      #expect(
        refusal { () throws(ImagingError) in try EXRReader.decode(cut) } != nil, "\(count) of \(bytes.count)")
    }
  }

  @Test(.enabled(if: IndependentReader.python != nil, "needs a python3"))
  func `another reader finds the same pixels`() throws {
    let noise = randomFragment(TileRect(x: 0, y: 0, width: 21, height: 37), seed: 70)
    for frame in [
      gradientFrame(width: 21, height: 37),
      Frame(width: 21, height: 37, rgbaHalfBits: noise.rgbaHalfBits, work: noise.work),
    ] {
      var expected: [UInt8] = []
      for y in 0..<37 {
        for channel in [3, 2, 1, 0] {
          for x in 0..<21 {
            let bits = frame.rgbaHalfBits[4 * (21 * y + x) + channel]
            expected += [UInt8(bits & 0xFF), UInt8(bits >> 8)]
          }
        }
        for x in 0..<21 {
          expected += (0..<4).map { UInt8(truncatingIfNeeded: frame.work[21 * y + x] >> (8 * $0)) }
        }
      }
      let file = try EXRWriter.encode(frame, attributes: ["farm.job": "0123"])
      #expect(try IndependentReader.run(IndependentReader.exr, on: file) == expected)
    }
  }
}
