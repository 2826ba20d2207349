import Imaging
import Kernels
import SceneModel

/// A lat-long environment and the table that draws directions from it.
package struct EnvironmentTable {
  package let width: Int
  package let height: Int
  /// 3 floats a texel, radiance times strength.
  package let radiance: [Float]
  /// (height + 2) marginal values over rows of cells, then (width + 1) conditional values a row.
  package let cdf: [Float]
  /// Mean of luminance times sin(theta) over the unit square.
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
    let cells = EnvironmentCells(width: width, height: height, radiance)
    guard cells.integral > 0 else {
      self = .none
      return
    }
    let weights = (0...height).map { cells.weights(row: $0) }
    var cdf = UnitShares.cumulative(weights.map { $0.reduce(0, +) })
    for row in weights { cdf += UnitShares.cumulative(row) }
    self.init(width: width, height: height, radiance: radiance, cdf: cdf, integral: cells.integral)
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
    do throws(ImagingError) { image = try ImageDecoder.decodeHDR(environment.bytes) } catch {
      throw .environment(source: environment.source, reason: error)
    }
    // Infinities and NaN would poison the table.
    let radiance = image.rgb.map { texel in
      let value = texel * environment.strength
      return value > EnvironmentTable.radianceMin ? min(value, EnvironmentTable.radianceMax) : 0
    }
    self.init(width: image.width, height: image.height, radiance: radiance)
  }

  /// Smaller is black: far from what a device flushes to zero.
  private static let radianceMin: Float = 1e-25
  /// Largest radiance of a texel.
  private static let radianceMax: Float = 1e12
}

/// The squares between four texel centres, by row from the north pole; the first and the last row are half
/// ones, beyond the outermost centres.
private struct EnvironmentCells {
  let width: Int
  let height: Int
  /// Mean luminance of each, under bilinear look-up.
  private var luminances: [Double] = []
  /// Mean of luminance times sin(theta) over the unit square.
  private(set) var integral = 0.0
  private var meanLuminance = 0.0

  init(width: Int, height: Int, _ radiance: [Float]) {
    self.width = width
    self.height = height
    let light = (0..<width * height).map { i in
      luminance((radiance[3 * i], radiance[3 * i + 1], radiance[3 * i + 2]))
    }
    luminances.reserveCapacity((height + 1) * width)
    var solidAngle = 0.0
    for row in 0...height {
      let (above, below) = (max(row - 1, 0) * width, min(row, height - 1) * width)
      var sum = 0.0
      for x in 0..<width {
        let right = x + 1 == width ? 0 : x + 1
        let mean =
          ((light[above + x] + light[above + right]) + (light[below + x] + light[below + right])) / 4
        luminances.append(mean)
        sum += mean
      }
      integral += sum * measure(row)
      solidAngle += Double(width) * measure(row)
    }
    meanLuminance = integral / solidAngle
    integral /= Double(width * height)
  }

  /// Height of a row, in texels, times the sine of its middle.
  private func measure(_ row: Int) -> Double {
    let isHalf = row == 0 || row == height
    let middle = row == 0 ? 0.25 : row == height ? Float(height) - 0.25 : Float(row)
    return Double(ExactMath.sin(middle / Float(height) * ExactMath.pi)) * (isHalf ? 0.5 : 1)
  }

  /// What a row's cells are drawn by: what they are brighter than the mean, because scattered rays find the
  /// rest better (Karlik et al. 2019, "MIS Compensation"), and a little, so that every direction can be
  /// drawn.
  func weights(row: Int) -> [Double] {
    luminances[row * width..<(row + 1) * width].map {
      max($0 - meanLuminance, 1e-4 * meanLuminance) * measure(row)
    }
  }
}
