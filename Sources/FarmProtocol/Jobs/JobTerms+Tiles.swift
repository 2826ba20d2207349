import Imaging
import Settlement

extension JobTerms {
  /// The tiles of each frame. Valid terms only.
  public var grid: TileGrid { TileGrid(width: Int(widthPX), height: Int(heightPX), side: Int(tileSidePX)) }

  /// Tiles of all frames, those of each pass counted. Valid terms only.
  public var tileCount: Int { grid.tileCount * frameCount * passCount }

  /// Tiles of all frames, each counted once however many passes it has. Valid terms only.
  public var wholeTileCount: Int { grid.tileCount * frameCount }

  /// A tile side for a job: 128 pixels, or less down to 32 until every worker has four tiles, so that a job
  /// of few tiles keeps all of them busy.
  public static func fittedTileSidePX(widthPX: Int, heightPX: Int, frames: Int, workers: Int) -> UInt32 {
    for side in [128, 64] {
      let tiles = TileGrid(width: widthPX, height: heightPX, side: side).tileCount * frames
      if tiles >= 4 * workers { return UInt32(side) }
    }
    return 32
  }

  /// Passes for a job: a first one of `preview` samples, and the rest in parts of `splitSamplesMin` or more
  /// until every worker has four tiles; nil where all samples are best taken at once. Without `preview` a job
  /// of many samples has a 32nd of them: two passes of exact sums then take as many bytes a sample as the
  /// halves of a job of 26 samples.
  public static func fittedPasses(
    samples: Int, preview: Int? = nil, wholeTiles: Int, workers: Int
  ) -> [UInt32]? {
    let first = preview ?? (samples >= previewedSamplesMin ? samples / 32 : 0)
    let rest = samples - first
    let wanted = (4 * workers + wholeTiles - 1) / max(1, wholeTiles)
    let count = max(1, min(wanted, rest / splitSamplesMin, passesMax - 1))
    let parts = (0..<count).map { UInt32(rest * ($0 + 1) / count - rest * $0 / count) }
    let passes = (first > 0 ? [UInt32(first)] : []) + parts
    return passes.count > 1 ? passes : nil
  }
  /// Samples from which a job has previews unless it says otherwise.
  private static let previewedSamplesMin = 128
  /// Samples below which splitting them gains nothing.
  private static let splitSamplesMin = 32

  /// Where a tile is: tiles are numbered pass after pass (`framePass(at:)`), then in raster order.
  public func tile(_ index: TileIndex) -> TilePlace {
    let (place, local) = Int(index.value).quotientAndRemainder(dividingBy: grid.tileCount)
    precondition(place < frameCount * passCount, "tile \(index.value) of \(tileCount)")
    let pass = framePass(at: place)
    return TilePlace(frame: pass.frame, pass: pass.pass, rect: grid.rect(at: local))
  }

  /// The tiles of a frame in all its passes, ascending.
  public func tiles(ofFrame frame: UInt32) -> [TileIndex] {
    places(ofFrame: frame).flatMap { place in
      (place * grid.tileCount..<(place + 1) * grid.tileCount).map { TileIndex(UInt32($0)) }
    }
  }

  /// Some samples of a tile as they are committed to, from the sums that a device made of them: all of them
  /// resolved, those of a pass as they are.
  public func content(_ sums: SampleSums, ofPass pass: Int) -> TileContent {
    guard passes != nil else { return .resolved(sums.resolved(layers)) }
    return .sums(sums, firstSample: samples(ofPass: pass).lowerBound)
  }
}

/// Which pixels of which frame a tile is, and in which pass.
public struct TilePlace: Hashable, Sendable {
  /// The frame's number.
  public let frame: UInt32
  /// Counted from 0; 0 for a job without passes.
  public let pass: Int
  /// Which pixels of the frame.
  public let rect: TileRect

  /// All fields, in the order of their declaration.
  public init(frame: UInt32, pass: Int, rect: TileRect) {
    self.frame = frame
    self.pass = pass
    self.rect = rect
  }
}
