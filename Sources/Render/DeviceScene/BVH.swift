import Kernels

/// An 8-wide bounding volume hierarchy with its leaves in blocks of eight triangles, as the device reads it.
///
/// A path from the root meets at most `levelCountMax` nodes, one through the top level, the world's BVH and
/// an instance's at most twice as many. A traversal that keeps the nearest child in hand and pushes up to
/// seven others a node, and the way out of an instance, therefore never holds more than 7 x 18 + 2 = 128
/// entries.
package struct BVH: Sendable {
  /// Most nodes on a path from the root to a leaf.
  package static let levelCountMax = BVHBuilder.levelCountMax
  /// Most triangles: a kernel finds the last word of the last one with a 32-bit index, and the leaf encoding
  /// addresses as many blocks.
  package static let triangleCountMax = 1 << 26

  /// What boxes grow by on every side, as a share of the largest coordinate in play: what the rounding of the
  /// slab test and of the triangle test needs. Where a ray meets a plane, by one fma, errs by at most 5 ulp
  /// (5 x 2^-24) of the largest coordinate over the direction's component; this is 67. So the slab test
  /// itself can be exact: entry <= exit, with nothing on top.
  static let padShare: Float = 4e-6

  /// The root is node 0; empty when there are no triangles.
  package let nodes: [DeviceBVHNode]
  package let blocks: DeviceArray<DeviceTriangleBlock>
  /// What boxes exceed their triangles by on every side, metres.
  package let padding: Float

  /// Builds over triangles of one space, at most `triangleCountMax`, every coordinate finite and below 1e30
  /// m.
  /// - Parameters:
  ///   - reach: largest absolute coordinate of any ray's origin, metres; boxes are padded by `padShare` of
  ///     it, or of the largest coordinate of a triangle when that is more.
  ///   - concurrent: whether to use all cores.
  package init(_ triangles: [SceneTriangle], reach: Float = 0, concurrent: Bool = true) {
    (nodes, blocks, padding) = TriangleMesh(triangles).withView { view in
      let count = triangles.count
      guard count > 0 else { return ([], DeviceArray([]), 0) }
      let shape = BVH.shape(count: count, concurrent: concurrent) { view.box($0) }
      let whole = (0..<count).reduce(BVHBox.empty) { $0.union(view.box($1)) }
      let fit = BVHFit(shape: shape, pad: BVH.pad(reach: reach, over: whole))
      let blocks = GrowingDeviceArray<DeviceTriangleBlock>(count: shape.blockCount)
      let boxes = fit.leafBoxes(over: view, blocks: blocks.values, concurrent: concurrent)
      return (fit.nodes(leafBoxes: boxes), blocks.finished(), fit.pad)
    }
  }

  /// The shape over `count` (not 0) triangles with those boxes.
  static func shape(count: Int, concurrent: Bool = true, box: (Int) -> BVHBox) -> BVHShape {
    precondition(count <= triangleCountMax, "\(count) triangles, limit \(triangleCountMax)")
    // Packets of rays test a block's triangles one by one and nodes of tiny scenes stay in cache, so there
    // small leaves pay; else full blocks do.
    let width = Int(BVH_WIDTH)
    return BVHBuilder.shape(
      count: count, leafCount: count <= 512 ? 2 : width, leafCountMax: 8 * width, concurrent: concurrent
    ) { BVHReference(box($0), id: UInt32($0)) }
  }

  /// What boxes over triangles in `box` must grow by.
  static func pad(reach: Float, over box: BVHBox) -> Float {
    let largest = max(box.largestCoordinate, reach)
    precondition(largest < 1e30, "a coordinate of \(largest) m")
    return padShare * largest
  }

  /// The top level: a tree over parts of other trees and instances, each with its box (padded already) and
  /// the child value that stands for it; nodes of those trees are numbered as they are once they come after
  /// this one's.
  static func topLevel(of parts: [(box: BVHBox, child: Int32)]) -> [DeviceBVHNode] {
    let shape = BVHBuilder.shape(count: parts.count, leafCount: 1, leafCountMax: 1, concurrent: false) {
      BVHReference(parts[$0].box, id: UInt32($0))
    }
    let own = Int32(shape.nodes.count)
    let leaves = shape.leaves.map { parts[Int(shape.order[Int($0.first)])] }
    return BVHFit(shape: shape, pad: 0).nodes(boxes: leaves.map(\.box)) { i in
      leaves[i].child >= 0 ? leaves[i].child + own : leaves[i].child
    }
  }
}
