import Kernels
import Render

/// A node's rows as arrays.
struct NodeView {
  /// Six rows of eight: low x, high x, low y, high y, low z, high z.
  let rows: [Float]
  let children: [Int32]

  init(_ node: DeviceBVHNode) {
    rows = withUnsafeBytes(of: node.bounds) { Array($0.bindMemory(to: Float.self)) }
    children = withUnsafeBytes(of: node.child) { Array($0.bindMemory(to: Int32.self)) }
  }

  struct Box {
    var low: SIMD3<Float>
    var high: SIMD3<Float>

    init(low: SIMD3<Float>, high: SIMD3<Float>) {
      self.low = low
      self.high = high
    }
    init(around corners: [SIMD3<Float>], padding: Float) {
      low = pointwiseMin(corners[0], pointwiseMin(corners[1], corners[2])) - padding
      high = pointwiseMax(corners[0], pointwiseMax(corners[1], corners[2])) + padding
    }

    func contains(_ other: Box) -> Bool { all(low .<= other.low) && all(other.high .<= high) }
    func contains(_ p: SIMD3<Float>) -> Bool { all(low .<= p) && all(p .<= high) }
  }

  func box(_ i: Int) -> Box {
    Box(low: SIMD3(rows[i], rows[16 + i], rows[32 + i]), high: SIMD3(rows[8 + i], rows[24 + i], rows[40 + i]))
  }

  /// Blocks of a leaf.
  static func blocks(of child: Int32) -> Range<Int> {
    let leaf = Int(~child)
    return leaf >> 3..<(leaf >> 3) + (leaf & 7) + 1
  }
}

/// A block's rows as arrays.
struct BlockView {
  /// Nine rows of eight: a x y z, b x y z, c x y z.
  let rows: [Float]
  let triangle: [Int32]

  init(_ block: DeviceTriangleBlock) {
    rows = withUnsafeBytes(of: block.vertex) { Array($0.bindMemory(to: Float.self)) }
    triangle = withUnsafeBytes(of: block.triangle) { Array($0.bindMemory(to: Int32.self)) }
  }

  /// Vertices of the used lanes.
  var corners: [SIMD3<Float>] {
    var corners: [SIMD3<Float>] = []
    for lane in 0..<8 where triangle[lane] != .max {
      for first in [lane, lane + 24, lane + 48] {
        corners.append(SIMD3(rows[first], rows[first + 8], rows[first + 16]))
      }
    }
    return corners
  }
}
