import Imaging
import Kernels
import SceneModel

/// A lat-long environment and the table that draws directions from it.
package struct EnvironmentTable: Sendable {
  package let width: Int
  package let height: Int
  /// 3 floats a texel, radiance times strength.
  package let radiance: DeviceArray<Float>
  /// (height + 2) marginal values over rows of cells, then (width + 1) conditional values a row.
  package let cdf: DeviceArray<Float>
  /// Mean of luminance times sin(theta) over the unit square.
  package let integral: Double

  /// No environment: black.
  static let none = EnvironmentTable(
    width: 0, height: 0, radiance: DeviceArray([]), cdf: DeviceArray([]), integral: 0)

  private init(
    width: Int, height: Int, radiance: DeviceArray<Float>, cdf: DeviceArray<Float>, integral: Double
  ) {
    self.width = width
    self.height = height
    self.radiance = radiance
    self.cdf = cdf
    self.integral = integral
  }

  /// Takes radiance (row-major from the top left, 3 floats a texel, already times strength). A black
  /// environment is the same as none.
  package init(width: Int, height: Int, radiance: DeviceArray<Float>) {
    let cells = EnvironmentCells(width: width, height: height, radiance)
    guard cells.integral > 0 else {
      self = .none
      return
    }
    self.init(width: width, height: height, radiance: radiance, cdf: cells.cdf, integral: cells.integral)
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
    self.init(
      width: image.width, height: image.height,
      radiance: EnvironmentTable.radiance(image.rgb, strength: environment.strength))
  }

  /// Within bounds: infinities and NaN would poison the table.
  private static func radiance(_ rgb: [Float], strength: Float) -> DeviceArray<Float> {
    let growing = GrowingDeviceArray<Float>(count: rgb.count)
    let pieces = Pieces(of: rgb.indices, size: 1 << 16)
    rgb.withUnsafeBufferPointer { rgb in
      ParallelLoop.run(pieces.count) { piece in
        for i in pieces[piece] {
          let value = rgb[i] * strength
          growing.values[i] = value > radianceMin ? min(value, radianceMax) : 0
        }
      }
    }
    return growing.finished()
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
  /// Mean of luminance times sin(theta) over the unit square.
  let integral: Double
  private let radiance: DeviceArray<Float>
  private let meanLuminance: Double

  init(width: Int, height: Int, _ radiance: DeviceArray<Float>) {
    self.width = width
    self.height = height
    self.radiance = radiance
    let sums = EnvironmentCells.byRow(height) { row in
      EnvironmentCells.luminances(radiance, width: width, height: height, row: row).reduce(0, +)
    }
    var (sum, solidAngle) = (0.0, 0.0)
    for row in 0...height {
      let measure = EnvironmentCells.measure(row, height: height)
      sum += sums[row] * measure
      solidAngle += Double(width) * measure
    }
    meanLuminance = sum / solidAngle
    integral = sum / Double(width * height)
  }

  /// Marginal values over the rows, then the conditional values of each.
  var cdf: DeviceArray<Float> {
    let growing = GrowingDeviceArray<Float>(count: (height + 2) + (height + 1) * (width + 1))
    func write(_ values: [Float], at first: Int) {
      for (i, value) in values.enumerated() { growing.values[first + i] = value }
    }
    let sums = EnvironmentCells.byRow(height) { row in
      let weights = weights(row: row)
      write(UnitShares.cumulative(weights), at: (height + 2) + row * (width + 1))
      return weights.reduce(0, +)
    }
    write(UnitShares.cumulative(sums), at: 0)
    return growing.finished()
  }

  /// A number of each row, on all cores.
  private static func byRow(_ height: Int, _ number: (Int) -> Double) -> [Double] {
    [Double](unsafeUninitializedCapacity: height + 1) { numbers, filled in
      filled = height + 1
      ParallelLoop.run(height + 1) { numbers.initializeElement(at: $0, to: number($0)) }
    }
  }

  /// Mean luminance of each cell of a row, under bilinear look-up.
  private static func luminances(
    _ radiance: DeviceArray<Float>, width: Int, height: Int, row: Int
  ) -> [Double] {
    radiance.withUnsafeBufferPointer { radiance in
      func light(_ row: Int) -> [Double] {
        (0..<width).map { x in
          let first = 3 * (row * width + x)
          return luminance((radiance[first], radiance[first + 1], radiance[first + 2]))
        }
      }
      let (above, below) = (light(max(row - 1, 0)), light(min(row, height - 1)))
      return (0..<width).map { x in
        let right = x + 1 == width ? 0 : x + 1
        return ((above[x] + above[right]) + (below[x] + below[right])) / 4
      }
    }
  }

  /// Height of a row, in texels, times the sine of its middle.
  private static func measure(_ row: Int, height: Int) -> Double {
    let isHalf = row == 0 || row == height
    let middle = row == 0 ? 0.25 : row == height ? Float(height) - 0.25 : Float(row)
    return Double(ExactMath.sin(middle / Float(height) * ExactMath.pi)) * (isHalf ? 0.5 : 1)
  }

  /// What a row's cells are drawn by: what they are brighter than the mean, because scattered rays find the
  /// rest better (Karlik et al. 2019, "MIS Compensation"), and a little, so that every direction can be
  /// drawn.
  private func weights(row: Int) -> [Double] {
    let measure = EnvironmentCells.measure(row, height: height)
    return EnvironmentCells.luminances(radiance, width: width, height: height, row: row).map {
      max($0 - meanLuminance, 1e-4 * meanLuminance) * measure
    }
  }
}
