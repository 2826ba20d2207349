extension GLTFReader {
  /// A mesh's primitives that have triangles, in order.
  mutating func mesh(_ index: Int, materials: inout MaterialTable) throws(SceneError) -> [Scene.Primitive] {
    var primitives: [Scene.Primitive] = []
    for cursor in try document.list(.meshes)[index].required("primitives").elements() {
      if let primitive = try primitive(cursor, &materials) { primitives.append(primitive) }
    }
    return primitives
  }

  private mutating func primitive(
    _ cursor: JSONCursor, _ materials: inout MaterialTable
  ) throws(SceneError) -> Scene.Primitive? {
    guard let mode = Triangulation.Mode(rawValue: try cursor.member("mode")?.int(in: 0...6) ?? 4) else {
      return nil
    }
    let attributes = try cursor.required("attributes")
    guard let position = try attributes.member("POSITION") else { return nil }
    try vertices.take(try elementCount(position), at: position.place)
    let positions = vectors(try numbers(position, width: 3))
    let order = try vertexOrder(cursor, count: positions.count)
    let indices = Triangulation.withArea(Triangulation.triangles(mode, order), positions)
    try triangles.take(indices.count / 3, at: cursor.place)
    guard !indices.isEmpty else { return nil }

    let material = try materials.index(try cursor.member("material"), &self)
    var uvs = [SIMD2<Float>](repeating: .zero, count: positions.count)
    let mapping = materials.mapping(material)
    if let cursor = try attributes.member("TEXCOORD_\(mapping.set)") {
      let flat = try numbers(cursor, width: 2)
      try check(flat.count / 2, vertices: positions.count, at: cursor.place)
      uvs = (0..<positions.count).map { mapping.apply(SIMD2(flat[2 * $0], flat[2 * $0 + 1])) }
    }
    guard let cursor = try attributes.member("NORMAL") else {
      return try flat(positions, uvs, indices, material, at: cursor.place)
    }
    let given = vectors(try numbers(cursor, width: 3))
    try check(given.count, vertices: positions.count, at: cursor.place)
    return Scene.Primitive(
      positions: positions, normals: Self.unit(given, positions, indices), uvs: uvs, indices: indices,
      material: material)
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

  /// Without normals a mesh is flat shaded (section 3.7.2.1): every triangle gets its own three vertices.
  private mutating func flat(
    _ positions: [SIMD3<Float>], _ uvs: [SIMD2<Float>], _ indices: [UInt32], _ material: Int,
    at place: SceneError.Place
  ) throws(SceneError) -> Scene.Primitive {
    try vertices.take(indices.count, at: place)
    let normals = stride(from: 0, to: indices.count, by: 3).flatMap { t in
      [SIMD3<Float>](
        repeating: Triangulation.normal(indices, t, positions) ?? SIMD3(0, 0, 1), count: 3)
    }
    return Scene.Primitive(
      positions: indices.map { positions[Int($0)] }, normals: normals, uvs: indices.map { uvs[Int($0)] },
      indices: (0..<UInt32(indices.count)).map { $0 }, material: material)
  }

  /// Normals at unit length; one without a direction becomes that of a triangle at its vertex.
  private static func unit(
    _ normals: [SIMD3<Float>], _ positions: [SIMD3<Float>], _ indices: [UInt32]
  ) -> [SIMD3<Float>] {
    var out: [SIMD3<Float>] = []
    out.reserveCapacity(normals.count)
    var without: Set<UInt32> = []
    for (i, normal) in normals.enumerated() {
      let unit = Vector.normalised(normal)
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
    (0..<flat.count / 3).map { SIMD3(flat[3 * $0], flat[3 * $0 + 1], flat[3 * $0 + 2]) }
  }
}
