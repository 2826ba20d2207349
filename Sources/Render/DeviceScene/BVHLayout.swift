import Kernels

/// How ranges of references become nodes and leaves.
struct BVHLayout: Sendable {
  /// Children of a node, and triangles of a block.
  static let width = Int(BVH_WIDTH)
  /// Most triangles of a leaf: eight blocks.
  static let leafTriangleCountMax = 8 * width
  /// BVH_EMPTY of DeviceTypes.h, which is a cast and therefore not imported.
  static let emptyChild = Int32.min
  /// TRIANGLE_NONE of DeviceTypes.h.
  static let noTriangle = Int32.max
  /// TRIANGLE_CUTOUT of DeviceTypes.h, likewise.
  static let cutoutBit: Int32 = 1 << 30

  /// What boxes grow by on every side, metres.
  let pad: Float
  /// A range of at most this many triangles is not cut further.
  let leafTriangleCount: Int

  /// Takes a child's range out of the recursion; true when it did.
  typealias Deferring = (_ range: Range<Int>, _ remaining: Int, _ slot: BVHTree.Slot) -> Bool

  /// Appends the node over all `references` and everything below it.
  /// - Parameter remaining: how many levels of nodes may follow below this one.
  func addNode(
    of references: UnsafeMutableBufferPointer<BVHReference>, remaining: Int, to tree: inout BVHTree,
    triangles: [DeviceTriangle], deferring: Deferring
  ) {
    let whole = BVHRange(references, references.indices)
    addNode(of: whole, references, remaining: remaining, to: &tree, triangles: triangles, deferring)
  }

  private func addNode(
    of whole: BVHRange, _ references: UnsafeMutableBufferPointer<BVHReference>, remaining: Int,
    to tree: inout BVHTree, triangles: [DeviceTriangle], _ deferring: Deferring
  ) {
    let parts = parts(of: whole, references, remaining: remaining)
    let node = tree.nodes.count
    tree.nodes.append(emptyNode(bounding: parts.map(\.box)))
    for (child, part) in parts.enumerated() {
      let slot = BVHTree.Slot(node: node, child: child)
      let isLeaf = part.count <= leafTriangleCount || remaining == 0
      if isLeaf {
        tree.setChild(addLeaf(references[part.range], triangles, to: &tree), at: slot)
      } else if !deferring(part.range, remaining - 1, slot) {
        tree.setChild(Int32(tree.nodes.count), at: slot)
        addNode(of: part, references, remaining: remaining - 1, to: &tree, triangles: triangles, deferring)
      }
    }
  }

  /// Most triangles that fit under a child with so many levels of nodes left: 64 * 8^levels.
  private func capacity(levels: Int) -> Int { BVHLayout.leafTriangleCountMax << (3 * levels) }

  /// Cuts a range into up to eight parts, the children of a node. Every part counts as the number of children
  /// it still needs to stay within the capacity below; the sum never exceeds eight, which bounds the depth.
  private func parts(
    of whole: BVHRange, _ references: UnsafeMutableBufferPointer<BVHReference>, remaining: Int
  ) -> [BVHRange] {
    let capacity = capacity(levels: remaining)
    func slots(_ count: Int) -> Int { (count + capacity - 1) / capacity }
    var parts = [whole]
    var used = slots(whole.count)
    precondition(used <= BVHLayout.width, "\(whole.count) triangles, \(remaining) levels left")
    while let i = nextToCut(parts, capacity: capacity, anyFree: used < BVHLayout.width) {
      let part = parts[i]
      let own = slots(part.count)
      let allowed = own + BVHLayout.width - used
      let (first, second) = part.split(
        references, fallback: own > 1 ? own / 2 * capacity : halfInBlocks(part.count),
        admits: { slots($0) + slots(part.count - $0) <= allowed })
      parts[i] = first
      parts.append(second)
      used += slots(first.count) + slots(second.count) - own
    }
    return parts
  }

  /// Parts beyond the capacity must be cut; others, largest area first, while children are free.
  private func nextToCut(_ parts: [BVHRange], capacity: Int, anyFree: Bool) -> Int? {
    if let i = parts.firstIndex(where: { $0.count > capacity }) { return i }
    guard anyFree else { return nil }
    var best: Int?
    var bestArea = -1.0
    for (i, part) in parts.enumerated() where part.count > leafTriangleCount && part.box.halfArea > bestArea {
      best = i
      bestArea = part.box.halfArea
    }
    return best
  }

  /// Half of a count, in whole blocks where there are several: coincident triangles then fill their blocks.
  private func halfInBlocks(_ count: Int) -> Int {
    let half = count / 2
    return half >= BVHLayout.width ? half / BVHLayout.width * BVHLayout.width : half
  }

  /// A node with padded boxes in its first slots and no children yet.
  private func emptyNode(bounding boxes: [BVHBox]) -> DeviceBVHNode {
    var node = DeviceBVHNode()
    withUnsafeMutableBytes(of: &node.child) { raw in
      let children = raw.bindMemory(to: Int32.self)
      for i in children.indices { children[i] = BVHLayout.emptyChild }
    }
    withUnsafeMutableBytes(of: &node.bounds) { raw in
      let rows = raw.bindMemory(to: Float.self)
      for (child, box) in boxes.enumerated() {
        for axis in 0..<3 {
          rows[2 * axis * BVHLayout.width + child] = box.low[axis] - pad
          rows[(2 * axis + 1) * BVHLayout.width + child] = box.high[axis] + pad
        }
      }
    }
    return node
  }

  /// Appends blocks with the triangles; the child value that stands for them.
  private func addLeaf(
    _ references: Slice<UnsafeMutableBufferPointer<BVHReference>>, _ triangles: [DeviceTriangle],
    to tree: inout BVHTree
  ) -> Int32 {
    let first = tree.blocks.count
    var block = emptyBlock
    for (i, reference) in references.enumerated() {
      let lane = i % BVHLayout.width
      if lane == 0, i > 0 {
        tree.blocks.append(block)
        block = emptyBlock
      }
      set(lane, of: &block, to: reference.triangle, triangles)
    }
    tree.blocks.append(block)
    return ~Int32(first * 8 + (tree.blocks.count - first - 1))
  }

  private func set(
    _ lane: Int, of block: inout DeviceTriangleBlock, to id: Int, _ triangles: [DeviceTriangle]
  ) {
    let (a, b, c) = triangles[id].position
    let values = (a.0, a.1, a.2, b.0, b.1, b.2, c.0, c.1, c.2)
    withUnsafeMutableBytes(of: &block.vertex) { raw in
      let rows = raw.bindMemory(to: Float.self)
      withUnsafeBytes(of: values) { source in
        for (row, value) in source.bindMemory(to: Float.self).enumerated() {
          rows[row * BVHLayout.width + lane] = value
        }
      }
    }
    withUnsafeMutableBytes(of: &block.triangle) { $0.bindMemory(to: Int32.self)[lane] = Int32(id) }
  }

  private var emptyBlock: DeviceTriangleBlock {
    var block = DeviceTriangleBlock()
    withUnsafeMutableBytes(of: &block.triangle) { raw in
      let ids = raw.bindMemory(to: Int32.self)
      for i in ids.indices { ids[i] = BVHLayout.noTriangle }
    }
    return block
  }
}
