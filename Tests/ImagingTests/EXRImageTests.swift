import Foundation
import Imaging
import TestSupport
import Testing

struct EXRImageTests {
  private func bytes(_ base64: String) throws -> [UInt8] {
    [UInt8](try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters)))
  }

  private static let compressions: [(file: String, tolerance: Float)] = [
    (EXRFiles.uncompressed, 0), (EXRFiles.rle, 0), (EXRFiles.zips, 0), (EXRFiles.zip, 0), (EXRFiles.piz, 0),
    (EXRFiles.pxr24, 0), (EXRFiles.dwaa, 0.05),
  ]

  @Test(arguments: compressions)
  func `a file of any compression comes back`(file: String, tolerance: Float) throws {
    let image = try ImageDecoder.decodeHDR(bytes(file))
    #expect(image.width == 8 && image.height == 4)
    for y in 0..<4 {
      for x in 0..<8 {
        let expected = [Float((x + 1) * (y + 1)) / 4, Float(1 << x), Float(y)]
        for (channel, value) in expected.enumerated() {
          let found = image.rgb[3 * (8 * y + x) + channel]
          #expect(abs(found - value) <= tolerance * max(value, 1), "\(x),\(y) channel \(channel)")
        }
      }
    }
  }

  @Test func `luminance alone is grey`() throws {
    let image = try ImageDecoder.decodeHDR(bytes(EXRFiles.luminance))
    for i in 0..<32 {
      let value = Float((i % 8 + 1) * (i / 8 + 1)) / 4
      #expect(Array(image.rgb[3 * i..<3 * i + 3]) == [value, value, value])
    }
  }

  @Test func `what is no radiance becomes some`() throws {
    let image = try ImageDecoder.decodeHDR(bytes(EXRFiles.odd))
    #expect(stride(from: 0, to: 12, by: 3).map { image.rgb[$0] } == [.greatestFiniteMagnitude, 0, 0, 2])
  }

  @Test func `other layouts are refused by name`() throws {
    let tiled = try bytes(EXRFiles.tiled)
    #expect(
      refusal { () throws(ImagingError) in try ImageDecoder.decodeHDR(tiled) }
        == .unsupported(what: "EXR", feature: "tiles or deep data"))
    let other = try bytes(EXRFiles.withoutColor)
    #expect(
      refusal { () throws(ImagingError) in try ImageDecoder.decodeHDR(other) }
        == .unsupported(what: "EXR", feature: "channels albedo.X, without R, G and B or Y"))
  }

  @Test func `sides and pixels are bounded`() throws {
    let file = try bytes(EXRFiles.zip)
    #expect(refusal { () throws(ImagingError) in try ImageDecoder.decodeHDR(file, maxSide: 7) } != nil)
    #expect(
      refusal { () throws(ImagingError) in try ImageDecoder.decodeHDR(file, maxPixels: 31) }
        == .overLimit(what: "EXR, in pixels", found: 32, limit: 31))
  }

  @Test func `a line that is shorter than it should be is refused, not read past its end`() throws {
    var file = try bytes(EXRFiles.uncompressed)
    // The data window's last column: from 8 columns to 4,096, with the bytes of 8.
    let name = Array("dataWindow\0box2i\0".utf8)
    let at = try #require(
      file.indices.first { file[$0...].starts(with: name) }.map { $0 + name.count + 4 + 8 })
    file.replaceSubrange(at..<at + 4, with: [0xff, 0x0f, 0, 0])
    let wide = file
    #expect(
      refusal { () throws(ImagingError) in try ImageDecoder.decodeHDR(wide) }
        == .malformed(what: "EXR", reason: "line 0 has 96 of 49152 bytes"))
  }

  /// Ends early, or with a byte changed: an error or an image, never a crash.
  @Test func `damaged files do no harm`() throws {
    for file in [EXRFiles.rle, EXRFiles.zip, EXRFiles.piz, EXRFiles.pxr24, EXRFiles.dwaa] {
      let whole = try bytes(file)
      for i in whole.indices {
        var changed = whole
        changed[i] ^= 0x55
        _ = try? ImageDecoder.decodeHDR(changed, maxPixels: 1 << 20)
        let cut = Array(whole.prefix(i))
        #expect(refusal { () throws(ImagingError) in try ImageDecoder.decodeHDR(cut) } != nil, "\(i)")
      }
    }
  }
}
