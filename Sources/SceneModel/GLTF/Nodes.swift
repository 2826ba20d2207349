/// The nodes of a file's default scene, parents before children.
struct NodeTable {
  /// Index in the file of each node, in our order.
  var order: [Int] = []
  /// Index in our order of the parent.
  var parents: [Int?] = []
  /// From the file's index to ours.
  var position: [Int: Int] = [:]

  /// Walks the hierarchy in depth-first order, children in the order of the file.
  init(_ document: GLTFDocument) throws(SceneError) {
    let cursors = document.list(.nodes)
    let (parentOf, childrenOf) = try Self.family(document)
    try Self.checkForest(parentOf, cursors)
    var pending = try Self.roots(document, parentOf).reversed().map { (node: $0, parent: Int?.none) }
    while let (node, parent) = pending.popLast() {
      position[node] = order.count
      parents.append(parent)
      order.append(node)
      let here = order.count - 1
      pending.append(contentsOf: childrenOf[node].reversed().map { ($0, here) })
    }
  }

  private static func family(
    _ document: GLTFDocument
  ) throws(SceneError) -> (parentOf: [Int?], childrenOf: [[Int]]) {
    let cursors = document.list(.nodes)
    var parentOf = [Int?](repeating: nil, count: cursors.count)
    var childrenOf = [[Int]](repeating: [], count: cursors.count)
    for (i, cursor) in cursors.enumerated() {
      guard let children = try cursor.member("children") else { continue }
      for child in try children.elements() {
        let index = try document.index(child, into: .nodes)
        if let other = parentOf[index] {
          throw SceneError(.nodeHasTwoParents(node: index, first: other, second: i), at: child.place)
        }
        parentOf[index] = i
        childrenOf[i].append(index)
      }
    }
    return (parentOf, childrenOf)
  }

  /// With one parent at most, a node that reaches no root going up is on or below a cycle.
  private static func checkForest(_ parentOf: [Int?], _ cursors: [JSONCursor]) throws(SceneError) {
    var seenFrom = [Int](repeating: -1, count: parentOf.count)
    for start in parentOf.indices {
      var node = start
      while seenFrom[node] < 0, let parent = parentOf[node] {
        seenFrom[node] = start
        node = parent
      }
      guard seenFrom[node] != start else { throw SceneError(.nodeCycle(node: node), at: cursors[node].place) }
      seenFrom[node] = start
    }
  }

  /// The scene's nodes; every node without a parent in a file without scenes.
  private static func roots(_ document: GLTFDocument, _ parentOf: [Int?]) throws(SceneError) -> [Int] {
    guard let scene = try document.defaultScene() else {
      return parentOf.indices.filter { parentOf[$0] == nil }
    }
    guard let list = try scene.member("nodes") else { return [] }
    var roots: [Int] = []
    var seen: Set<Int> = []
    for cursor in try list.elements() {
      let node = try document.index(cursor, into: .nodes)
      if let parent = parentOf[node] {
        throw SceneError(.sceneNodeIsChild(node: node, parent: parent), at: cursor.place)
      }
      guard seen.insert(node).inserted else {
        throw SceneError(.nodeListedTwice(node: node), at: cursor.place)
      }
      roots.append(node)
    }
    return roots
  }
}

extension GLTFReader {
  /// A node's own transform (section 3.5.3).
  func pose(_ cursor: JSONCursor) throws(SceneError) -> Pose {
    if let m = try cursor.member("matrix")?.floats(count: 16) {
      return Pose(
        matrix: Transform(
          xAxis: SIMD3(m[0], m[1], m[2]), yAxis: SIMD3(m[4], m[5], m[6]), zAxis: SIMD3(m[8], m[9], m[10]),
          origin: SIMD3(m[12], m[13], m[14])))
    }
    var pose = Pose.identity
    if let t = try cursor.member("translation")?.floats(count: 3) {
      pose.translation = SIMD3(t[0], t[1], t[2])
    }
    if let s = try cursor.member("scale")?.floats(count: 3) { pose.scale = SIMD3(s[0], s[1], s[2]) }
    if let r = try cursor.member("rotation")?.floats(count: 4) {
      pose.rotation = Quaternion.normalised(SIMD4(r[0], r[1], r[2], r[3]))
    }
    return pose
  }
}
