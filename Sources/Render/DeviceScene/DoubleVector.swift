import Kernels

extension SIMD3<Double> {
  /// Widens each lane.
  init(_ v: (Float, Float, Float)) { self.init(Double(v.0), Double(v.1), Double(v.2)) }

  /// Inner product, left to right.
  func dot(_ other: SIMD3<Double>) -> Double { (x * other.x + y * other.y) + z * other.z }

  /// Outer product, right-handed.
  func cross(_ other: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }

  /// Euclidean length.
  var length: Double { dot(self).squareRoot() }

  /// Of length 1; nil when there is no direction in it.
  var normalised: SIMD3<Double>? {
    let length = length
    return length > 0 && length.isFinite ? self / length : nil
  }
}

extension SIMD3<Float> {
  /// As a C array of three.
  var tuple: (Float, Float, Float) { (x, y, z) }
}

extension SIMD4<Float> {
  /// As a C array of four.
  var tuple: (Float, Float, Float, Float) { (x, y, z, w) }
}
