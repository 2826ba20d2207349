import Imaging
import Settlement

extension JobTerms {
  /// The tiles of each frame. Valid terms only.
  public var grid: TileGrid { TileGrid(width: Int(widthPX), height: Int(heightPX), side: Int(tileSidePX)) }

  /// Tiles of all frames. Valid terms only.
  public var tileCount: Int { grid.tileCount * frameCount }

  /// A tile side for a job: 128 pixels, or less down to 32 until every worker has four tiles, so that a job
  /// of few tiles keeps all of them busy.
  public static func fittedTileSidePX(widthPX: Int, heightPX: Int, frames: Int, workers: Int) -> UInt32 {
    for side in [128, 64] {
      let tiles = TileGrid(width: widthPX, height: heightPX, side: side).tileCount * frames
      if tiles >= 4 * workers { return UInt32(side) }
    }
    return 32
  }

  /// Which frame and which pixels a tile is: tiles are numbered frame by frame, then in raster order.
  public func tile(_ index: TileIndex) -> (frame: UInt32, rect: TileRect) {
    let grid = grid
    let value = Int(index.value)
    precondition(value < tileCount, "tile \(value) of \(tileCount)")
    return (firstFrame + UInt32(value / grid.tileCount), grid.rect(at: value % grid.tileCount))
  }

  /// The first tile of a frame; the frame's others follow it.
  public func firstTile(ofFrame frame: UInt32) -> TileIndex {
    precondition(frame >= firstFrame && frame <= lastFrame, "frame \(frame) of \(firstFrame)-\(lastFrame)")
    return TileIndex(UInt32(Int(frame - firstFrame) * grid.tileCount))
  }
}
