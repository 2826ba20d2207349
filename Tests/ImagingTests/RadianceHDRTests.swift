import Imaging
import TestSupport
import Testing

struct RadianceHDRTests {
  static func file(_ size: String, _ pixels: [UInt8], format: String = "32-bit_rle_rgbe") -> [UInt8] {
    Array("#?RADIANCE\n# a comment\nEXPOSURE=2\nFORMAT=\(format)\n\n\(size)\n".utf8) + pixels
  }

  @Test func `flat pixels are mantissa times a power of two`() throws {
    let image = try RadianceHDR.decode(
      RadianceHDRTests.file("-Y 1 +X 3", [128, 64, 255, 129, 0, 1, 2, 128 + 8, 9, 9, 9, 0]))
    #expect(image.width == 3 && image.height == 1)
    #expect(image.rgb == [1, 0.5, 255.0 / 128, 0, 1, 2, 0, 0, 0])
  }

  @Test func `extreme exponents stay finite and exact`() throws {
    let image = try RadianceHDR.decode(
      RadianceHDRTests.file("-Y 1 +X 2", [255, 1, 0, 255, 255, 1, 0, 1]))
    #expect(image.rgb == [255 * 0x1p119, 0x1p119, 0, 255 * 0x1p-135, 0x1p-135, 0])
  }

  @Test func `old runs repeat the pixel before, longer ones in digits of 256`() throws {
    let pixels: [UInt8] = [128, 0, 0, 129, 1, 1, 1, 2, 1, 1, 1, 1, 0, 128, 0, 129]
    let image = try RadianceHDR.decode(RadianceHDRTests.file("-Y 1 +X 260", pixels))
    #expect(image.rgb.prefix(3 * 259) == ArraySlice((0..<259).flatMap { _ in [1, 0, 0] as [Float] }))
    #expect(image.rgb.suffix(3) == [0, 1, 0])
  }

  @Test func `new runs copy and repeat each component`() throws {
    let runs: [UInt8] = [2, 2, 0, 8, 128 + 8, 128, 2, 64, 32, 128 + 6, 16, 128 + 8, 0, 128 + 8, 129]
    let image = try RadianceHDR.decode(RadianceHDRTests.file("-Y 1 +X 8", runs))
    let greens: [Float] = [0.5, 0.25] + [Float](repeating: 0.125, count: 6)
    #expect(image.rgb == greens.flatMap { [1, $0, 0] })
  }

  @Test(arguments: [1, 7, 8, 300])
  func `what can be written exactly comes back exactly`(width: Int) throws {
    var random = Seeded(seed: 40)
    let rgb = (0..<width * 4).flatMap { pixel -> [Float] in
      // Eight bits below a shared power of two; some pixels repeat.
      let scale = Float(sign: .plus, exponent: pixel % 40 - 20, significand: 1)
      return [255, 128, pixel % 11 < 6 ? 7 : Float(Int.random(in: 0...255, using: &random))].map {
        $0 * scale
      }
    }
    let image = HDRImage(width: width, height: 4, rgb: rgb)
    let bytes = RadianceHDR.encode(image)
    #expect(try RadianceHDR.decode(bytes) == image)
    for count in 0..<bytes.count where count < 100 || count > bytes.count - 50 {
      let cut = Array(bytes.prefix(count))
      #expect(refusal { () throws(ImagingError) in try RadianceHDR.decode(cut) } != nil)
    }
  }

  @Test func `what is not supported is refused by name`() {
    func refused(_ bytes: [UInt8]) -> ImagingError? {
      refusal { () throws(ImagingError) in try RadianceHDR.decode(bytes, maxSide: 64, maxPixels: 1000) }
    }
    let pixel: [UInt8] = [1, 2, 3, 4]
    #expect(
      refused(RadianceHDRTests.file("+Y 1 +X 1", pixel))
        == .unsupported(what: "HDR", feature: "orientation '+Y +X' (only -Y +X)"))
    #expect(
      refused(RadianceHDRTests.file("+X 1 -Y 1", pixel))
        == .unsupported(what: "HDR", feature: "orientation '+X -Y' (only -Y +X)"))
    #expect(
      refused(RadianceHDRTests.file("-Y 1 +X 1", pixel, format: "32-bit_rle_xyze"))
        == .unsupported(what: "HDR", feature: "'FORMAT=32-bit_rle_xyze'"))
    #expect(
      refused(RadianceHDRTests.file("-Y 1 +X 65", pixel))
        == .overLimit(what: "HDR's longer side", found: 65, limit: 64))
    #expect(
      refused(RadianceHDRTests.file("-Y 64 +X 64", pixel))
        == .overLimit(what: "HDR, in pixels", found: 4096, limit: 1000))
    for size in ["-Y 0 +X 1", "-Y 1 +X -1", "-Y 1", "-Y 1 +X 99999999999"] {
      guard case .malformed = refused(RadianceHDRTests.file(size, pixel)) else {
        Issue.record("size \(size) was accepted")
        continue
      }
    }
    // A run with nothing before it, and one that leaves the row.
    #expect(refused(RadianceHDRTests.file("-Y 1 +X 2", [1, 1, 1, 2])) != nil)
    #expect(refused(RadianceHDRTests.file("-Y 1 +X 2", pixel + [1, 1, 1, 2])) != nil)
    #expect(refused(RadianceHDRTests.file("-Y 1 +X 8", [2, 2, 0, 8, 128 + 9, 1])) != nil)
    #expect(refused(RadianceHDRTests.file("-Y 1 +X 8", [2, 2, 0, 8, 0, 1])) != nil)
  }

  @Test func `damaged files never crash`() {
    let image = HDRImage(width: 12, height: 5, rgb: (0..<180).map { Float($0 % 17) })
    let bytes = RadianceHDR.encode(image)
    var random = Seeded(seed: 41)
    for _ in 0..<3000 {
      let bad = FragmentFuzzTests.damage(bytes, &random)
      if let image = try? RadianceHDR.decode(bad, maxSide: 512, maxPixels: 100_000) {
        #expect(image.rgb.allSatisfy { $0.isFinite && $0 >= 0 })
      }
    }
  }
}
