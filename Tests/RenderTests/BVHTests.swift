import Kernels
import Render
import Testing

@Suite struct BVHTests {
  @Test func `every triangle lies in exactly one lane, with its own vertices`() {
    for (name, triangles) in BVHScenes.all {
      let bvh = BVH(triangles)
      var seen = [Int](repeating: 0, count: triangles.count)
      var unused = 0
      for block in bvh.blocks.map(BlockView.init) {
        for lane in 0..<8 {
          let id = block.triangle[lane]
          guard id != Int32.max else {
            #expect((0..<9).allSatisfy { block.rows[$0 * 8 + lane] == 0 }, "\(name)")
            unused += 1
            continue
          }
          seen[Int(id)] += 1
          let (a, b, c) = triangles[Int(id)].position
          let expected = [a.0, a.1, a.2, b.0, b.1, b.2, c.0, c.1, c.2]
          #expect((0..<9).map { block.rows[$0 * 8 + lane] } == expected, "\(name)")
        }
      }
      #expect(seen.allSatisfy { $0 == 1 }, "\(name)")
      #expect(unused == 8 * bvh.blocks.count - triangles.count, "\(name)")
    }
  }

  @Test func `every block and every node but the root hangs on exactly one child`() {
    for (name, triangles) in BVHScenes.all {
      let bvh = BVH(triangles)
      var nodeUses = [Int](repeating: 0, count: bvh.nodes.count)
      var blockUses = [Int](repeating: 0, count: bvh.blocks.count)
      for (n, node) in bvh.nodes.map(NodeView.init).enumerated() {
        #expect(
          node.children.firstIndex(of: .min) ?? 8 == node.children.filter { $0 != .min }.count, "\(name)")
        for child in node.children where child != .min {
          if child >= 0 {
            #expect(child > n, "\(name): children come after their parents")
            nodeUses[Int(child)] += 1
          } else {
            for block in NodeView.blocks(of: child) { blockUses[block] += 1 }
          }
        }
      }
      nodeUses[0] += 1
      #expect(nodeUses.allSatisfy { $0 == 1 }, "\(name)")
      #expect(blockUses.allSatisfy { $0 == 1 }, "\(name)")
    }
  }

  @Test func `a child's box contains its triangles and its children's boxes`() {
    for (name, triangles) in BVHScenes.all {
      let bvh = BVH(triangles)
      let nodes = bvh.nodes.map(NodeView.init)
      for node in nodes {
        for i in 0..<8 where node.children[i] != .min {
          let box = node.box(i)
          if node.children[i] >= 0 {
            let below = nodes[Int(node.children[i])]
            for k in 0..<8 where below.children[k] != .min { #expect(box.contains(below.box(k)), "\(name)") }
          } else {
            for block in NodeView.blocks(of: node.children[i]) {
              for corner in BlockView(bvh.blocks[block]).corners { #expect(box.contains(corner), "\(name)") }
            }
          }
        }
      }
    }
  }

  @Test func `no path is longer than the traversal stack allows`() {
    for (name, triangles) in BVHScenes.all {
      let levels = BVHTests.levels(BVH(triangles))
      #expect(levels <= BVH.levelCountMax, "\(name)")
    }
    #expect(7 * 2 * BVH.levelCountMax + 2 <= 128)
    // Twice the size at every step: what is left for the last child of each node is nearly everything.
    let chain = (0..<60).flatMap { i -> [SceneTriangle] in
      let scale = Float(sign: .plus, exponent: i, significand: 1)
      return (0..<40).map { _ in BVHScenes.triangle([scale, 0, 0], [scale, scale, 0], [scale, 0, scale]) }
    }
    #expect(BVHTests.levels(BVH(chain)) == BVH.levelCountMax)
  }

  @Test func `one thread and two give the same bytes`() {
    for (name, triangles) in BVHScenes.all {
      let alone = BVH(triangles, concurrent: false)
      let together = BVH(triangles, concurrent: true)
      #expect(BVHTests.bytes(alone.nodes) == BVHTests.bytes(together.nodes), "\(name)")
      #expect(BVHTests.bytes(Array(alone.blocks)) == BVHTests.bytes(Array(together.blocks)), "\(name)")
    }
  }

  @Test func `nothing to build gives nothing`() {
    let bvh = BVH([])
    #expect(bvh.nodes.isEmpty && bvh.blocks.isEmpty)
  }

  @Test func `coincident triangles fill their blocks`() {
    let bvh = BVH([SceneTriangle](repeating: BVHScenes.soup(1, seed: 1)[0], count: 1024))
    #expect(bvh.blocks.count == 128)
  }

  private static func bytes<Element>(_ array: [Element]) -> [UInt8] { array.withUnsafeBytes { Array($0) } }

  /// Nodes on the longest path.
  private static func levels(_ bvh: BVH) -> Int {
    var depth = [Int](repeating: 1, count: bvh.nodes.count)
    var deepest = 0
    for (n, node) in bvh.nodes.map(NodeView.init).enumerated() {
      deepest = max(deepest, depth[n])
      for child in node.children where child >= 0 { depth[Int(child)] = depth[n] + 1 }
    }
    return deepest
  }
}
