import Imaging
import TestSupport
import Testing

struct FrameTests {
  @Test func `fragments in any order give the same frame`() throws {
    let grid = TileGrid(width: 37, height: 23, side: 8)
    let whole = gradientFrame(width: 37, height: 23)
    var random = Seeded(seed: 20)
    for _ in 0..<5 {
      var frame = Frame(width: 37, height: 23)
      for index in (0..<grid.tileCount).shuffled(using: &random) {
        #expect(!frame.isComplete)
        try frame.place(whole.fragment(at: grid.rect(at: index)))
      }
      #expect(frame.isComplete)
      #expect(frame == whole)
    }
  }

  @Test func `a tile outside the frame is refused`() {
    let rects = [
      TileRect(x: 7, y: 0, width: 2, height: 1), TileRect(x: 0, y: 5, width: 1, height: 2),
      TileRect(x: Int.max, y: 0, width: 1, height: 1), TileRect(x: 0, y: 0, width: 9, height: 1),
    ]
    for rect in rects {
      var frame = Frame(width: 8, height: 6)
      let error = refusal { () throws(ImagingError) in try frame.place(randomFragment(rect, seed: 1)) }
      #expect(error == .outside(rect, width: 8, height: 6))
    }
  }

  @Test func `a tile over another is refused and changes nothing`() throws {
    var frame = Frame(width: 8, height: 6)
    try frame.place(randomFragment(TileRect(x: 4, y: 3, width: 2, height: 2), seed: 2))
    let before = frame
    let rect = TileRect(x: 2, y: 1, width: 3, height: 3)
    let error = refusal { () throws(ImagingError) in try frame.place(randomFragment(rect, seed: 3)) }
    #expect(error == .overlap(rect, x: 4, y: 3))
    #expect(frame == before)
    #expect(frame.missingPixelCount == 44)
  }

  @Test func `grids cover each pixel once`() throws {
    for (width, height, side) in [(1, 1, 128), (128, 128, 128), (129, 127, 64), (50, 20, 7)] {
      let grid = TileGrid(width: width, height: height, side: side)
      var frame = Frame(width: width, height: height)
      for index in 0..<grid.tileCount { try frame.place(randomFragment(grid.rect(at: index), seed: 4)) }
      #expect(frame.isComplete)
    }
  }
}
