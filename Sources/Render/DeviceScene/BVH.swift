import Dispatch
import Kernels

/// An 8-wide bounding volume hierarchy with its leaves in blocks of eight triangles, as the device reads it.
///
/// Built top-down: a node's range of triangles is cut in two by the surface area heuristic (binned: Wald, "On
/// fast construction of SAH-based bounding volume hierarchies", 2007) until there are eight parts, always
/// cutting the part of the largest area (the greedy collapse of Wald, Benthin, Boulos 2008). The result
/// depends on the triangles alone, never on how many threads built it.
///
/// A path from the root meets at most `levelCountMax` nodes. A traversal that keeps the nearest child in hand
/// and pushes up to seven others a node therefore never holds more than 7 x 9 + 1 = 64 entries.
package struct BVH: Sendable {
  /// Most nodes on a path from the root to a leaf.
  package static let levelCountMax = 9
  /// Most triangles: a kernel finds the last word of the last one with a 32-bit index, and the leaf encoding
  /// addresses as many blocks.
  package static let triangleCountMax = 1 << 26

  /// The root is node 0; empty when there are no triangles.
  package let nodes: [DeviceBVHNode]
  package let blocks: [DeviceTriangleBlock]
  /// What boxes exceed their triangles by on every side, metres.
  package let padding: Float

  /// Builds over world-space triangles, at most `triangleCountMax`, every coordinate finite and below 1e30 m.
  /// - Parameters:
  ///   - reach: largest absolute coordinate of any ray's origin, metres; boxes are padded by 4e-6 of it, or
  ///     of the largest coordinate of a triangle when that is more: what the slab test's rounding needs.
  ///   - concurrent: whether to use all cores.
  package init(_ triangles: [DeviceTriangle], reach: Float = 0, concurrent: Bool = true) {
    precondition(
      triangles.count <= BVH.triangleCountMax, "\(triangles.count) triangles, limit \(BVH.triangleCountMax)")
    guard !triangles.isEmpty else {
      nodes = []
      blocks = []
      padding = 0
      return
    }
    var references = triangles.enumerated().map { BVHReference($1, id: UInt32($0)) }
    let whole = references.reduce(BVHBox.empty) { $0.union(BVHBox(low: $1.low, high: $1.high)) }
    let largest = max(whole.largestCoordinate, reach)
    precondition(largest < 1e30, "a coordinate of \(largest) m")
    padding = 4e-6 * largest
    let layout = BVHLayout(pad: padding, leafTriangleCount: BVH.leafTriangleCount(triangles.count))
    let tree = references.withUnsafeMutableBufferPointer { buffer in
      BVH.build(layout, buffer, triangles, concurrent: concurrent)
    }
    nodes = tree.nodes
    blocks = tree.blocks
  }

  /// How many triangles a range may have to become a leaf. Packets of rays test a block's triangles one by
  /// one and nodes of tiny scenes stay in cache, so there small leaves pay; else full blocks do.
  private static func leafTriangleCount(_ triangleCount: Int) -> Int {
    triangleCount <= 512 ? 2 : BVHLayout.width
  }

  /// Lays out the top of the tree, then the subtrees below it side by side, then puts them one after the
  /// other.
  private static func build(
    _ layout: BVHLayout, _ references: UnsafeMutableBufferPointer<BVHReference>,
    _ triangles: [DeviceTriangle],
    concurrent: Bool
  ) -> BVHTree {
    // Which ranges are deferred depends on counts only.
    var tree = BVHTree()
    var deferred: [BVHTree.Deferred] = []
    let deferBelow = max(references.count / 12, 4096)
    layout.addNode(
      of: references, remaining: levelCountMax - 1, to: &tree, triangles: triangles
    ) { range, remaining, slot in
      guard range.count < deferBelow, references.count > 8192 else { return false }
      deferred.append(BVHTree.Deferred(range: range, remaining: remaining, slot: slot))
      return true
    }
    var subtrees = [BVHTree](repeating: BVHTree(), count: deferred.count)
    subtrees.withUnsafeMutableBufferPointer { results in
      // Every iteration touches its own range of the references and its own result.
      nonisolated(unsafe) let results = results
      nonisolated(unsafe) let references = references
      let deferred = deferred
      let one: @Sendable (Int) -> Void = { i in
        var subtree = BVHTree()
        let range = UnsafeMutableBufferPointer(rebasing: references[deferred[i].range])
        layout.addNode(of: range, remaining: deferred[i].remaining, to: &subtree, triangles: triangles) {
          _, _, _ in
          false
        }
        results[i] = subtree
      }
      if concurrent {
        DispatchQueue.concurrentPerform(iterations: deferred.count, execute: one)
      } else {
        for i in deferred.indices { one(i) }
      }
    }
    for (i, subtree) in subtrees.enumerated() { tree.graft(subtree, at: deferred[i].slot) }
    return tree
  }
}
