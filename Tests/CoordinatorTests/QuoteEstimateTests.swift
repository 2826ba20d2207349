import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import TestSupport
import Testing

/// The sample and the arithmetic of a quote.
@Suite struct QuoteEstimateTests {
  private func terms(_ width: UInt32, _ height: UInt32, frames: UInt32, nonce: UInt8 = 1) -> JobTerms {
    var terms = smallTerms(frames: frames, nonce: nonce)
    (terms.widthPX, terms.heightPX) = (width, height)
    return terms
  }

  /// Rays that a made-up picture takes: a smooth hill, a hard edge, and some noise.
  private func rays(_ frame: UInt32, _ at: PixelPosition, _ terms: JobTerms) -> UInt32 {
    let noise = UInt32(TestRender.pixel(terms.id, frame: frame, x: at.x, y: at.y).work % 7)
    let hill = UInt32(at.x * at.y * 40 / Int(terms.widthPX * terms.heightPX))
    return 4 + hill + noise + (at.x > at.y ? 30 : 0) + frame
  }

  private func total(_ terms: JobTerms) -> Double {
    var sum = 0.0
    for frame in terms.firstFrame...terms.lastFrame {
      for y in 0..<Int(terms.heightPX) {
        for x in 0..<Int(terms.widthPX) { sum += Double(rays(frame, PixelPosition(x: x, y: y), terms)) }
      }
    }
    return sum
  }

  private func estimate(_ terms: JobTerms, framesMax: Int = 8, pixels: Int = 2_048) -> WorkEstimate {
    let sample = PixelSample(of: terms, framesMax: framesMax, pixels: pixels)
    let work = sample.runs.map { run in run.pixels.map { rays(run.frame, $0, terms) } }
    return WorkEstimate(sample, work: work, scale: 1, grid: terms.grid)
  }

  @Test(arguments: [(1, 1, 1), (3, 2, 5), (97, 61, 1), (640, 8, 9), (16_384, 16_384, 100_000)])
  func `a sample stands for every pixel of every frame once`(width: Int, height: Int, frames: Int) {
    let terms = terms(UInt32(width), UInt32(height), frames: UInt32(frames))
    let sample = PixelSample(of: terms)
    #expect(sample.runs.reduce(0) { $0 + $1.frameCount } == frames)
    #expect(Set(sample.runs.map(\.frame)).count == min(frames, Limits.quoteFramesMax))
    for run in sample.runs {
      #expect((terms.firstFrame...terms.lastFrame).contains(run.frame))
      #expect(run.cells.reduce(0) { $0 + $1.pixelCount } == width * height)
      #expect(Set(run.pixels).count == run.pixels.count, "no pixel is drawn twice")
      #expect(
        run.pixels.allSatisfy { (0..<width).contains($0.x) && (0..<height).contains($0.y) })
    }
    #expect(sample.runs.reduce(0) { $0 + $1.pixels.count } <= 2 * Limits.quotePixels)
    #expect(sample == PixelSample(of: terms), "the same terms give the same sample")
  }

  @Test func `a picture of one brightness is estimated exactly`() {
    let terms = terms(100, 60, frames: 20)
    let sample = PixelSample(of: terms)
    let work = sample.runs.map { run in run.pixels.map { _ in UInt32(7) } }
    let estimate = WorkEstimate(sample, work: work, scale: 4, grid: terms.grid)
    #expect(estimate.total == 4 * 7 * 100 * 60 * 20)
    #expect(estimate.standardError == 0)
    #expect(estimate.tileMax == 4 * 7 * 8 * 8)
    #expect(estimate.rays.low < estimate.rays.likely && estimate.rays.likely < estimate.rays.high)
  }

  @Test func `the estimate is unbiased and its error is as large as it says`() {
    var (errors, predicted): ([Double], [Double]) = ([], [])
    let truth = total(terms(64, 48, frames: 24))
    for nonce in 1...60 as ClosedRange<UInt8> {
      // The noise follows from the job, hence the truth does too: small beside the error of the sample.
      let estimate = estimate(terms(64, 48, frames: 24, nonce: nonce), pixels: 512)
      errors.append(estimate.total / truth - 1)
      predicted.append(estimate.standardError / truth)
    }
    let mean = errors.reduce(0, +) / 60
    let spread = (errors.reduce(0) { $0 + $1 * $1 } / 60).squareRoot()
    let said = predicted.reduce(0, +) / 60
    #expect(abs(mean) < 3 * spread / 60.0.squareRoot() + 0.002, "mean error \(mean), spread \(spread)")
    #expect(said > 0.7 * spread && said < 3 * spread, "said \(said), found \(spread)")
    #expect(spread < 0.03)
  }

  @Test func `the truth lies within the bounds nearly always`() {
    let outside = (1...60 as ClosedRange<UInt8>).count { nonce in
      let terms = terms(64, 48, frames: 24, nonce: nonce)
      let rays = estimate(terms).rays
      return !(Double(rays.low)...Double(rays.high)).contains(total(terms))
    }
    #expect(outside <= 2)
  }

  @Test func `a finish is later the more is before it, and unknown without workers`() throws {
    let work = Estimate(low: 900, likely: 1_000, high: 1_200)
    var farm = FinishEstimate(
      speeds: [SpeedRange(known: 1), SpeedRange(known: 3)], ownBacklog: 0, otherBacklogs: [], loadMS: 10)
    #expect(farm.durationMS(of: work) == Estimate(low: 225, likely: 260, high: 470))
    farm.otherBacklogs = [400, 1_000_000]
    // One of them is soon done; the other gets as much as we do until we are.
    #expect(try #require(farm.durationMS(of: work)).likely == (1_000 + 400 + 1_000) / 4 + 10)
    farm.ownBacklog = 1_000
    #expect(try #require(farm.durationMS(of: work)).likely == (2_000 + 400 + 2_000) / 4 + 10)
    farm.speeds = []
    #expect(farm.durationMS(of: work) == nil)
  }

  @Test func `what is not known of the devices makes a finish wide, not wrong`() throws {
    let work = Estimate(low: 1_000, likely: 1_000, high: 1_000)
    // A house busy with its neighbours, and a benchmark on an easy scene: the truth lies between.
    let farm = FinishEstimate(
      speeds: [SpeedRange(house: 1, benchmark: 16)], ownBacklog: 0, otherBacklogs: [], loadMS: 0)
    #expect(farm.durationMS(of: work) == Estimate(low: 63, likely: 250, high: 1_500))
    // A slower device than the house's is no faster for that.
    #expect(SpeedRange(house: 8, benchmark: 2) == SpeedRange(house: 2, benchmark: 8))
    #expect(SpeedRange(house: 3, benchmark: nil) == SpeedRange(known: 3))
  }
}
