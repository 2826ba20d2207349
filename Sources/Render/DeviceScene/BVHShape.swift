import Kernels

/// The shape of a BVH: what lies under which node, not where it is. Deforming a mesh keeps it, and fitting it
/// to triangles gives the nodes and blocks that a device reads.
struct BVHShape: Sendable {
  /// A run of `order`.
  struct Leaf: Sendable {
    var first: Int32
    var count: Int32
    /// The first of its blocks: those of the leaves before it come first.
    var block: Int32 = 0
    /// How many blocks its triangles fill.
    var blockCount: Int32 { (count + Int32(BVH_WIDTH) - 1) / Int32(BVH_WIDTH) }
  }

  /// BVH_EMPTY of DeviceTypes.h, which is a cast and therefore not imported.
  static let emptyChild = Int32.min

  /// Children by node; the root is 0, children come after their parents: >= 0 a node, `emptyChild`, otherwise
  /// ~leaf.
  var nodes: [SIMD8<Int32>] = []
  var leaves: [Leaf] = []
  /// Numbers of triangles, or of other things, leaf by leaf.
  var order: [UInt32] = []
  /// Of all leaves.
  private(set) var blockCount = 0

  /// Numbers the blocks, once all leaves are there.
  mutating func numberBlocks() {
    blockCount = 0
    for i in leaves.indices {
      leaves[i].block = Int32(blockCount)
      blockCount += Int(leaves[i].blockCount)
    }
  }
}
