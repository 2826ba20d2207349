import Cryptography
import FarmProtocol
import Settlement

/// Which pixels of which frames are rendered to learn what a job costs. Stratified twice: the frames in runs
/// of nearly equal length, one drawn from each; each frame in cells of nearly equal size, two pixels drawn
/// from each, so that the spread inside a cell shows (Cochran 1977, "Sampling Techniques", sections 5.3
/// and 5A.12). Draws follow from the terms: the same terms give the same sample.
package struct PixelSample: Sendable, Equatable {
  /// A rectangle of the image and the pixels drawn from it.
  package struct Cell: Sendable, Equatable {
    /// Two distinct ones, or the only one there is.
    package let drawn: [PixelPosition]
    /// How many pixels it has.
    package let pixelCount: Int
  }
  /// Consecutive frames, of which one is looked at.
  package struct Run: Sendable, Equatable {
    /// The frame drawn.
    package let frame: UInt32
    /// How many it stands for.
    package let frameCount: Int
    package let cells: [Cell]
    /// All drawn pixels, cell by cell.
    package var pixels: [PixelPosition] { cells.flatMap(\.drawn) }
  }

  package let runs: [Run]

  /// At most `framesMax` frames and about `pixels` pixels in all. `terms` must have passed `validate()`.
  package init(
    of terms: JobTerms, framesMax: Int = Limits.quoteFramesMax, pixels: Int = Limits.quotePixels
  ) {
    var random = DigestRandom(seed: terms.id.digest)
    let runCount = min(framesMax, terms.frameCount)
    let (width, height) = (Int(terms.widthPX), Int(terms.heightPX))
    let cellsWanted = max(1, pixels / runCount / 2)
    let grid = PixelSample.grid(width: width, height: height, cells: cellsWanted)
    runs = (0..<runCount).map { run in
      let frames = PixelSample.part(run, of: runCount, terms.frameCount)
      let frame = terms.firstFrame + UInt32(Int.random(in: frames, using: &random))
      var cells: [Cell] = []
      for row in 0..<grid.rows {
        for column in 0..<grid.columns {
          let x = PixelSample.part(column, of: grid.columns, width)
          let y = PixelSample.part(row, of: grid.rows, height)
          cells.append(PixelSample.draw(x, y, &random))
        }
      }
      return Run(frame: frame, frameCount: frames.count, cells: cells)
    }
  }

  /// About as many columns and rows as make square cells, none without a pixel.
  private static func grid(width: Int, height: Int, cells: Int) -> (columns: Int, rows: Int) {
    let columns = (Double(cells) * Double(width) / Double(height)).squareRoot().rounded()
    let clamped = min(width, max(1, Int(columns)))
    return (clamped, min(height, max(1, cells / clamped)))
  }

  /// The `index`-th of `count` nearly equal parts of 0 ..< `length`.
  private static func part(_ index: Int, of count: Int, _ length: Int) -> Range<Int> {
    index * length / count..<(index + 1) * length / count
  }

  private static func draw(_ x: Range<Int>, _ y: Range<Int>, _ random: inout DigestRandom) -> Cell {
    let pixelCount = x.count * y.count
    let at = { (index: Int) in
      PixelPosition(x: x.lowerBound + index % x.count, y: y.lowerBound + index / x.count)
    }
    let first = Int.random(in: 0..<pixelCount, using: &random)
    guard pixelCount > 1 else { return Cell(drawn: [at(first)], pixelCount: 1) }
    let step = Int.random(in: 1..<pixelCount, using: &random)
    return Cell(drawn: [at(first), at((first + step) % pixelCount)], pixelCount: pixelCount)
  }
}

/// SHA-256 in counter mode: a sequence that follows from a digest and from nothing else.
private struct DigestRandom: RandomNumberGenerator {
  private let seed: Digest
  private var counter: UInt64 = 0
  private var left: [UInt64] = []

  init(seed: Digest) { self.seed = seed }

  mutating func next() -> UInt64 {
    if left.isEmpty {
      var writer = CanonicalWriter(type: "sample")
      writer.write(seed)
      writer.write(counter)
      counter += 1
      let bytes = Digest(of: writer.bytes).bytes
      left = stride(from: 0, to: 32, by: 8).map { start in
        bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
      }
    }
    return left.removeLast()
  }
}
