import Imaging
import Testing

struct ContactSheetTests {
  @Test func `frames lie in a grid on a dark ground, averaged`() throws {
    let gray = PNGWriterTests.frame([[0.25, 0.25, 0.25, 1], [0.75, 0.75, 0.75, 1]])
    let clear = Frame(width: 2, height: 1)
    let sheet = try ContactSheet.encode([gray, clear, gray], columns: 2, shrink: 2, view: .raw)
    let image = try ImageDecoder.decode(sheet)
    #expect(image.width == 8 + 2 * 9 && image.height == 8 + 2 * 9)
    func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(image.rgba8[4 * (26 * y + x)..<4 * (26 * y + x) + 4]) }
    #expect(pixel(8, 8) == [128, 128, 128, 255])
    #expect(pixel(17, 8) == [32, 32, 32, 255])
    #expect(pixel(8, 17) == [128, 128, 128, 255])
    #expect(pixel(17, 17) == [32, 32, 32, 255] && pixel(0, 0) == [32, 32, 32, 255])
  }

  @Test func `frames of different sizes are refused, and so are none`() {
    let frames = [Frame(width: 2, height: 1), Frame(width: 3, height: 1)]
    #expect(
      refusal { () throws(ImagingError) in try ContactSheet.encode(frames, columns: 2) }
        == .mismatch(what: "width", expected: 2, found: 3))
    #expect(
      refusal { () throws(ImagingError) in try ContactSheet.encode([], columns: 2) }
        == .mismatch(what: "frames", expected: 1, found: 0))
  }
}
