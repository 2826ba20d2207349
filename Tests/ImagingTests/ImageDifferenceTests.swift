import Imaging
import Testing

struct ImageDifferenceTests {
  @Test func `equal frames do not differ`() throws {
    let frame = gradientFrame(width: 9, height: 5)
    let difference = try ImageDifference(frame, frame)
    #expect(difference.isEmpty && difference.maxAbsolute == 0)
    #expect(difference.colourPixelCount == 0 && difference.workPixelCount == 0)
  }

  @Test func `what differs is counted, measured and located`() throws {
    let frame = Frame(
      width: 3, height: 2, rgbaHalfBits: [UInt16](repeating: Half.oneBits, count: 24),
      work: [UInt32](repeating: 4, count: 6))
    var halves = frame.rgbaHalfBits
    var work = frame.work
    halves[4 * 4 + 1] = Half.bits(3.5)
    halves[4 * 4 + 2] = Half.bits(1.5)
    halves[4 * 5] = Half.bits(0.25)
    work[2] = 5
    let other = Frame(width: 3, height: 2, rgbaHalfBits: halves, work: work)
    let difference = try ImageDifference(frame, other)
    #expect(difference.maxAbsolute == 2.5)
    #expect(difference.colourPixelCount == 2)
    #expect(difference.workPixelCount == 1)
    #expect(difference.first?.x == 2 && difference.first?.y == 0)
    let rect = TileRect(x: 1, y: 1, width: 2, height: 1)
    let tile = try ImageDifference(frame.fragment(at: rect), other.fragment(at: rect))
    #expect(tile.first?.x == 1 && tile.first?.y == 1)
  }

  @Test func `infinite and undefined values are infinitely far`() throws {
    func frame(_ bits: UInt16) -> Frame {
      Frame(width: 1, height: 1, rgbaHalfBits: [bits, 0, 0, 0], work: [0])
    }
    #expect(try ImageDifference(frame(0x7C00), frame(0)).maxAbsolute == .infinity)
    #expect(try ImageDifference(frame(0x7E00), frame(0)).maxAbsolute == .infinity)
    // Zero of either sign is the same value, but not the same bits.
    let zeros = try ImageDifference(frame(0x8000), frame(0))
    #expect(zeros.maxAbsolute == 0 && zeros.colourPixelCount == 1)
  }

  @Test func `frames of different sizes are not compared`() {
    let error = refusal { () throws(ImagingError) in
      try ImageDifference(Frame(width: 2, height: 3), Frame(width: 2, height: 4))
    }
    #expect(error == .mismatch(what: "height", expected: 3, found: 4))
  }
}
