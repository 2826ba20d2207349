import Imaging
import Settlement

extension JobTerms {
  /// The tiles of each frame. Valid terms only.
  public var grid: TileGrid { TileGrid(width: Int(widthPX), height: Int(heightPX), side: Int(tileSidePX)) }

  /// Tiles of all frames. Valid terms only.
  public var tileCount: Int { grid.tileCount * frameCount }

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
