import Render

/// How two independent estimates of an image differ, in units of the error that they claim.
struct Agreement: CustomStringConvertible {
  /// Of the mean over all pixels: standard errors, by channel.
  private(set) var meanErrors = SIMD3<Double>.zero
  /// Mean of the squared standard errors of the pixels, green: about 1 where both are right.
  private(set) var pixelChiSquare = 0.0
  /// Largest relative difference of pixels that have no noise.
  private(set) var quietError = 0.0

  init(_ a: [ReferencePixel], _ b: [ReferencePixel]) {
    self.init(zip(a, b).map { (($0.mean, $0.variance), ($1.mean, $1.variance)) })
  }

  /// Means and variances of the means, pixel by pixel.
  init(
    _ pixels: [(
      a: (mean: SIMD4<Double>, variance: SIMD4<Double>), b: (mean: SIMD4<Double>, variance: SIMD4<Double>)
    )]
  ) {
    var (difference, variance) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    var noisy = 0
    for (a, b) in pixels {
      difference += a.mean - b.mean
      variance += a.variance + b.variance
      let noise = a.variance.y + b.variance.y
      let squared = (a.mean.y - b.mean.y) * (a.mean.y - b.mean.y)
      if noise > 1e-10 {
        noisy += 1
        pixelChiSquare += squared / noise
      } else {
        quietError = max(quietError, squared.squareRoot() / max(1, abs(a.mean.y)))
      }
    }
    for channel in 0..<3 {
      meanErrors[channel] = difference[channel] / max(variance[channel], 1e-20).squareRoot()
    }
    pixelChiSquare /= Double(max(noisy, 1))
  }

  /// Within four standard errors over the image; pixel by pixel within what about a hundred pixels scatter
  /// by.
  var isGood: Bool {
    (0..<3).allSatisfy { abs(meanErrors[$0]) < 4 } && pixelChiSquare < 2 && quietError < 1e-4
  }

  var description: String {
    "mean \(meanErrors) standard errors, chi-square \(pixelChiSquare), quiet \(quietError)"
  }
}
