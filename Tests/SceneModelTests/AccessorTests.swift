import SceneModel
import Testing

/// One primitive built of typed accessors, laid one after another in one buffer.
private struct Mesh {
  var accessors: [String] = []
  var views: [String] = []
  var buffer: [UInt8] = []

  /// Adds an accessor over its own view; its index.
  mutating func add(
    _ data: [UInt8], _ component: Int, _ type: String, count: Int, stride: Int? = nil,
    normalised: Bool = false,
    sparse: String? = nil
  ) -> Int {
    while buffer.count % 4 != 0 { buffer.append(0xee) }
    let step = stride.map { ", \"byteStride\": \($0)" } ?? ""
    views.append("{\"buffer\": 0, \"byteOffset\": \(buffer.count), \"byteLength\": \(data.count)\(step)}")
    buffer += data
    let extra = (normalised ? ", \"normalized\": true" : "") + (sparse.map { ", \"sparse\": \($0)" } ?? "")
    accessors.append(
      "{\"bufferView\": \(views.count - 1), \"componentType\": \(component), \"type\": \"\(type)\", "
        + "\"count\": \(count)\(extra)}")
    return accessors.count - 1
  }

  func primitive(_ body: String, materials: String = "[]") throws -> Scene.Primitive? {
    try scene(body, materials: materials).primitives.first
  }

  func scene(_ body: String, materials: String = "[]") throws -> Scene {
    let json = """
      {"asset": {"version": "2.0"}, "nodes": [{"mesh": 0}], "meshes": [{"primitives": [{\(body)}]}],
       "materials": \(materials), "textures": [{"source": 0}], "images": [{"uri": "i.png"}],
       "accessors": [\(accessors.joined(separator: ","))], "bufferViews": [\(views.joined(separator: ","))],
       "buffers": [{"uri": "b.bin", "byteLength": \(buffer.count)}]}
      """
    let files = MemoryFiles(files: ["m.gltf": Array(json.utf8), "b.bin": buffer, "i.png": pngBytes])
    return try SceneReader.read("m.gltf", from: files)
  }
}

/// Corners of a unit square in the plane z = 0, counter-clockwise.
private let square: [Float] = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]

@Suite struct AccessorTests {
  @Test(arguments: [(5121, 1), (5123, 2), (5125, 4)])
  func `indices of every width read alike`(_ component: Int, _ width: Int) throws {
    var mesh = Mesh()
    let position = mesh.add(bytes(square), 5126, "VEC3", count: 4)
    let order: [UInt8] = [0, 1, 2, 0, 2, 3]
    let data = order.flatMap { [$0] + [UInt8](repeating: 0, count: width - 1) }
    let index = mesh.add(data, component, "SCALAR", count: 6)
    let normal = mesh.add(bytes([0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2] as [Float]), 5126, "VEC3", count: 4)
    let read = try mesh.primitive(
      "\"attributes\": {\"POSITION\": \(position), \"NORMAL\": \(normal)}, \"indices\": \(index)")
    #expect(read?.indices == order.map(UInt32.init))
    #expect(read?.normals == [SIMD3<Float>](repeating: SIMD3(0, 0, 1), count: 4), "at unit length")
  }

  @Test(arguments: [
    (5120, [UInt8]([0, 127, 0x81, 0x80]), [Float(0), 1, -1, -1]),
    (5121, [0, 255, 51, 102], [0, 1, 0.2, 0.4]),
    (5122, bytes(Int16(0)) + bytes(Int16.max) + bytes(Int16(-32767)) + bytes(Int16.min), [0, 1, -1, -1]),
    (
      5123, bytes(UInt16(0)) + bytes(UInt16.max) + bytes(UInt16(13107)) + bytes(UInt16(26214)),
      [0, 1, 0.2, 0.4]
    ),
  ])
  func `normalised integers become what glTF 3 11 says`(_ component: Int, _ raw: [UInt8], _ expected: [Float])
    throws
  {
    var mesh = Mesh()
    let position = mesh.add(bytes(Array(square.prefix(9))), 5126, "VEC3", count: 3)
    let normal = mesh.add(bytes([0, 0, 1, 0, 0, 1, 0, 0, 1] as [Float]), 5126, "VEC3", count: 3)
    let uv = mesh.add(raw + raw, component, "VEC2", count: 3, normalised: true)
    let read = try mesh.primitive(
      "\"attributes\": {\"POSITION\": \(position), \"NORMAL\": \(normal), \"TEXCOORD_0\": \(uv)}")
    #expect(read?.uvs[0] == SIMD2(expected[0], expected[1]))
    #expect(read?.uvs[1] == SIMD2(expected[2], expected[3]))
  }

  @Test func `quantised positions are read as whole numbers`() throws {
    var mesh = Mesh()
    let data = [0, 0, 0, 0, 100, 0, 0, 0, 0, 0x9c, 0, 0] as [UInt8]
    let position = mesh.add(data, 5120, "VEC3", count: 3, stride: 4)
    let read = try mesh.primitive("\"attributes\": {\"POSITION\": \(position)}")
    #expect(read?.positions == [SIMD3(0, 0, 0), SIMD3(100, 0, 0), SIMD3(0, -100, 0)])
  }

  @Test func `interleaved elements are stepped over by the stride`() throws {
    var mesh = Mesh()
    let rows: [Float] = [0, 0, 0, 9, 9, 1, 0, 0, 9, 9, 0, 1, 0]
    let position = mesh.add(bytes(rows), 5126, "VEC3", count: 3, stride: 20)
    let read = try mesh.primitive("\"attributes\": {\"POSITION\": \(position)}")
    #expect(read?.positions == [SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(0, 1, 0)])
  }

  @Test func `a sparse accessor replaces the elements it names`() throws {
    var mesh = Mesh()
    mesh.buffer = [1, 0] + [0, 0] + bytes([5, 0, 0] as [Float])
    mesh.views = [
      "{\"buffer\": 0, \"byteLength\": 2}", "{\"buffer\": 0, \"byteOffset\": 4, \"byteLength\": 12}",
    ]
    func sparse(_ count: Int) -> String {
      """
      {"count": \(count), "indices": {"bufferView": 0, "componentType": 5123}, "values": {"bufferView": 1}}
      """
    }
    var good = mesh
    let position = good.add(bytes(Array(square.prefix(9))), 5126, "VEC3", count: 3, sparse: sparse(1))
    let read = try good.primitive("\"attributes\": {\"POSITION\": \(position)}")
    #expect(read?.positions == [SIMD3(0, 0, 0), SIMD3(5, 0, 0), SIMD3(1, 1, 0)])

    mesh.buffer[0] = 3
    let bad = mesh.add(bytes(Array(square.prefix(9))), 5126, "VEC3", count: 3, sparse: sparse(1))
    #expect(throws: SceneError.self) { try mesh.primitive("\"attributes\": {\"POSITION\": \(bad)}") }
  }

  @Test func `strips and fans cover the square that triangles cover`() throws {
    for (mode, order) in [(4, [0, 1, 2, 0, 2, 3]), (5, [0, 1, 3, 2]), (6, [0, 1, 2, 3])] as [(Int, [UInt8])] {
      var mesh = Mesh()
      let position = mesh.add(bytes(square), 5126, "VEC3", count: 4)
      let index = mesh.add(order, 5121, "SCALAR", count: order.count)
      let body = "\"attributes\": {\"POSITION\": \(position)}, \"indices\": \(index), \"mode\": \(mode)"
      let read = try #require(try mesh.primitive(body))
      #expect(read.indices.count == 6)
      var area: Float = 0
      for t in stride(from: 0, to: 6, by: 3) {
        let corner = (0..<3).map { read.positions[Int(read.indices[t + $0])] }
        area += Vector.cross(corner[1] - corner[0], corner[2] - corner[0]).z / 2
      }
      #expect(area == 1, "mode \(mode): both triangles face +Z")
      #expect(read.normals.allSatisfy { $0 == SIMD3(0, 0, 1) }, "mode \(mode)")
    }
  }

  @Test func `points, lines and triangles without area leave nothing`() throws {
    var mesh = Mesh()
    let position = mesh.add(bytes(square), 5126, "VEC3", count: 4)
    for mode in 0...3 {
      #expect(try mesh.primitive("\"attributes\": {\"POSITION\": \(position)}, \"mode\": \(mode)") == nil)
    }
    let index = mesh.add([0, 1, 1, 0, 0, 0], 5121, "SCALAR", count: 6)
    #expect(try mesh.primitive("\"attributes\": {\"POSITION\": \(position)}, \"indices\": \(index)") == nil)
  }

  @Test func `a texture transform is applied to the coordinates it is for`() throws {
    var mesh = Mesh()
    let position = mesh.add(bytes(Array(square.prefix(9))), 5126, "VEC3", count: 3)
    let uv = mesh.add(bytes([0, 0, 1, 0, 0, 1] as [Float]), 5126, "VEC2", count: 3)
    let materials = """
      [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0, "extensions": {"KHR_texture_transform":
        {"texCoord": 3, "offset": [0.5, 0.25], "scale": [2, 4], "rotation": 1.5707963}}}}}]
      """
    let body = "\"attributes\": {\"POSITION\": \(position), \"TEXCOORD_3\": \(uv)}, \"material\": 0"
    let scene = try mesh.scene(body, materials: materials)
    let read = try #require(scene.primitives.first)
    // A quarter turn counter-clockwise as seen: u runs up (towards smaller v), v runs to the right.
    let expected: [SIMD2<Float>] = [SIMD2(0.5, 0.25), SIMD2(0.5, -1.75), SIMD2(4.5, 0.25)]
    let use = try #require(scene.materials[0].baseColorTexture)
    for (a, b) in zip(read.uvs, expected) { #expect(close(SIMD3(use.place(a), 0), SIMD3(b, 0))) }
  }
}
