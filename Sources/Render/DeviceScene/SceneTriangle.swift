import Kernels

/// A triangle with its corners at hand. World space, or that of the object it is of.
package struct SceneTriangle: Sendable {
  /// x, y, z.
  package typealias Vector = (Float, Float, Float)

  /// Vertex a, b, c; metres.
  package var position: (Vector, Vector, Vector) = ((0, 0, 0), (0, 0, 0), (0, 0, 0))
  /// Unit length, at a, b, c.
  package var normal: (Vector, Vector, Vector) = ((0, 0, 0), (0, 0, 0), (0, 0, 0))
  /// First set, at a, b, c.
  package var uv: ((Float, Float), (Float, Float), (Float, Float)) = ((0, 0), (0, 0), (0, 0))
  /// Index into the materials.
  package var material: Int32 = 0
  /// Index into the emitters, or `noEmitter`.
  package var emitter = DeviceScene.noEmitter
  /// At a, b, c, where its mesh has them.
  package var details: (DeviceVertexDetail, DeviceVertexDetail, DeviceVertexDetail)?

  /// At the origin, without size.
  package init() {}

  /// As a device has it, with its vertices.
  @inline(__always)
  init(_ triangle: DeviceTriangle, _ a: DeviceVertex, _ b: DeviceVertex, _ c: DeviceVertex) {
    position = (a.position, b.position, c.position)
    normal = (a.normal, b.normal, c.normal)
    uv = (a.uv, b.uv, c.uv)
    material = triangle.material
    emitter = triangle.emitter
  }

  /// Texture coordinates of a set, at a, b, c; those of the first where its mesh has no second.
  func uv(ofSet set: Int32) -> ((Float, Float), (Float, Float), (Float, Float)) {
    guard set != 0, let details else { return uv }
    return (details.0.uv, details.1.uv, details.2.uv)
  }

  /// Its corners as vertices of its own.
  fileprivate var vertices: [DeviceVertex] {
    [
      DeviceVertex(position: position.0, normal: normal.0, uv: uv.0),
      DeviceVertex(position: position.1, normal: normal.1, uv: uv.1),
      DeviceVertex(position: position.2, normal: normal.2, uv: uv.2),
    ]
  }

  /// (b - a) x (c - a): the geometric normal times twice the area, double precision.
  var areaVector: SIMD3<Double> {
    let a = SIMD3<Double>(position.0)
    return (SIMD3<Double>(position.1) - a).cross(SIMD3<Double>(position.2) - a)
  }
}

/// A scene's triangles as a device has them: corners by number, so that neighbours on a smooth surface share
/// theirs.
package struct TriangleMesh: Sendable {
  package let triangles: DeviceArray<DeviceTriangle>
  /// Those of the triangles, and maybe others of the same meshes.
  package let vertices: DeviceArray<DeviceVertex>
  /// Of the meshes that have some.
  package let details: DeviceArray<DeviceVertexDetail>

  /// `triangles` must have indices into `vertices`, and these into `details`.
  package init(
    _ triangles: DeviceArray<DeviceTriangle>, _ vertices: DeviceArray<DeviceVertex>,
    _ details: DeviceArray<DeviceVertexDetail>
  ) {
    self.triangles = triangles
    self.vertices = vertices
    self.details = details
  }

  /// Each with corners of its own, without details.
  package init(_ triangles: [SceneTriangle]) {
    self.init(
      DeviceArray(
        triangles.indices.map { i in
          let first = Int32(3 * i)
          return DeviceTriangle(
            vertex: (first, first + 1, first + 2), material: triangles[i].material,
            emitter: triangles[i].emitter, detail: DeviceScene.noDetail)
        }), DeviceArray(triangles.flatMap(\.vertices)), DeviceArray([]))
  }

  /// The triangles where they lie.
  func withView<Result>(_ body: (TriangleView) throws -> Result) rethrows -> Result {
    try triangles.withUnsafeBufferPointer { triangles in
      try vertices.withUnsafeBufferPointer { vertices in
        try details.withUnsafeBufferPointer {
          try body(TriangleView(triangles: triangles, vertices: vertices, details: $0))
        }
      }
    }
  }
}

extension TriangleMesh: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { triangles.count }
  package subscript(index: Int) -> SceneTriangle {
    precondition(index >= 0 && index < count, "triangle \(index) of \(count)")
    return withView { $0[index] }
  }
}

/// A mesh where it lies in memory, for loops over all of it: indices are not checked.
struct TriangleView {
  let triangles: UnsafeBufferPointer<DeviceTriangle>
  let vertices: UnsafeBufferPointer<DeviceVertex>
  let details: UnsafeBufferPointer<DeviceVertexDetail>

  subscript(index: Int) -> SceneTriangle {
    let (a, b, c) = triangles[index].vertex
    var triangle = SceneTriangle(triangles[index], vertices[Int(a)], vertices[Int(b)], vertices[Int(c)])
    let less = triangles[index].detail
    if less != DeviceScene.noDetail {
      triangle.details = (details[Int(a - less)], details[Int(b - less)], details[Int(c - less)])
    }
    return triangle
  }

  /// Positions of a triangle's corners.
  @inline(__always)
  func positions(_ index: Int) -> (SceneTriangle.Vector, SceneTriangle.Vector, SceneTriangle.Vector) {
    let (a, b, c) = triangles[index].vertex
    return (vertices[Int(a)].position, vertices[Int(b)].position, vertices[Int(c)].position)
  }

  /// Bounds of a triangle's corners.
  @inline(__always) func box(_ index: Int) -> BVHBox {
    let (a, b, c) = positions(index)
    var box = BVHBox.empty
    box.add(SIMD3(a.0, a.1, a.2))
    box.add(SIMD3(b.0, b.1, b.2))
    box.add(SIMD3(c.0, c.1, c.2))
    return box
  }

  /// Whether a coordinate is no number; or infinities would sum to none.
  @inline(__always) func isUndefined(_ index: Int) -> Bool {
    let (a, b, c) = positions(index)
    return ((a.0 + a.1 + a.2) + (b.0 + b.1 + b.2) + (c.0 + c.1 + c.2)).isNaN
  }
}
