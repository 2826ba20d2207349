import Foundation
import SceneModel
import Testing

/// Every function against Foundation's double-precision libm, on a dense grid of its stated range.
@Suite struct ExactMathTests {
  /// `count` values from `low` to `high`, ends included.
  private func grid(_ low: Float, _ high: Float, count: Int = 20_001) -> [Float] {
    (0..<count).map { low + (high - low) * (Float($0) / Float(count - 1)) }
  }

  private func worst(_ xs: [Float], _ ours: (Float) -> Float, _ truth: (Double) -> Double) -> Double {
    xs.map { abs(Double(ours($0)) - truth(Double($0))) }.max() ?? .infinity
  }

  @Test func `sine and cosine stay within 1e-7`() {
    for (low, high) in [(-4, 4), (-1000, 1000), (0, 1e-3)] as [(Float, Float)] {
      let xs = grid(low, high)
      #expect(worst(xs, ExactMath.sin) { Foundation.sin($0) } < 1e-7)
      #expect(worst(xs, ExactMath.cos) { Foundation.cos($0) } < 1e-7)
    }
    #expect(ExactMath.sin(0) == 0 && ExactMath.cos(0) == 1)
  }

  @Test func `angles that cannot be reduced give a total answer`() {
    for x in [Float.infinity, -.infinity, .nan, 1e30] {
      #expect(ExactMath.sincos(x) == (0, 1))
    }
  }

  @Test func `tangent stays within 4e-7 of itself`() {
    for x in grid(-1.5, 1.5) where x != 0 {
      let truth = Foundation.tan(Double(x))
      #expect(abs(Double(ExactMath.tan(x)) / truth - 1) < 4e-7, "tan \(x)")
    }
  }

  @Test func `exponential stays within 2e-7 of itself and is cut at its ends`() {
    for x in grid(-85.9, 88) {
      let truth = Foundation.exp(Double(x))
      #expect(abs(Double(ExactMath.exp(x)) / truth - 1) < 2e-7, "exp \(x)")
    }
    #expect(ExactMath.exp(-90) == 0 && ExactMath.exp(-.infinity) == 0 && ExactMath.exp(.nan) == 0)
    #expect(ExactMath.exp(1000) == ExactMath.exp(88))
    #expect(ExactMath.exp(0) == 1)
  }

  @Test func `logarithm stays within its bound over all magnitudes`() {
    for exponent in stride(from: -37.9, through: 38.4, by: 0.0037) {
      let x = Float(Foundation.pow(10, exponent))
      let truth = Foundation.log(Double(x))
      #expect(abs(Double(ExactMath.log(x)) - truth) < 1e-7 + 1e-7 * abs(truth), "log \(x)")
    }
    #expect(ExactMath.log(1) == 0)
  }

  @Test func `power stays within its bound and is 0 for what has no real power`() {
    for x in grid(0.01, 20, count: 301) {
      for y in grid(-6, 6, count: 101) {
        let truth = Foundation.pow(Double(x), Double(y))
        let bound = 2e-7 * (1 + 2 * abs(Double(y) * Foundation.log(Double(x))))
        #expect(abs(Double(ExactMath.pow(x, y)) / truth - 1) < bound, "pow \(x) \(y)")
      }
    }
    #expect(ExactMath.pow(0, 2) == 0 && ExactMath.pow(-1, 2) == 0)
  }

  @Test func `arc cosine stays within 4e-7 and clamps`() {
    #expect(worst(grid(-1, 1), ExactMath.acos) { Foundation.acos($0) } < 4e-7)
    #expect(ExactMath.acos(1) == 0 && ExactMath.acos(1.5) == 0)
    #expect(ExactMath.acos(-1.5) == ExactMath.acos(-1))
  }

  @Test func `angle of a point stays within 4e-7 all the way round`() {
    for degrees in stride(from: -179.95, through: 180, by: 0.05) {
      for radius in [1e-6, 1, 1e6] {
        let angle = degrees * Double.pi / 180
        let x = Float(radius * Foundation.cos(angle))
        let y = Float(radius * Foundation.sin(angle))
        let truth = Foundation.atan2(Double(y), Double(x))
        #expect(abs(Double(ExactMath.atan2(y, x)) - truth) < 4e-7, "atan2 \(y) \(x)")
      }
    }
    #expect(ExactMath.atan2(0, 0) == 0)
  }
}
