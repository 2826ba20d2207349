import Kernels

/// All cuts of a build, each of one part into two, and the 8-wide shape made of them: of the shapes whose
/// nodes are parts of this tree, the one with the least sum of their surfaces (Ylitie, Karras & Laine,
/// "Efficient incoherent ray traversal on GPUs through compressed wide BVHs", 2017, section 3.1; leaves are
/// given here, so that their cost does not count).
struct BVHCutTree {
  struct Node {
    /// Where both parts are; 0: it is a leaf. First, so that a node has no gaps: there are millions.
    var parts = SIMD2<Int32>.zero
    /// The references below, by their places in the shape's order.
    var first: Int32
    var count: Int32
    /// Half the surface of its box, as a share of the root's.
    var area: Float
    /// Whether it is a child in the shape that the builder had in mind, which is shallow enough.
    var isChild = false

    var isLeaf: Bool { parts == .zero }
  }

  /// The root is node 0; parts come after the whole.
  private(set) var nodes: [Node]

  init(root: Node) { nodes = [root] }

  /// Cuts a leaf in two; where the parts are.
  mutating func cut(_ node: Int, into parts: (Node, Node)) -> (Int, Int) {
    let first = nodes.count
    nodes[node].parts = SIMD2(Int32(first), Int32(first + 1))
    nodes.append(parts.0)
    nodes.append(parts.1)
    return (first, first + 1)
  }

  mutating func makeChild(_ node: Int) { nodes[node].isChild = true }

  /// A tree, and the leaf of another that it divides.
  struct Graft {
    var tree: BVHCutTree
    let leaf: Int
  }

  /// Puts trees in place of those leaves.
  mutating func add(_ grafts: [Graft]) {
    nodes.reserveCapacity(grafts.reduce(nodes.count) { $0 + $1.tree.nodes.count - 1 })
    for graft in grafts { add(graft.tree, at: graft.leaf) }
  }

  private mutating func add(_ other: BVHCutTree, at leaf: Int) {
    let offset = Int32(nodes.count - 1)
    nodes[leaf].parts = other.nodes[0].parts &+ offset
    nodes += other.nodes.dropFirst().map { node in
      guard !node.isLeaf else { return node }
      var node = node
      node.parts &+= offset
      return node
    }
  }

  /// The shape over references in that order.
  func shape(order: [UInt32], levelCountMax: Int) -> BVHShape {
    var shape = BVHShape()
    shape.order = order
    BVHCollapse(nodes).addNode(0, remaining: levelCountMax - 1, to: &shape)
    shape.numberBlocks()
    return shape
  }
}

/// The choice of the parts that become nodes.
private struct BVHCollapse {
  private static let width = Int(BVH_WIDTH)
  let nodes: [BVHCutTree.Node]
  /// By part and number of slots less one, the least sum of the areas of the nodes that are needed when the
  /// part may fill that many slots of a node.
  private let costs: [SIMD8<Float>]

  init(_ nodes: [BVHCutTree.Node]) {
    self.nodes = nodes
    costs = [SIMD8<Float>](unsafeUninitializedCapacity: nodes.count) { costs, filled in
      filled = nodes.count
      for (n, node) in nodes.enumerated().reversed() {
        guard !node.isLeaf else {
          costs.initializeElement(at: n, to: .zero)
          continue
        }
        let first = costs[Int(node.parts.x)]
        // With as many slots as its lane's number says, less one, and those that the first part has.
        var second = costs[Int(node.parts.y)]
        var shared = SIMD8<Float>(repeating: .infinity)
        for slot in 0..<BVHCollapse.width - 1 {
          second = SIMD8(
            .infinity, second[0], second[1], second[2], second[3], second[4], second[5], second[6])
          let cost = first[slot] + second
          shared.replace(with: cost, where: cost .< shared)
        }
        let alone = SIMD8(repeating: node.area + shared[BVHCollapse.width - 1])
        costs.initializeElement(at: n, to: shared.replacing(with: alone, where: alone .< shared))
      }
    }
  }

  /// Appends the node over a part and all below it: the best choice, or, where that is too deep, the
  /// builder's for this node.
  /// - Parameter remaining: how many levels of nodes may follow below this one.
  func addNode(_ part: Int, remaining: Int, to shape: inout BVHShape) {
    let (nodeCount, leafCount) = (shape.nodes.count, shape.leaves.count)
    if addBest(part, remaining: remaining, to: &shape) { return }
    shape.nodes.removeLast(shape.nodes.count - nodeCount)
    shape.leaves.removeLast(shape.leaves.count - leafCount)
    add(children(of: part), to: &shape) { child, shape in
      addNode(child, remaining: remaining - 1, to: &shape)
      return true
    }
  }

  /// Appends the best nodes; whether there were levels enough.
  private func addBest(_ part: Int, remaining: Int, to shape: inout BVHShape) -> Bool {
    guard remaining >= 0 else { return false }
    var children: [Int] = []
    divide(part, slots: BVHCollapse.width, into: &children)
    return add(children, to: &shape) { addBest($0, remaining: remaining - 1, to: &$1) }
  }

  /// Appends a node, and below it those of its children that are no leaves as `below` does until it cannot.
  @discardableResult private func add(
    _ children: [Int], to shape: inout BVHShape, below: (Int, inout BVHShape) -> Bool
  ) -> Bool {
    let node = shape.nodes.count
    shape.nodes.append(SIMD8(repeating: BVHShape.emptyChild))
    for (slot, child) in children.enumerated() {
      if nodes[child].isLeaf {
        shape.nodes[node][slot] = ~Int32(shape.leaves.count)
        shape.leaves.append(BVHShape.Leaf(first: nodes[child].first, count: nodes[child].count))
      } else {
        shape.nodes[node][slot] = Int32(shape.nodes.count)
        guard below(child, &shape) else { return false }
      }
    }
    return true
  }

  /// The parts that fill so many slots of a node best when `part` itself may not.
  private func divide(_ part: Int, slots: Int, into children: inout [Int]) {
    guard !nodes[part].isLeaf else {
      children.append(part)
      return
    }
    let (first, second) = (Int(nodes[part].parts.x), Int(nodes[part].parts.y))
    func cost(_ share: Int) -> Float { costs[first][share - 1] + costs[second][slots - share - 1] }
    var best = 1
    for share in 1..<slots where cost(share) < cost(best) { best = share }
    fill(first, slots: best, into: &children)
    fill(second, slots: slots - best, into: &children)
  }

  private func fill(_ part: Int, slots: Int, into children: inout [Int]) {
    if costs[part][slots - 1] == costs[part][0] {
      children.append(part)
    } else {
      divide(part, slots: slots, into: &children)
    }
  }

  /// The builder's choice.
  private func children(of part: Int) -> [Int] {
    let node = nodes[part]
    if node.isLeaf { return [part] }
    return [Int(node.parts.x), Int(node.parts.y)].flatMap { nodes[$0].isChild ? [$0] : children(of: $0) }
  }
}
