import Kernels
import SceneModel

/// Builds shapes top-down: a range is cut in two by the surface area heuristic until it fits into a leaf.
/// Cuts are made by the node: until there are eight parts, always of the part of the largest area (the greedy
/// collapse of Wald, Benthin, Boulos 2008), which bounds the depth; what becomes of them is for `BVHCutTree`
/// to choose. The result depends on the boxes alone, never on how many threads built it.
struct BVHBuilder {
  /// Most nodes on a path from the root to a leaf.
  static let levelCountMax = 9

  private let workspace: BVHWorkspace
  /// A range of at most this many references is not cut further.
  private let leafCount: Int
  /// Most references of a leaf.
  private let leafCountMax: Int
  /// Where leaves write down their references.
  private let order: UnsafeMutablePointer<UInt32>
  /// Half the surface of all; 1 where there is none.
  private let wholeArea: Double

  /// A part, and where it is in the tree.
  private struct Branch {
    var part: BVHPart
    var node: Int
  }

  /// A branch that is cut up later.
  private struct Deferred {
    var branch: Branch
    var remaining: Int
  }

  /// The shape over `count` (not 0) references; a leaf has at most `leafCount` of them, or `leafCountMax`
  /// where the tree would become too deep.
  static func shape(
    count: Int, leafCount: Int, leafCountMax: Int, concurrent: Bool, reference: (Int) -> BVHReference
  ) -> BVHShape {
    let (tree, order) = cuts(
      count: count, leafCount: leafCount, leafCountMax: leafCountMax, concurrent: concurrent,
      reference: reference)
    return tree.shape(order: order, levelCountMax: levelCountMax)
  }

  /// The tree over them, and their order.
  private static func cuts(
    count: Int, leafCount: Int, leafCountMax: Int, concurrent: Bool, reference: (Int) -> BVHReference
  ) -> (BVHCutTree, order: [UInt32]) {
    let isLong = count > 8192
    let workspace = BVHWorkspace(count: count, concurrent: concurrent && isLong, reference: reference)
    let whole = workspace.whole
    let area = whole.box.halfArea
    var tree = BVHCutTree(root: BVHCutTree.Node(first: 0, count: Int32(count), area: 1))
    var subtrees: [BVHCutTree.Graft] = []
    let order = [UInt32](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      guard let base = buffer.baseAddress else { return }
      let builder = BVHBuilder(
        workspace: workspace, leafCount: leafCount, leafCountMax: leafCountMax, order: base,
        wholeArea: area > 0 ? area : 1)
      subtrees = builder.cut(whole, deferBelow: isLong ? max(count / 64, 4096) : 0, in: &tree)
    }
    // Before the trees are joined: nothing takes more memory than both at once would.
    workspace.deallocate()
    tree.add(subtrees)
    return (tree, order)
  }

  /// Makes the first cuts, every one on all cores, then those of the branches below side by side. What is
  /// deferred depends on counts only.
  /// - Returns: the trees of those branches.
  private func cut(_ whole: BVHPart, deferBelow: Int, in tree: inout BVHCutTree) -> [BVHCutTree.Graft] {
    var deferred: [Deferred] = []
    cut(Branch(part: whole, node: 0), remaining: BVHBuilder.levelCountMax - 1, in: &tree) { item in
      guard item.branch.part.count < deferBelow else { return false }
      deferred.append(item)
      return true
    }
    var subtrees = deferred.map {
      BVHCutTree.Graft(tree: BVHCutTree(root: node(of: $0.branch.part)), leaf: $0.branch.node)
    }
    subtrees.withUnsafeMutableBufferPointer { subtrees in
      ParallelLoop.run(deferred.count, concurrent: workspace.concurrent) { i in
        let branch = Branch(part: deferred[i].branch.part, node: 0)
        cut(branch, remaining: deferred[i].remaining, in: &subtrees[i].tree) { _ in false }
      }
    }
    return subtrees
  }

  /// Cuts a branch into the children of a node, and these again where `deferring` does not take them.
  /// - Parameter remaining: how many levels of nodes may follow below this one.
  private func cut(
    _ whole: Branch, remaining: Int, in tree: inout BVHCutTree, deferring: (Deferred) -> Bool
  ) {
    for child in children(of: whole, remaining: remaining, in: &tree) {
      tree.makeChild(child.node)
      if child.part.count <= leafCount || remaining == 0 {
        addLeaf(child.part)
      } else if !deferring(Deferred(branch: child, remaining: remaining - 1)) {
        cut(child, remaining: remaining - 1, in: &tree, deferring: deferring)
      }
    }
  }

  private func node(of part: BVHPart) -> BVHCutTree.Node {
    BVHCutTree.Node(
      first: Int32(part.range.lowerBound), count: Int32(part.count),
      area: Float(part.box.halfArea / wholeArea))
  }

  private func addLeaf(_ part: BVHPart) {
    let references = workspace.references(part)
    for i in part.range { (order + i).initialize(to: references[i].id) }
  }

  /// Most references that fit under a child with so many levels of nodes left: leafCountMax * 8^levels.
  private func capacity(levels: Int) -> Int { leafCountMax << (3 * levels) }

  /// Cuts a branch into up to eight, the children of a node. Each counts as the number of children it still
  /// needs to stay within the capacity below; the sum never exceeds eight, which bounds the depth.
  private func children(of whole: Branch, remaining: Int, in tree: inout BVHCutTree) -> [Branch] {
    let width = Int(BVH_WIDTH)
    let capacity = capacity(levels: remaining)
    func slots(_ count: Int) -> Int { (count + capacity - 1) / capacity }
    var children = [whole]
    children.reserveCapacity(width)
    var used = slots(whole.part.count)
    precondition(used <= width, "\(whole.part.count) references, \(remaining) levels left")
    while let i = nextToCut(children, capacity: capacity, anyFree: used < width) {
      let part = children[i].part
      let own = slots(part.count)
      let allowed = own + width - used
      let (first, second) = part.split(
        workspace, leafCount: leafCount,
        fallback: own > 1 ? own / 2 * capacity : halfInBlocks(part.count),
        admits: { slots($0) + slots(part.count - $0) <= allowed })
      let nodes = tree.cut(children[i].node, into: (node(of: first), node(of: second)))
      children[i] = Branch(part: first, node: nodes.0)
      children.append(Branch(part: second, node: nodes.1))
      used += slots(first.count) + slots(second.count) - own
    }
    return children
  }

  /// Parts beyond the capacity must be cut; others, largest area first, while children are free.
  private func nextToCut(_ children: [Branch], capacity: Int, anyFree: Bool) -> Int? {
    if let i = children.firstIndex(where: { $0.part.count > capacity }) { return i }
    guard anyFree else { return nil }
    var best: Int?
    var bestArea = -1.0
    for (i, child) in children.enumerated() where child.part.count > leafCount {
      let area = child.part.box.halfArea
      guard area > bestArea else { continue }
      best = i
      bestArea = area
    }
    return best
  }

  /// Half of a count, in whole blocks where there are several: coincident triangles then fill their blocks.
  private func halfInBlocks(_ count: Int) -> Int {
    let (half, width) = (count / 2, Int(BVH_WIDTH))
    return half >= width ? half / width * width : half
  }
}
