import Kernels

/// Nodes and blocks while they are laid out.
struct BVHTree: Sendable {
  /// A child slot of a node.
  struct Slot: Sendable {
    var node: Int
    var child: Int
  }
  /// A range of references whose subtree is built later, and where its root belongs.
  struct Deferred: Sendable {
    var range: Range<Int>
    var remaining: Int
    var slot: Slot
  }

  var nodes: [DeviceBVHNode] = []
  var blocks: [DeviceTriangleBlock] = []

  /// Appends another tree and hangs its root into a slot of this one.
  mutating func graft(_ other: BVHTree, at slot: Slot) {
    let nodeOffset = Int32(nodes.count)
    let blockOffset = Int32(blocks.count)
    blocks += other.blocks
    for var node in other.nodes {
      BVHTree.withChildren(&node) { children in
        for i in children.indices where children[i] != BVHLayout.emptyChild {
          // A leaf's child is ~(block * 8 + ...): adding to the block subtracts from it.
          children[i] = children[i] >= 0 ? children[i] + nodeOffset : children[i] - 8 * blockOffset
        }
      }
      nodes.append(node)
    }
    setChild(nodeOffset, at: slot)
  }

  /// Sets a child slot.
  mutating func setChild(_ value: Int32, at slot: Slot) {
    BVHTree.withChildren(&nodes[slot.node]) { $0[slot.child] = value }
  }

  private static func withChildren(
    _ node: inout DeviceBVHNode, _ body: (UnsafeMutableBufferPointer<Int32>) -> Void
  ) {
    withUnsafeMutableBytes(of: &node.child) { body($0.bindMemory(to: Int32.self)) }
  }
}
