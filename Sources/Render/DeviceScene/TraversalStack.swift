import Kernels

/// The traversal's limits (bvh.cl has the same number).
enum BVHLimits {
  static let stackEntries = 128
}

extension DeviceScene {
  /// Entries that a ray's traversal can need at most: siblings left behind on the way down. Children come
  /// after their parents and objects after instances, so one pass from the end sees every child before its
  /// parent.
  package var traversalStackNeed: Int {
    var need = [Int](repeating: 0, count: nodes.count)
    for index in nodes.indices.reversed() {
      var deepest = 0
      var count = 0
      withUnsafeBytes(of: nodes[index].child) { bytes in
        for child in bytes.bindMemory(to: Int32.self) where child != Int32.min {
          count += 1
          guard let below = node(below: child) else { continue }
          precondition(below > index && below < nodes.count, "node \(index) has child \(child)")
          deepest = max(deepest, need[below])
        }
      }
      need[index] = max(0, count - 1) + max(1, deepest)
    }
    return need.first ?? 0
  }

  /// The node that a child value leads to: itself, or the root of an instance's object; nil for triangles.
  private func node(below child: Int32) -> Int? {
    if child >= 0 { return Int(child) }
    guard ~child & INSTANCE_LEAF != 0 else { return nil }
    return Int(instances[Int(~child ^ INSTANCE_LEAF)].root)
  }
}
