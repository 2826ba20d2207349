/// A pixel's running mean and the error of it, by sample: red, green, blue (radiance) and alpha.
package struct ReferencePixel: Sendable {
  /// How many samples went in.
  package private(set) var sampleCount = 0
  /// Mean of the samples.
  package private(set) var mean = SIMD4<Double>.zero
  private var squares = SIMD4<Double>.zero

  package init() {}

  /// Takes one sample (Welford 1962).
  package mutating func add(_ sample: SIMD4<Double>) {
    sampleCount += 1
    let before = sample - mean
    mean += before / Double(sampleCount)
    squares += before * (sample - mean)
  }

  /// Variance of one sample.
  package var sampleVariance: SIMD4<Double> { squares / Double(max(sampleCount - 1, 1)) }
  /// Variance of the mean.
  package var variance: SIMD4<Double> { sampleVariance / Double(max(sampleCount, 1)) }
}
