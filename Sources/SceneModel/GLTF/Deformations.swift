extension GLTFReader {
  /// Morph targets and joints of a primitive of `count` vertices; nil when nothing can move them.
  mutating func deformation(
    _ cursor: JSONCursor, _ attributes: JSONCursor, count: Int
  ) throws(SceneError) -> Scene.Deformation? {
    var targets: [Scene.Deformation.Target] = []
    for target in try cursor.member("targets")?.elements() ?? [] {
      try vertices.take(count, at: target.place)
      targets.append(
        Scene.Deformation.Target(
          positions: try displacements(target, "POSITION", count),
          normals: try displacements(target, "NORMAL", count)))
    }
    let (influences, each) = try influences(attributes, count)
    guard !targets.isEmpty || !influences.isEmpty else { return nil }
    return Scene.Deformation(
      targets: targets, influences: influences, influencesPerVertex: each,
      vertices: (0..<UInt32(count)).map { $0 }, isFlat: try attributes.member("NORMAL") == nil)
  }

  private mutating func displacements(
    _ target: JSONCursor, _ name: String, _ count: Int
  ) throws(SceneError) -> [SIMD3<Float>] {
    guard let cursor = try target.member(name) else { return [] }
    let flat = try numbers(cursor, width: 3)
    try checkCount(flat.count / 3, is: count, at: cursor)
    return (0..<count).map { SIMD3(flat[3 * $0], flat[3 * $0 + 1], flat[3 * $0 + 2]) }
  }

  /// All sets of joints, four a vertex each (section 3.7.3.1). Weights are made to sum to 1; a vertex without
  /// any goes with its first joint.
  private mutating func influences(
    _ attributes: JSONCursor, _ count: Int
  ) throws(SceneError) -> ([Scene.Deformation.Influence], each: Int) {
    var sets: [(joints: [Float], weights: [Float])] = []
    while let joints = try attributes.member("JOINTS_\(sets.count)") {
      let weights = try attributes.required("WEIGHTS_\(sets.count)")
      try vertices.take(count, at: joints.place)
      sets.append((try numbers(joints, width: 4), try numbers(weights, width: 4)))
      try checkCount(sets[sets.count - 1].joints.count / 4, is: count, at: joints)
      try checkCount(sets[sets.count - 1].weights.count / 4, is: count, at: weights)
    }
    var influences: [Scene.Deformation.Influence] = []
    influences.reserveCapacity(4 * sets.count * count)
    for vertex in 0..<(sets.isEmpty ? 0 : count) {
      var sum: Float = 0
      for set in sets { for i in 0..<4 { sum += max(set.weights[4 * vertex + i], 0) } }
      for (number, set) in sets.enumerated() {
        for i in 0..<4 {
          let weight = max(set.weights[4 * vertex + i], 0)
          influences.append(
            Scene.Deformation.Influence(
              joint: Int32(min(max(set.joints[4 * vertex + i], 0), 65_535)),
              weight: sum > 0 ? weight / sum : number == 0 && i == 0 ? 1 : 0))
        }
      }
    }
    return (influences, 4 * sets.count)
  }

  private func checkCount(_ count: Int, is expected: Int, at cursor: JSONCursor) throws(SceneError) {
    guard count == expected else {
      throw SceneError(.wrongCount(found: count, expected: expected), at: cursor.place)
    }
  }

  /// The skin whose index is at `cursor`; its joints must be nodes of the scene.
  mutating func skin(_ cursor: JSONCursor, _ nodes: NodeTable) throws(SceneError) -> Scene.Skin {
    let skin = try document.entry(cursor, of: .skins)
    var joints: [Int] = []
    for joint in try skin.required("joints").elements() {
      let node = try document.index(joint, into: .nodes)
      guard let position = nodes.position[node] else {
        throw SceneError(.jointOutsideScene(node: node), at: joint.place)
      }
      joints.append(position)
    }
    guard let inverse = try skin.member("inverseBindMatrices") else {
      return Scene.Skin(
        joints: joints,
        jointFromObject: [Transform<ObjectSpace, ObjectSpace>](repeating: .identity, count: joints.count))
    }
    let m = try numbers(inverse, width: 16)
    guard m.count >= 16 * joints.count else {
      throw SceneError(.wrongCount(found: m.count / 16, expected: joints.count), at: inverse.place)
    }
    let maps = stride(from: 0, to: 16 * joints.count, by: 16).map { i in
      Transform<ObjectSpace, ObjectSpace>(
        xAxis: SIMD3(m[i], m[i + 1], m[i + 2]), yAxis: SIMD3(m[i + 4], m[i + 5], m[i + 6]),
        zAxis: SIMD3(m[i + 8], m[i + 9], m[i + 10]), origin: SIMD3(m[i + 12], m[i + 13], m[i + 14]))
    }
    return Scene.Skin(joints: joints, jointFromObject: maps)
  }

  /// Gives a node with a mesh its skin and the weights of its morph targets: its own, or the mesh's, or 0.
  mutating func deform(
    _ node: inout Scene.Node, _ cursor: JSONCursor, mesh: JSONCursor, _ nodes: NodeTable,
    of scene: inout Scene
  ) throws(SceneError) {
    let deformations = scene.meshes[node.mesh ?? 0].compactMap { scene.primitives[$0].deformation }
    let targetCount = deformations.map(\.targets.count).max() ?? 0
    let entry = try document.entry(mesh, of: .meshes)
    let given = if let own = try cursor.member("weights") { own } else { try entry.member("weights") }
    if targetCount > 0 {
      node.weights = try given?.floats(count: targetCount) ?? [Float](repeating: 0, count: targetCount)
    }
    guard let index = try cursor.member("skin") else { return }
    let skin = try skin(index, nodes)
    let largest = deformations.flatMap(\.influences).map(\.joint).max() ?? 0
    guard largest < skin.joints.count else {
      throw SceneError(
        .indexOutOfRange(index: Int(largest), count: skin.joints.count, of: .joints), at: index.place)
    }
    node.skin = scene.skins.count
    scene.skins.append(skin)
  }

  /// A channel that drives morph weights.
  mutating func weightChannel(
    node: Int, _ interpolation: Animation.Interpolation, timesS: [Float],
    output: JSONCursor
  ) throws(SceneError) -> Animation.WeightChannel {
    let values = try numbers(output, width: 1)
    let rows = timesS.count * (interpolation == .cubicSpline ? 3 : 1)
    guard !timesS.isEmpty, !values.isEmpty, values.count % rows == 0 else {
      throw SceneError(.wrongCount(found: values.count, expected: max(rows, 1)), at: output.place)
    }
    return Animation.WeightChannel(
      node: node, interpolation: interpolation, timesS: timesS, values: values)
  }
}
