import Imaging
import Kernels
import SceneModel

/// A lat-long environment and the table that draws directions from it.
package struct EnvironmentTable {
  package let width: Int
  package let height: Int
  /// 3 floats a texel, radiance times strength.
  package let radiance: [Float]
  /// (height + 1) marginal values, then (width + 1) conditional values a row.
  package let cdf: [Float]
  /// Mean weight: the integral of the density's numerator over the unit square.
  package let integral: Double

  /// No environment: black.
  static let none = EnvironmentTable(width: 0, height: 0, radiance: [], cdf: [], integral: 0)

  private init(width: Int, height: Int, radiance: [Float], cdf: [Float], integral: Double) {
    self.width = width
    self.height = height
    self.radiance = radiance
    self.cdf = cdf
    self.integral = integral
  }

  /// Takes radiance (row-major from the top left, 3 floats a texel, already times strength). A black
  /// environment is the same as none.
  package init(width: Int, height: Int, radiance: [Float]) {
    let weights = EnvironmentTable.weights(width: width, height: height, radiance)
    let sum = weights.reduce(0, +)
    guard sum > 0 else {
      self = .none
      return
    }
    let mean = sum / Double(weights.count)
    let floored = weights.map { max($0, 1e-4 * mean) }
    let rows = (0..<height).map { Array(floored[$0 * width..<($0 + 1) * width]) }
    let rowSums = rows.map { $0.reduce(0, +) }
    var cdf = UnitShares.cumulative(rowSums)
    for row in rows { cdf += UnitShares.cumulative(row) }
    self.init(
      width: width, height: height, radiance: radiance, cdf: cdf,
      integral: rowSums.reduce(0, +) / Double(weights.count))
  }

  /// Luminance times sin(theta), averaged over each texel's area under bilinear look-up: the filter (1, 6, 1)
  /// / 8 in both directions, around the seam and clamped at the poles.
  private static func weights(width: Int, height: Int, _ radiance: [Float]) -> [Double] {
    let light = (0..<width * height).map { i in
      luminance((radiance[3 * i], radiance[3 * i + 1], radiance[3 * i + 2]))
    }
    var across = light
    for y in 0..<height {
      for x in 0..<width {
        let left = light[y * width + (x + width - 1) % width]
        let right = light[y * width + (x + 1) % width]
        across[y * width + x] = (left + 6 * light[y * width + x] + right) / 8
      }
    }
    var weights = across
    for y in 0..<height {
      let sine = Double(ExactMath.sin((Float(y) + 0.5) / Float(height) * ExactMath.pi))
      for x in 0..<width {
        let above = across[max(y - 1, 0) * width + x]
        let below = across[min(y + 1, height - 1) * width + x]
        weights[y * width + x] = sine * ((above + 6 * across[y * width + x] + below) / 8)
      }
    }
    return weights
  }
}

extension EnvironmentTable {
  /// Decodes the scene's environment; without one, `none`.
  init(_ environment: Scene.Environment?) throws(DeviceSceneError) {
    guard let environment else {
      self = .none
      return
    }
    let image: HDRImage
    do throws(ImagingError) { image = try RadianceHDR.decode(environment.bytes) } catch {
      throw .environment(source: environment.source, reason: error)
    }
    // Infinities and NaN would poison the table.
    let radiance = image.rgb.map { texel in
      let value = texel * environment.strength
      return value > 0 ? min(value, EnvironmentTable.radianceMax) : 0
    }
    self.init(width: image.width, height: image.height, radiance: radiance)
  }

  /// Largest radiance of a texel.
  private static let radianceMax: Float = 1e12
}
