import Kernels
import SceneModel

/// Gives a shape its boxes, from the leaves up, and its leaves their blocks: after a build, and again
/// whenever what it is over has moved.
struct BVHFit {
  /// TRIANGLE_NONE of DeviceTypes.h, which is a cast and therefore not imported.
  static let noTriangle = Int32.max
  /// TRIANGLE_CUTOUT of DeviceTypes.h, likewise.
  private static let cutoutBit: Int32 = 1 << 30
  private static let width = Int(BVH_WIDTH)

  let shape: BVHShape
  /// What boxes grow by on every side, metres.
  var pad: Float
  /// Number of the root, of the first block and of the first triangle among those of the scene.
  var firstNode = 0
  var firstBlock = 0
  var firstTriangle = 0
  /// By material, whether its triangles may have holes; empty when none has.
  var cutouts: [Bool] = []

  /// Bounds of the leaves, whose blocks go into their place among those of the scene. `triangles`: all of the
  /// scene.
  func leafBoxes(
    over triangles: TriangleView,
    blocks: UnsafeMutableBufferPointer<DeviceTriangleBlock>,
    concurrent: Bool = true
  ) -> [BVHBox] {
    let pieces = Pieces(of: shape.leaves.indices, size: 4096)
    return [BVHBox](unsafeUninitializedCapacity: shape.leaves.count) { boxes, filled in
      filled = shape.leaves.count
      ParallelLoop.run(pieces.count, concurrent: concurrent) { piece in
        for leaf in pieces[piece] {
          boxes.initializeElement(at: leaf, to: fill(shape.leaves[leaf], triangles, blocks))
        }
      }
    }
  }

  /// The nodes over leaves of triangles with those boxes.
  func nodes(leafBoxes: [BVHBox]) -> [DeviceBVHNode] {
    nodes(boxes: leafBoxes) { i in
      let leaf = shape.leaves[i]
      return ~((Int32(firstBlock) + leaf.block) * 8 + leaf.blockCount - 1)
    }
  }

  /// The nodes over leaves of those boxes and child values.
  func nodes(boxes: [BVHBox], child: (Int) -> Int32) -> [DeviceBVHNode] {
    var nodeBoxes = [BVHBox](repeating: .empty, count: shape.nodes.count)
    return [DeviceBVHNode](unsafeUninitializedCapacity: shape.nodes.count) { nodes, filled in
      filled = shape.nodes.count
      for i in shape.nodes.indices.reversed() {
        var node = BVHFit.emptyNode
        for slot in 0..<BVHFit.width where shape.nodes[i][slot] != BVHShape.emptyChild {
          let below = shape.nodes[i][slot]
          let box = below >= 0 ? nodeBoxes[Int(below)] : boxes[Int(~below)]
          nodeBoxes[i].add(box)
          node.set(slot, box.padded(pad), child: below >= 0 ? Int32(firstNode) + below : child(Int(~below)))
        }
        nodes.initializeElement(at: i, to: node)
      }
    }
  }

  /// Writes a leaf's blocks; the bounds of its triangles.
  private func fill(
    _ leaf: BVHShape.Leaf, _ triangles: TriangleView,
    _ blocks: UnsafeMutableBufferPointer<DeviceTriangleBlock>
  ) -> BVHBox {
    var box = BVHBox.empty
    for number in 0..<Int(leaf.blockCount) {
      var block = BVHFit.emptyBlock
      let first = number * BVHFit.width
      withUnsafeMutableBytes(of: &block) { raw in
        let vertex = raw.bindMemory(to: Float.self)
        for lane in 0..<min(BVHFit.width, Int(leaf.count) - first) {
          let id = firstTriangle + Int(shape.order[Int(leaf.first) + first + lane])
          box.add(triangles.box(id))
          let (a, b, c) = triangles.positions(id)
          let values = (a.0, a.1, a.2, b.0, b.1, b.2, c.0, c.1, c.2)
          withUnsafeBytes(of: values) { source in
            for row in 0..<9 {
              vertex[row * BVHFit.width + lane] = source.load(fromByteOffset: 4 * row, as: Float.self)
            }
          }
          let isCutout = !cutouts.isEmpty && cutouts[Int(triangles.triangles[id].material)]
          raw.storeBytes(
            of: Int32(id) | (isCutout ? BVHFit.cutoutBit : 0), toByteOffset: 4 * (9 * BVHFit.width + lane),
            as: Int32.self)
        }
      }
      blocks.initializeElement(at: firstBlock + Int(leaf.block) + number, to: block)
    }
    return box
  }

  /// No ray enters the boxes of its unused slots.
  private static let emptyNode: DeviceBVHNode = {
    var node = DeviceBVHNode()
    for slot in 0..<width {
      node.set(
        slot, BVHBox(low: SIMD4(repeating: 1e30), high: SIMD4(repeating: -1e30)), child: BVHShape.emptyChild)
    }
    return node
  }()

  private static let emptyBlock: DeviceTriangleBlock = {
    var block = DeviceTriangleBlock()
    withUnsafeMutableBytes(of: &block.triangle) { raw in
      let ids = raw.bindMemory(to: Int32.self)
      for i in ids.indices { ids[i] = noTriangle }
    }
    return block
  }()
}

extension DeviceBVHNode {
  fileprivate mutating func set(_ slot: Int, _ box: BVHBox, child: Int32) {
    let width = Int(BVH_WIDTH)
    withUnsafeMutableBytes(of: &self) { raw in
      let rows = raw.bindMemory(to: Float.self)
      for axis in 0..<3 {
        rows[2 * axis * width + slot] = box.low[axis]
        rows[(2 * axis + 1) * width + slot] = box.high[axis]
      }
      raw.bindMemory(to: Int32.self)[6 * width + slot] = child
    }
  }

  /// The boxes and child values of the slots in use.
  var children: [(box: BVHBox, child: Int32)] {
    let width = Int(BVH_WIDTH)
    return withUnsafeBytes(of: self) { raw in
      let rows = raw.bindMemory(to: Float.self)
      let values = raw.bindMemory(to: Int32.self)
      return (0..<width).compactMap { i in
        func side(_ first: Int) -> SIMD4<Float> {
          SIMD4(rows[first * width + i], rows[(first + 2) * width + i], rows[(first + 4) * width + i], 0)
        }
        let child = values[6 * width + i]
        return child == BVHShape.emptyChild ? nil : (BVHBox(low: side(0), high: side(1)), child)
      }
    }
  }

  /// The same node where nodes begin at another number.
  func shifted(by offset: Int32) -> DeviceBVHNode {
    var node = self
    withUnsafeMutableBytes(of: &node.child) { raw in
      let children = raw.bindMemory(to: Int32.self)
      for i in children.indices where children[i] >= 0 { children[i] += offset }
    }
    return node
  }
}
