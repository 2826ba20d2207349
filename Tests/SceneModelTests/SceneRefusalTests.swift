import SceneModel
import Testing

/// One change to a good scene, and how it must be refused.
struct Refusal: Sendable, CustomTestStringConvertible {
  var name: String
  var old: String
  var new: String
  var fault: SceneError.Fault
  var pointer: String
  var testDescription: String { name }

  init(_ name: String, _ old: String, _ new: String, _ fault: SceneError.Fault, at pointer: String) {
    self.name = name
    self.old = old
    self.new = new
    self.fault = fault
    self.pointer = pointer
  }
}

private let meshRefusals = [
  Refusal(
    "glTF 1.0", "\"2.0\"", "\"1.0\"", .unsupportedVersion("1.0"), at: "/asset/version"),
  Refusal(
    "no version", "\"version\": \"2.0\"", "\"x\": 0", .missingMember("version"), at: "/asset"),
  Refusal(
    "needs glTF 2.1", "\"version\": \"2.0\"", "\"version\": \"2.1\", \"minVersion\": \"2.1\"",
    .unsupportedVersion("2.1"), at: "/asset/minVersion"),
  Refusal(
    "unknown required extension", "\"scene\": 0", "\"scene\": 0, \"extensionsRequired\": [\"KHR_draco\"]",
    .unsupportedExtension("KHR_draco"), at: "/extensionsRequired/0"),
  Refusal(
    "scene index", "\"scene\": 0", "\"scene\": 1", .indexOutOfRange(index: 1, count: 1, of: .scenes),
    at: "/scene"),
  Refusal(
    "node index", "[0, 1]", "[0, 9]", .indexOutOfRange(index: 9, count: 2, of: .nodes),
    at: "/scenes/0/nodes/1"),
  Refusal(
    "mesh index", "\"mesh\": 0", "\"mesh\": -1", .indexOutOfRange(index: -1, count: 1, of: .meshes),
    at: "/nodes/0/mesh"),
  Refusal(
    "camera index", "\"camera\": 0", "\"camera\": 1", .indexOutOfRange(index: 1, count: 1, of: .cameras),
    at: "/nodes/1/camera"),
  Refusal(
    "accessor index", "\"indices\": 1", "\"indices\": 2",
    .indexOutOfRange(index: 2, count: 2, of: .accessors),
    at: "/meshes/0/primitives/0/indices"),
  Refusal(
    "material index", "\"indices\": 1", "\"indices\": 1, \"material\": 0",
    .indexOutOfRange(index: 0, count: 0, of: .materials), at: "/meshes/0/primitives/0/material"),
  Refusal(
    "bufferView index", "\"bufferView\": 1", "\"bufferView\": 7",
    .indexOutOfRange(index: 7, count: 2, of: .bufferViews), at: "/accessors/1/bufferView"),
  Refusal(
    "buffer index", "\"buffer\": 0, \"byteLength\": 36", "\"buffer\": 3, \"byteLength\": 36",
    .indexOutOfRange(index: 3, count: 1, of: .buffers), at: "/bufferViews/0/buffer"),
  Refusal(
    "fractional index", "\"mesh\": 0", "\"mesh\": 0.5",
    .wrongType(found: "a number", expected: "a whole number"), at: "/nodes/0/mesh"),
  Refusal(
    "mode", "\"indices\": 1", "\"indices\": 1, \"mode\": 7", .outOfRange(value: 7, low: 0, high: 6),
    at: "/meshes/0/primitives/0/mode"),
  Refusal(
    "field of view", "\"yfov\": 0.6", "\"yfov\": 3.2",
    .outOfRange(value: Double(Float(3.2)), low: 0, high: Double(ExactMath.pi)),
    at: "/cameras/0/perspective/yfov"),
  Refusal(
    "number beyond Float", "[0, 0, 5]", "[0, 0, 1e39]",
    .outOfRange(
      value: 1e39, low: -Double(Float.greatestFiniteMagnitude), high: Double(Float.greatestFiniteMagnitude)),
    at: "/nodes/1/translation/2"),
  Refusal(
    "short vector", "[0, 0, 5]", "[0, 0]", .wrongCount(found: 2, expected: 3), at: "/nodes/1/translation"),
]

private let bufferRefusals = [
  Refusal(
    "buffer shorter than it says", "\"byteLength\": 39", "\"byteLength\": 40",
    .bufferTooShort(bytes: 39, byteLength: 40), at: "/buffers/0"),
  Refusal(
    "buffer without bytes", "\"uri\": \"t.bin\", ", "", .missingMember("uri"), at: "/buffers/0"),
  Refusal(
    "view beyond its buffer", "\"byteOffset\": 36, \"byteLength\": 3",
    "\"byteOffset\": 36, \"byteLength\": 4",
    .viewOverrunsBuffer(end: 40, byteLength: 39), at: "/bufferViews/1"),
  Refusal(
    "accessor beyond its view", "\"count\": 3, \"type\": \"VEC3\"", "\"count\": 4, \"type\": \"VEC3\"",
    .accessorOverrunsView(end: 48, byteLength: 36), at: "/accessors/0"),
  Refusal(
    "accessor far beyond its view", "\"count\": 3, \"type\": \"VEC3\"",
    "\"count\": 60000000, \"type\": \"VEC3\"",
    .accessorOverrunsView(end: 720_000_000, byteLength: 36), at: "/accessors/0"),
  Refusal(
    "overlapping stride", "\"byteLength\": 36", "\"byteLength\": 36, \"byteStride\": 8",
    .strideTooSmall(stride: 8, elementBytes: 12), at: "/accessors/0"),
  Refusal(
    "positions of two numbers", "\"VEC3\"", "\"VEC2\"",
    .unsuitableAccessor(found: "2 x float", expected: "3 numbers an element"),
    at: "/meshes/0/primitives/0/attributes/POSITION"),
  Refusal(
    "signed indices", "5121", "5120", .unsuitableAccessor(found: "1 x int8", expected: "unsigned scalars"),
    at: "/meshes/0/primitives/0/indices"),
  Refusal(
    "unknown component", "5121", "5124",
    .unsuitableAccessor(found: "componentType 5124", expected: "5120 ... 5126"),
    at: "/accessors/1/componentType"),
  Refusal(
    "too many vertices", "\"bufferView\": 0, \"componentType\": 5126, \"count\": 3",
    "\"componentType\": 5126, \"count\": 60000001",
    .tooMany(.vertices, count: 60_000_001, max: SceneLimits.verticesMax),
    at: "/meshes/0/primitives/0/attributes/POSITION"),
  Refusal(
    "much memory for few bytes", "\"bufferView\": 0, \"componentType\": 5126, \"count\": 3",
    "\"componentType\": 5126, \"count\": 50000000",
    .tooMany(.vertices, count: 50_000_000, max: SceneLimits.verticesMax / 3), at: "/accessors/0"),
]

private let nodeRefusals = [
  Refusal(
    "two parents", "{\"mesh\": 0}", "{\"mesh\": 0}, {\"children\": [0]}, {\"children\": [0]}",
    .nodeHasTwoParents(node: 0, first: 1, second: 2), at: "/nodes/2/children/0"),
  Refusal(
    "cycle", "{\"mesh\": 0}", "{\"mesh\": 0}, {}, {\"children\": [3]}, {\"children\": [2]}",
    .nodeCycle(node: 2), at: "/nodes/2"),
  Refusal(
    "its own child", "{\"mesh\": 0}", "{\"mesh\": 0, \"children\": [0]}",
    .nodeCycle(node: 0), at: "/nodes/0"),
  Refusal(
    "child of a node in the scene too", "{\"mesh\": 0}", "{\"mesh\": 0, \"children\": [1]}",
    .sceneNodeIsChild(node: 1, parent: 0), at: "/scenes/0/nodes/1"),
  Refusal("listed twice", "[0, 1]", "[0, 0]", .nodeListedTwice(node: 0), at: "/scenes/0/nodes/1"),
]

@Suite struct SceneRefusalTests {
  @Test(arguments: meshRefusals + bufferRefusals + nodeRefusals)
  func `a bent scene is refused with place and numbers`(_ refusal: Refusal) throws {
    let error = try #require(TriangleScene().replacing(refusal.old, refusal.new).refusal)
    #expect(error.fault == refusal.fault)
    #expect(error.place == SceneError.Place(file: "scene.gltf", pointer: refusal.pointer))
    #expect(!error.what.isEmpty && !error.remedy.isEmpty && !error.description.contains("\n"))
  }

  @Test func `the scene before bending reads`() throws {
    let scene = try TriangleScene().read()
    #expect(scene.primitives.map(\.indices) == [[0, 1, 2]])
  }

  @Test func `a missing buffer file is named`() throws {
    var scene = TriangleScene()
    scene.files = [:]
    #expect(scene.refusal == SceneError(.fileMissing, at: SceneError.Place(file: "t.bin")))
  }

  @Test func `an index beyond the positions is refused with both numbers`() throws {
    var scene = TriangleScene()
    scene.files["t.bin"]?[38] = 3
    let place = SceneError.Place(file: "scene.gltf", pointer: "/meshes/0/primitives/0/indices")
    #expect(scene.refusal == SceneError(.indexOutOfRange(index: 3, count: 3, of: .vertices), at: place))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a position that is not finite is refused with its element`(_ value: Float) throws {
    var scene = TriangleScene()
    scene.files["t.bin"]?.replaceSubrange(28..<32, with: bytes(value.bitPattern))
    let place = SceneError.Place(file: "scene.gltf", pointer: "/accessors/0")
    #expect(scene.refusal == SceneError(.notFinite(element: 2), at: place))
  }

  @Test func `an image that is neither PNG nor JPEG is refused by its first bytes`() throws {
    var scene = TriangleScene().replacing("\"indices\": 1", "\"indices\": 1, \"material\": 0")
      .replacing(
        "\"scene\": 0",
        """
        "scene": 0, "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0}], "images": [{"uri": "i.gif"}]
        """)
    scene.files["i.gif"] = Array("GIF89a..".utf8)
    let fault = SceneError.Fault.unknownImageFormat(firstBytes: Array("GIF89a..".utf8))
    #expect(
      scene.refusal == SceneError(fault, at: SceneError.Place(file: "scene.gltf", pointer: "/images/0")))

    scene.files["i.gif"] = pngBytes
    let attributes = SceneError.Place(file: "scene.gltf", pointer: "/meshes/0/primitives/0/attributes")
    #expect(scene.refusal == SceneError(.missingMember("TEXCOORD_0"), at: attributes))
    let noImage = scene.replacing("\"source\": 0", "\"source\": 1")
    #expect(noImage.refusal?.fault == .indexOutOfRange(index: 1, count: 1, of: .images))
    let noTexture = scene.replacing("\"index\": 0", "\"index\": 4")
    #expect(noTexture.refusal?.fault == .indexOutOfRange(index: 4, count: 1, of: .textures))
    let noSampler = scene.replacing("\"source\": 0", "\"source\": 0, \"sampler\": 0")
    #expect(noSampler.refusal?.fault == .indexOutOfRange(index: 0, count: 0, of: .samplers))
  }

  @Test func `a mesh shown more often than the limit on triangles allows is refused`() throws {
    // 3,000 nodes show a mesh of 10,000 triangles: 30 million.
    let indices = (0..<10_000).flatMap { _ in [0, 1, 2] as [UInt8] }
    let nodes = (0..<3_000).map { _ in "{\"mesh\": 0}" }.joined(separator: ",")
    let roots = (0..<3_000).map { "\($0)" }.joined(separator: ",")
    var scene = TriangleScene().replacing("[0, 1]", "[\(roots)]").replacing("{\"mesh\": 0}", nodes)
      .replacing("\"count\": 3, \"type\": \"SCALAR\"", "\"count\": 30000, \"type\": \"SCALAR\"")
      .replacing("\"byteLength\": 3}", "\"byteLength\": 30000}").replacing(
        "\"byteLength\": 39", "\"byteLength\": 30036")
    scene.files["t.bin"]?.replaceSubrange(36..<39, with: indices)
    let place = SceneError.Place(file: "scene.gltf", pointer: "/nodes/2000")
    #expect(
      scene.refusal
        == SceneError(.tooMany(.triangles, count: 20_010_000, max: SceneLimits.trianglesMax), at: place))
  }

  @Test func `every limit is within what indices can count`() {
    #expect(SceneLimits.trianglesMax < Int(Int32.max) && 3 * SceneLimits.verticesMax < Int(Int32.max))
  }
}
