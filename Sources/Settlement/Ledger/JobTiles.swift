/// How a job's terms cut its frames into tiles; the same grid that `Imaging.TileGrid` makes.
package struct JobTiles: Hashable, Sendable {
  /// Tiles of the whole job, those of each pass counted.
  package let count: Int
  private let columns: Int
  private let rows: Int
  private let terms: JobTerms

  /// The grid; nil when the terms describe none (a side of zero, no frames, passes that are none, more
  /// tiles than `UInt32.max`).
  package init?(_ terms: JobTerms) {
    guard terms.widthPX > 0, terms.heightPX > 0, terms.tileSidePX > 0, terms.firstFrame <= terms.lastFrame,
      terms.hasSoundPasses
    else {
      return nil
    }
    let side = Int(terms.tileSidePX)
    columns = (Int(terms.widthPX) + side - 1) / side
    rows = (Int(terms.heightPX) + side - 1) / side
    let (perFrame, overflow) = columns.multipliedReportingOverflow(by: rows)
    let (count, overflowFrames) = perFrame.multipliedReportingOverflow(
      by: terms.frameCount * terms.passCount)
    guard !overflow, !overflowFrames, count <= Int(UInt32.max) else { return nil }
    self.count = count
    self.terms = terms
  }

  /// Pixels of one tile; those at the right and bottom edges are cut.
  package func pixelCount(of tile: TileIndex) -> Int {
    let index = Int(tile.value)
    precondition(index < count, "tile \(index) of \(count)")
    let inFrame = index % (columns * rows)
    let side = Int(terms.tileSidePX)
    let width = min(side, Int(terms.widthPX) - inFrame % columns * side)
    let height = min(side, Int(terms.heightPX) - inFrame / columns * side)
    return width * height
  }
}
