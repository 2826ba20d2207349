import FarmProtocol
import Imaging

/// The rays of a whole job, estimated from those of its `PixelSample`. Unbiased: each cell's mean stands for
/// its pixels, each frame for its run.
package struct WorkEstimate: Sendable, Equatable {
  /// Rays of all tiles.
  package let total: Double
  /// Its standard error: the spread inside cells, and, where a frame stands for others, the spread between
  /// neighbouring frames, which for a slow change is more than the truth.
  package let standardError: Double
  /// Most rays that a whole tile should take: the dearest tile seen, four standard errors up; where tiles
  /// have few drawn pixels, as if every pixel were the dearest one.
  package let tileMax: Double

  /// - Parameter work: rays of each run's pixels, in the order of `PixelSample.Run.pixels`.
  /// - Parameter scale: samples of a pixel in the job for each that was taken here.
  /// - Parameter grid: the job's tiles in a frame.
  package init(_ sample: PixelSample, work: [[UInt32]], scale: Double, grid: TileGrid) {
    precondition(work.count == sample.runs.count, "\(work.count) frames of \(sample.runs.count)")
    var (total, variance) = (0.0, 0.0)
    var perFrame: [Double] = []
    for (run, rays) in zip(sample.runs, work) {
      let frame = WorkEstimate.frame(run, rays.map { Double($0) * scale })
      let count = Double(run.frameCount)
      total += count * frame.total
      variance += count * count * frame.variance
      perFrame.append(frame.total)
    }
    // Successive differences (Wolter 2007, "Introduction to Variance Estimation", section 8.2).
    let steps = zip(perFrame, perFrame.dropFirst()).map { ($1 - $0) * ($1 - $0) }
    let between = steps.reduce(0, +) / Double(2 * max(1, steps.count))
    for run in sample.runs { variance += between * Double(run.frameCount * (run.frameCount - 1)) }
    self.total = total
    standardError = variance.squareRoot()
    tileMax = scale * zip(sample.runs, work).reduce(0) { max($0, WorkEstimate.dearestTile($1.0, $1.1, grid)) }
  }

  /// Drawn pixels below which a tile's own mean says too little.
  private static let tilePixelsMin = 16

  private static func dearestTile(_ run: PixelSample.Run, _ rays: [UInt32], _ grid: TileGrid) -> Double {
    var byTile: [Int: [Double]] = [:]
    for (pixel, count) in zip(run.pixels, rays) {
      let tile = pixel.y / grid.side * grid.columns + pixel.x / grid.side
      byTile[tile, default: []].append(Double(count))
    }
    let dearestPixel = rays.max().map(Double.init) ?? 0
    return byTile.reduce(0) { most, tile in
      let (count, pixels) = (Double(tile.value.count), Double(grid.rect(at: tile.key).pixelCount))
      guard tile.value.count >= tilePixelsMin else { return max(most, dearestPixel * pixels) }
      let mean = tile.value.reduce(0, +) / count
      let variance = tile.value.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
      return max(most, min(mean + 4 * (variance / count).squareRoot(), dearestPixel) * pixels)
    }
  }

  private static func frame(_ run: PixelSample.Run, _ rays: [Double]) -> (total: Double, variance: Double) {
    precondition(rays.count == run.pixels.count, "\(rays.count) pixels of \(run.pixels.count)")
    var (total, variance, next) = (0.0, 0.0, 0)
    for cell in run.cells {
      let drawn = rays[next..<next + cell.drawn.count]
      next += cell.drawn.count
      let (count, mean) = (Double(cell.pixelCount), drawn.reduce(0, +) / Double(drawn.count))
      total += count * mean
      guard drawn.count == 2, let first = drawn.first, let last = drawn.last else { continue }
      // Sample variance of two is half their squared difference; the mean of two has half of that.
      variance += count * (count - 2) * (first - last) * (first - last) / 4
    }
    return (total, variance)
  }

  /// The estimate with bounds: two and a half standard errors, at least two parts in a hundred.
  package var rays: Estimate {
    let margin = max(2.5 * standardError, 0.02 * total)
    return Estimate(
      low: WorkEstimate.whole(total - margin), likely: WorkEstimate.whole(total),
      high: WorkEstimate.whole(total + margin))
  }

  private static func whole(_ value: Double) -> UInt64 { UInt64(max(0, min(value.rounded(), 0x1p62))) }
}
