extension GLTFReader {
  /// A mesh's primitives that have triangles, in order.
  mutating func mesh(_ index: Int) throws(SceneError) -> [Scene.Primitive] {
    var primitives: [Scene.Primitive] = []
    for cursor in try document.list(.meshes)[index].required("primitives").elements() {
      if let primitive = try primitive(cursor) { primitives.append(primitive) }
    }
    return primitives
  }

  private mutating func primitive(_ cursor: JSONCursor) throws(SceneError) -> Scene.Primitive? {
    guard let mode = Triangulation.Mode(rawValue: try cursor.member("mode")?.int(in: 0...6) ?? 4) else {
      return nil
    }
    let attributes = try cursor.required("attributes")
    guard let position = try attributes.member("POSITION") else { return nil }
    try vertices.take(try elementCount(position), at: position.place)
    let positions = vectors(try numbers(position, width: 3))
    let order = try vertexOrder(cursor, count: positions.count)
    let deformation = try deformation(cursor, attributes, count: positions.count)
    // What has no area as modelled may have one when it moves.
    let all = Triangulation.triangles(mode, order)
    let indices = deformation == nil ? Triangulation.withArea(all, positions) : all
    try triangles.take(indices.count / 3, at: cursor.place)
    guard !indices.isEmpty else { return nil }

    let material = try materialIndex(try cursor.member("material"))
    var primitive = Scene.Primitive(
      positions: positions, normals: [], uvs: [], indices: indices, material: material)
    primitive.deformation = deformation
    try readAttributes(attributes, &primitive)
    try readNormals(attributes, &primitive)
    if let use = materials.materials[material].tangentUse, primitive.tangents.isEmpty {
      let before = primitive.positions.count
      primitive.addTangents(use)
      try vertices.take(primitive.positions.count - before, at: cursor.place)
    }
    return primitive
  }

  /// Texture coordinates that the material needs, and vertex colours.
  private mutating func readAttributes(
    _ attributes: JSONCursor, _ primitive: inout Scene.Primitive
  ) throws(SceneError) {
    let count = primitive.positions.count
    let sets = materials.uvSets(of: primitive.material)
    primitive.uvs =
      try textureCoordinates(attributes, set: sets.first ?? 0, count, isNeeded: !sets.isEmpty) ?? []
    if sets.count > 1 {
      primitive.uvs1 = try textureCoordinates(attributes, set: sets[1], count, isNeeded: true) ?? []
    }
    guard let cursor = try attributes.member("COLOR_0") else { return }
    let width = try elementWidth(cursor) == 3 ? 3 : 4
    let flat = try numbers(cursor, width: width)
    try check(flat.count / width, vertices: count, at: cursor.place)
    primitive.colors = (0..<count).map { i in
      let at = width * i
      let color = SIMD4(flat[at], flat[at + 1], flat[at + 2], width == 4 ? flat[at + 3] : 1)
      return color.clamped(lowerBound: .zero, upperBound: .one)
    }
  }

  private mutating func textureCoordinates(
    _ attributes: JSONCursor, set: Int, _ count: Int, isNeeded: Bool
  ) throws(SceneError) -> [SIMD2<Float>]? {
    let name = "TEXCOORD_\(set)"
    guard let cursor = try attributes.member(name) else {
      if isNeeded { throw SceneError(.missingMember(name), at: attributes.place) }
      return nil
    }
    let flat = try numbers(cursor, width: 2)
    try check(flat.count / 2, vertices: count, at: cursor.place)
    return (0..<count).map { SIMD2(flat[2 * $0], flat[2 * $0 + 1]) }
  }

  /// Normals and, where the material needs them, the file's tangents. Without normals a mesh is flat shaded
  /// and its tangents are ignored (section 3.7.2.1).
  private mutating func readNormals(
    _ attributes: JSONCursor, _ primitive: inout Scene.Primitive
  ) throws(SceneError) {
    let count = primitive.positions.count
    guard let cursor = try attributes.member("NORMAL") else {
      try vertices.take(primitive.indices.count, at: attributes.place)
      return primitive.flatten()
    }
    let given = vectors(try numbers(cursor, width: 3))
    try check(given.count, vertices: count, at: cursor.place)
    primitive.normals = Self.unit(given, primitive.positions, primitive.indices)
    guard materials.materials[primitive.material].tangentUse != nil,
      let cursor = try attributes.member("TANGENT")
    else { return }
    let flat = try numbers(cursor, width: 4)
    try check(flat.count / 4, vertices: count, at: cursor.place)
    primitive.tangents = (0..<count).map { i in
      TangentSpace.tangent(
        SIMD3(flat[4 * i], flat[4 * i + 1], flat[4 * i + 2]), across: primitive.normals[i],
        sign: flat[4 * i + 3] < 0 ? -1 : 1)
    }
  }

  /// The order in which a primitive uses its vertices: its indices, each below `count`, or 0 ..< count.
  private mutating func vertexOrder(_ cursor: JSONCursor, count: Int) throws(SceneError) -> [UInt32] {
    guard let cursor = try cursor.member("indices") else { return (0..<UInt32(count)).map { $0 } }
    let order = try indices(cursor)
    if let bad = order.first(where: { Int($0) >= count }) {
      throw SceneError(.indexOutOfRange(index: Int(bad), count: count, of: .vertices), at: cursor.place)
    }
    return order
  }

  /// Normals at unit length; one without a direction becomes that of a triangle at its vertex.
  private static func unit(
    _ normals: [SIMD3<Float>], _ positions: [SIMD3<Float>], _ indices: [UInt32]
  ) -> [SIMD3<Float>] {
    var out: [SIMD3<Float>] = []
    out.reserveCapacity(normals.count)
    var without: Set<UInt32> = []
    for (i, unit) in normals.mappedInParallel(Vector.normalised).enumerated() {
      if unit == nil { without.insert(UInt32(i)) }
      out.append(unit ?? SIMD3(0, 0, 1))
    }
    guard !without.isEmpty else { return out }
    for (i, vertex) in indices.enumerated() where without.contains(vertex) {
      if let face = Triangulation.normal(indices, i / 3 * 3, positions) {
        out[Int(vertex)] = face
        without.remove(vertex)
      }
    }
    return out
  }

  private func check(_ count: Int, vertices: Int, at place: SceneError.Place) throws(SceneError) {
    guard count == vertices else {
      throw SceneError(.wrongCount(found: count, expected: vertices), at: place)
    }
  }

  private func vectors(_ flat: [Float]) -> [SIMD3<Float>] {
    [SIMD3<Float>](unsafeUninitializedCapacity: flat.count / 3) { out, filled in
      filled = flat.count / 3
      for i in 0..<filled {
        out.initializeElement(at: i, to: SIMD3(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]))
      }
    }
  }
}

extension Scene.Primitive {
  /// Gives every triangle its own three vertices, and those its own normal.
  fileprivate mutating func flatten() {
    normals = stride(from: 0, to: indices.count, by: 3).flatMap { t in
      [SIMD3<Float>](
        repeating: Triangulation.normal(indices, t, positions) ?? SIMD3(0, 0, 1), count: 3)
    }
    func spread<Value>(_ values: [Value]) -> [Value] {
      values.isEmpty ? [] : indices.map { values[Int($0)] }
    }
    positions = spread(positions)
    uvs = spread(uvs)
    uvs1 = spread(uvs1)
    colors = spread(colors)
    deformation?.vertices = indices
    indices = (0..<UInt32(indices.count)).map { $0 }
  }
}
