import Foundation
import Imaging
import TestSupport
import Testing

struct JPEGTests {
  /// 16x16, 4:4:4: red 16 x, green 16 y, blue 128; written by FFmpeg.
  static let file = [UInt8](
    Data(
      base64Encoded: """
        /9j/2wBDAAgEBAQEBAUFBQUFBQYGBgYGBgYGBgYGBgYHBwcICAgHBwcGBgcHCAgICAkJCQgICAgJCQoKCgwMCwsODg4RERT/xABb\
        AAEBAAAAAAAAAAAAAAAAAAAHBgEBAQEBAAAAAAAAAAAAAAAABgUDBxAAAgMBAAAAAAAAAAAAAAAAAAahBSIyEQACAQUBAAAAAAAA\
        AAAAAAAABSIGMgQxUUH/wAARCAAQABADARIAAhIAAxIA/9oADAMBAAIRAxEAPwA/qVTnECXUqnOIEmY43IK5jjcjGm39kuAqm31k\
        uek3UqnOIEupVOcQVMxxuQVzHG5Hdabf2S4CqbfWS56f/9k=
        """) ?? Data())

  @Test func `a JPEG gives the picture that was put in`() throws {
    let image = try ImageDecoder.decode(JPEGTests.file)
    #expect(image.width == 16 && image.height == 16)
    for y in 0..<16 {
      for x in 0..<16 {
        let pixel = image.rgba8[4 * (16 * y + x)..<4 * (16 * y + x) + 4].map(Int.init)
        // FFmpeg's quality 1 and 8-bit YCbCr leave a few steps.
        #expect(abs(pixel[0] - 16 * x) <= 10 && abs(pixel[1] - 16 * y) <= 10 && abs(pixel[2] - 128) <= 10)
        #expect(pixel[3] == 255)
      }
    }
  }

  @Test func `a JPEG that ends early is refused, not filled up`() {
    for count in [3, 20, 200, 230, JPEGTests.file.count - 2] {
      let cut = Array(JPEGTests.file.prefix(count))
      guard
        case .malformed("JPEG", _) = refusal(of: { () throws(ImagingError) in try ImageDecoder.decode(cut) })
      else {
        Issue.record("\(count) bytes were accepted")
        continue
      }
    }
  }

  @Test func `damaged JPEGs never crash, and limits hold`() {
    var random = Seeded(seed: 31)
    for _ in 0..<2000 {
      let bad = FragmentFuzzTests.damage(JPEGTests.file, &random)
      if let image = try? ImageDecoder.decode(bad, maxSide: 256) {
        #expect(max(image.width, image.height) <= 256)
      }
    }
    #expect(
      refusal { () throws(ImagingError) in try ImageDecoder.decode(JPEGTests.file, maxSide: 15) }
        == .overLimit(what: "JPEG's longer side", found: 16, limit: 15))
    #expect(
      refusal { () throws(ImagingError) in try ImageDecoder.decode(JPEGTests.file, maxPixels: 255) }
        == .overLimit(what: "JPEG, in pixels", found: 256, limit: 255))
  }
}
