import Kernels

/// An axis-aligned box, metres; the fourth lane is ignored.
struct BVHBox: Sendable {
  var low: SIMD4<Float>
  var high: SIMD4<Float>

  /// Contains nothing.
  static let empty = BVHBox(
    low: SIMD4(repeating: .greatestFiniteMagnitude), high: SIMD4(repeating: -.greatestFiniteMagnitude))

  @inline(__always) mutating func add(low otherLow: SIMD4<Float>, high otherHigh: SIMD4<Float>) {
    low.replace(with: otherLow, where: otherLow .< low)
    high.replace(with: otherHigh, where: otherHigh .> high)
  }

  func union(_ other: BVHBox) -> BVHBox {
    var box = self
    box.add(low: other.low, high: other.high)
    return box
  }

  /// Half the surface, square metres; in double precision, where it cannot overflow.
  @inline(__always) var halfArea: Double {
    let x = Double(high.x) - Double(low.x)
    let y = Double(high.y) - Double(low.y)
    let z = Double(high.z) - Double(low.z)
    return x * y + y * z + z * x
  }

  /// Largest absolute value of a bound.
  var largestCoordinate: Float {
    var largest: Float = 0
    for i in 0..<3 { largest = max(largest, max(low[i].magnitude, high[i].magnitude)) }
    return largest
  }
}

/// A triangle as the builder moves it around: its box, with its number in the spare lane.
struct BVHReference {
  /// The fourth lane holds the triangle's number as a bit pattern.
  let low: SIMD4<Float>
  /// The fourth lane is 0.
  let high: SIMD4<Float>

  init(_ triangle: DeviceTriangle, id: UInt32) {
    let (a, b, c) = triangle.position
    var box = BVHBox.empty
    for p in [a, b, c] {
      let point = SIMD4(p.0, p.1, p.2, 0)
      box.add(low: point, high: point)
    }
    box.low.w = Float(bitPattern: id)
    low = box.low
    high = box.high
  }

  /// Index of the triangle.
  var triangle: Int { Int(low.w.bitPattern) }
  /// Centre of the box. Halves are added, so that it cannot overflow.
  @inline(__always) var centre: SIMD4<Float> { 0.5 * low + 0.5 * high }
}
