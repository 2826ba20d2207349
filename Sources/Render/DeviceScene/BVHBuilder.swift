import Kernels
import SceneModel

/// Builds shapes top-down: a node's range is cut in two by the surface area heuristic until there are eight
/// parts, always cutting the part of the largest area (the greedy collapse of Wald, Benthin, Boulos 2008).
/// The result depends on the boxes alone, never on how many threads built it.
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

  /// A range whose subtree is built later, and where its root belongs.
  private struct Deferred {
    var part: BVHPart
    var remaining: Int
    var slot: BVHShape.Slot
  }

  /// The shape over `count` (not 0) references; a leaf has at most `leafCount` of them, or `leafCountMax`
  /// where the tree would become too deep.
  static func shape(
    count: Int, leafCount: Int, leafCountMax: Int, concurrent: Bool, reference: (Int) -> BVHReference
  ) -> BVHShape {
    let isLong = count > 8192
    let workspace = BVHWorkspace(count: count, concurrent: concurrent && isLong, reference: reference)
    defer { workspace.deallocate() }
    var shape = BVHShape()
    let order = [UInt32](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      guard let base = buffer.baseAddress else { return }
      let builder = BVHBuilder(
        workspace: workspace, leafCount: leafCount, leafCountMax: leafCountMax, order: base)
      shape = builder.shape(deferBelow: isLong ? max(count / 64, 4096) : 0)
    }
    shape.order = order
    shape.numberBlocks()
    return shape
  }

  /// Lays out the top of the tree, every cut on all cores, then the subtrees below it side by side; then puts
  /// them one after the other. What is deferred depends on counts only.
  private func shape(deferBelow: Int) -> BVHShape {
    var shape = BVHShape()
    var deferred: [Deferred] = []
    addNode(of: workspace.whole, remaining: BVHBuilder.levelCountMax - 1, to: &shape) { item in
      guard item.part.count < deferBelow else { return false }
      deferred.append(item)
      return true
    }
    var subtrees = [BVHShape](repeating: BVHShape(), count: deferred.count)
    subtrees.withUnsafeMutableBufferPointer { subtrees in
      ParallelLoop.run(deferred.count, concurrent: workspace.concurrent) { i in
        addNode(of: deferred[i].part, remaining: deferred[i].remaining, to: &subtrees[i]) { _ in false }
      }
    }
    for (i, subtree) in subtrees.enumerated() { shape.graft(subtree, at: deferred[i].slot) }
    return shape
  }

  /// Appends the node over a part and everything below it that `deferring` does not take.
  /// - Parameter remaining: how many levels of nodes may follow below this one.
  private func addNode(
    of whole: BVHPart, remaining: Int, to shape: inout BVHShape, deferring: (Deferred) -> Bool
  ) {
    let parts = parts(of: whole, remaining: remaining)
    let node = shape.nodes.count
    shape.nodes.append(SIMD8(repeating: BVHShape.emptyChild))
    for (child, part) in parts.enumerated() {
      if part.count <= leafCount || remaining == 0 {
        shape.nodes[node][child] = ~Int32(shape.leaves.count)
        addLeaf(part, to: &shape)
        continue
      }
      let slot = BVHShape.Slot(node: node, child: child)
      if deferring(Deferred(part: part, remaining: remaining - 1, slot: slot)) { continue }
      shape.nodes[node][child] = Int32(shape.nodes.count)
      addNode(of: part, remaining: remaining - 1, to: &shape, deferring: deferring)
    }
  }

  private func addLeaf(_ part: BVHPart, to shape: inout BVHShape) {
    shape.leaves.append(BVHShape.Leaf(first: Int32(part.range.lowerBound), count: Int32(part.count)))
    let references = workspace.references(part)
    for i in part.range { (order + i).initialize(to: references[i].id) }
  }

  /// Most references that fit under a child with so many levels of nodes left: leafCountMax * 8^levels.
  private func capacity(levels: Int) -> Int { leafCountMax << (3 * levels) }

  /// Cuts a range into up to eight parts, the children of a node. Every part counts as the number of children
  /// it still needs to stay within the capacity below; the sum never exceeds eight, which bounds the depth.
  private func parts(of whole: BVHPart, remaining: Int) -> [BVHPart] {
    let width = Int(BVH_WIDTH)
    let capacity = capacity(levels: remaining)
    func slots(_ count: Int) -> Int { (count + capacity - 1) / capacity }
    var parts = [whole]
    parts.reserveCapacity(width)
    var used = slots(whole.count)
    precondition(used <= width, "\(whole.count) references, \(remaining) levels left")
    while let i = nextToCut(parts, capacity: capacity, anyFree: used < width) {
      let part = parts[i]
      let own = slots(part.count)
      let allowed = own + width - used
      let (first, second) = part.split(
        workspace, fallback: own > 1 ? own / 2 * capacity : halfInBlocks(part.count),
        admits: { slots($0) + slots(part.count - $0) <= allowed })
      parts[i] = first
      parts.append(second)
      used += slots(first.count) + slots(second.count) - own
    }
    return parts
  }

  /// Parts beyond the capacity must be cut; others, largest area first, while children are free.
  private func nextToCut(_ parts: [BVHPart], capacity: Int, anyFree: Bool) -> Int? {
    if let i = parts.firstIndex(where: { $0.count > capacity }) { return i }
    guard anyFree else { return nil }
    var best: Int?
    var bestArea = -1.0
    for (i, part) in parts.enumerated() where part.count > leafCount && part.box.halfArea > bestArea {
      best = i
      bestArea = part.box.halfArea
    }
    return best
  }

  /// Half of a count, in whole blocks where there are several: coincident triangles then fill their blocks.
  private func halfInBlocks(_ count: Int) -> Int {
    let (half, width) = (count / 2, Int(BVH_WIDTH))
    return half >= width ? half / width * width : half
  }
}
