import Kernels
import SceneModel

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

  @inline(__always) mutating func add(_ other: BVHBox) { add(low: other.low, high: other.high) }

  @inline(__always) mutating func add(_ point: SIMD3<Float>) {
    let point = SIMD4(point.x, point.y, point.z, 0)
    add(low: point, high: point)
  }

  func union(_ other: BVHBox) -> BVHBox {
    var box = self
    box.add(other)
    return box
  }

  /// Grown by `pad` on every side.
  func padded(_ pad: Float) -> BVHBox { BVHBox(low: low - pad, high: high + pad) }

  /// The box of its image: of its eight corners.
  func placed(_ map: Transform<ObjectSpace, WorldSpace>) -> BVHBox {
    var box = BVHBox.empty
    for corner in 0..<8 {
      box.add(
        map.point(
          SIMD3(
            corner & 1 == 0 ? low.x : high.x, corner & 2 == 0 ? low.y : high.y,
            corner & 4 == 0 ? low.z : high.z)))
    }
    return box
  }

  /// Half the surface, square metres; in double precision, where it cannot overflow.
  @inline(__always) var halfArea: Double {
    let extent = high - low
    let (x, y, z) = (Double(extent.x), Double(extent.y), Double(extent.z))
    return x * y + y * z + z * x
  }

  /// Largest absolute value of a bound.
  var largestCoordinate: Float {
    var largest: Float = 0
    for i in 0..<3 { largest = max(largest, max(low[i].magnitude, high[i].magnitude)) }
    return largest
  }
}

/// A triangle, or another thing with a box, as the builder moves it around: the box, with the thing's number
/// in the spare lane.
struct BVHReference: BitwiseCopyable {
  /// The fourth lane holds the number as a bit pattern, raised to that of a normal number: processors take a
  /// hundred cycles and more for a product with a denormal one, and all lanes are multiplied.
  let low: SIMD4<Float>
  /// The fourth lane is 0.
  let high: SIMD4<Float>

  init(_ box: BVHBox, id: UInt32) {
    low = SIMD4(box.low.x, box.low.y, box.low.z, Float(bitPattern: BVHReference.idBase + id))
    high = SIMD4(box.high.x, box.high.y, box.high.z, 0)
  }

  /// Which triangle, or another thing.
  @inline(__always) var id: UInt32 { low.w.bitPattern - BVHReference.idBase }
  /// The bit pattern of 2: numbers below 2^29 stay finite above it.
  private static let idBase: UInt32 = 0x4000_0000
  /// Centre of the box. Halves are added, so that it cannot overflow.
  @inline(__always) var centre: SIMD4<Float> { 0.5 * low + 0.5 * high }
}
