import Imaging
import TestSupport

let someHeader = FragmentHeader(job: (0..<32).map { UInt8($0) }, tile: 70_000, attempt: 2)

/// A fragment of any finite, not negative halves and any counters.
func randomFragment(_ rect: TileRect, seed: UInt64) -> Fragment {
  var random = Seeded(seed: seed)
  return Fragment(
    rect: rect,
    rgbaHalfBits: (0..<4 * rect.pixelCount).map { _ in .random(in: 0...Half.maxBits, using: &random) },
    work: (0..<rect.pixelCount).map { _ in .random(in: 0...UInt32.max, using: &random) })
}

/// Sums of any value that so many samples can have.
func randomSums(_ rect: TileRect, sampleCount: Int, seed: UInt64) -> SampleSums {
  var random = Seeded(seed: seed)
  let most = Int64(sampleCount) * (65504 << 30)
  return SampleSums(
    rect: rect, sampleCount: sampleCount,
    rgba: (0..<4 * rect.pixelCount).map { _ in .random(in: 0...most, using: &random) },
    work: (0..<rect.pixelCount).map { _ in .random(in: 0...UInt32.max, using: &random) })
}

/// A complete frame whose colours and alphas run over 0 ... 1, and work over everything.
func gradientFrame(width: Int, height: Int) -> Frame {
  var halves: [UInt16] = []
  var work: [UInt32] = []
  for y in 0..<height {
    for x in 0..<width {
      let u = Float(x) / Float(max(1, width - 1))
      let v = Float(y) / Float(max(1, height - 1))
      let alpha = 0.25 + 0.75 * u
      halves += [u * alpha, v * alpha, (1 - u) * alpha, alpha].map(Half.bits)
      work.append(UInt32(truncatingIfNeeded: (y * width + x) * 0x0123_4567))
    }
  }
  return Frame(width: width, height: height, rgbaHalfBits: halves, work: work)
}

/// What a call throws, or nil.
func refusal<T>(of body: () throws(ImagingError) -> T) -> ImagingError? {
  do throws(ImagingError) {
    _ = try body()
    return nil
  } catch { return error }
}
