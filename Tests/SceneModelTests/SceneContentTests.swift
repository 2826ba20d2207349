import Foundation
import SceneModel
import Testing

@Suite struct SceneContentTests {
  @Test func `a material's numbers are read, clamped and multiplied`() throws {
    var fixture = TriangleScene().replacing("\"indices\": 1", "\"indices\": 1, \"material\": 0")
      .replacing("{\"POSITION\": 0}", "{\"POSITION\": 0, \"TEXCOORD_0\": 2}")
      .replacing(
        "\"count\": 3, \"type\": \"SCALAR\"}",
        "\"count\": 3, \"type\": \"SCALAR\"}, {\"componentType\": 5126, \"count\": 3, \"type\": \"VEC2\"}"
      )
      .replacing(
        "\"scene\": 0",
        """
        "scene": 0, "materials": [{"name": "lamp", "doubleSided": true, "emissiveFactor": [1, 0.5, 0],
          "extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 20}, "X_unknown": 3},
          "pbrMetallicRoughness": {"baseColorFactor": [0.1, 1.5, -1, 1], "metallicFactor": 0.25,
            "roughnessFactor": 0.75, "baseColorTexture": {"index": 0}}}],
        "samplers": [{"wrapS": 33071, "wrapT": 33648, "magFilter": 9728}],
        "textures": [{"source": 0, "sampler": 0}],
        "images": [{"uri": "data:image/png;base64,\(Data(pngBytes).base64EncodedString())"}]
        """)
    let scene = try fixture.read()
    let expected = Scene.Material(
      name: "lamp", baseColor: SIMD4(0.1, 1, 0, 1), baseColorTexture: Scene.TextureUse(0), metallic: 0.25,
      roughness: 0.75,
      emission: SIMD3(20, 10, 0), doubleSided: true)
    #expect(scene.materials == [expected])
    #expect(scene.textures == [Scene.Texture(image: 0, wrapS: .clamped, wrapT: .mirrored, nearest: true)])
    #expect(scene.images.map(\.bytes) == [pngBytes] && scene.images[0].source == "images[0]")

    fixture = fixture.replacing("\"emissiveStrength\": 20", "\"emissiveStrength\": -1")
    #expect(fixture.refusal?.place.pointer.hasSuffix("/emissiveStrength") == true)
  }

  @Test func `without a material a primitive gets glTF's default`() throws {
    let scene = try TriangleScene().read()
    #expect(scene.materials == [Scene.Material(name: "default", metallic: 1, roughness: 1)])
  }

  @Test func `a data URI holds a buffer and a broken one is refused`() throws {
    var fixture = TriangleScene()
    let data = Data(fixture.files["t.bin"] ?? []).base64EncodedString()
    fixture.files = [:]
    let good = fixture.replacing("t.bin", "data:application/octet-stream;base64,\(data)")
    #expect(try good.read().primitives[0].positions.count == 3)
    #expect(try SceneReader.dependencies(of: "scene.gltf", in: good.memory) == ["scene.gltf"])
    for bad in ["data:text/plain,abc", "data:;base64,@@@@", "data:"] {
      let place = SceneError.Place(file: "scene.gltf", pointer: "/buffers/0/uri")
      #expect(fixture.replacing("t.bin", bad).refusal == SceneError(.badDataURI, at: place))
    }
  }

  @Test func `only the default scene is read, parents before children`() throws {
    let nodes = """
      {"name": "leaf", "mesh": 0}, {"name": "root", "children": [2, 0]}, {"name": "branch", "children": [3]},
      {"name": "twig"}, {"name": "elsewhere", "mesh": 0}, {"name": "x"}
      """
    let fixture = TriangleScene().replacing("\"scene\": 0", "\"scene\": 1")
      .replacing("[{\"nodes\": [0, 1]}]", "[{\"nodes\": [4]}, {\"nodes\": [1]}]").replacing(
        "{\"mesh\": 0}", nodes)
    let scene = try fixture.read()
    #expect(scene.nodes.map(\.name) == ["root", "branch", "twig", "leaf"])
    #expect(scene.nodes.map(\.parent) == [nil, 0, 1, 0])
  }

  @Test func `a file without scenes shows every root`() throws {
    let fixture = TriangleScene().replacing("\"scene\": 0,", "").replacing(
      "\"scenes\": [{\"nodes\": [0, 1]}],", "")
    #expect(try fixture.read().nodes.count == 2)
  }

  private let hdr = Array("#?RADIANCE\n".utf8)

  @Test func `flags win over render json, render json over extras`() throws {
    var fixture = TriangleScene().replacing(
      "[0, 1]}",
      """
      [0, 1], "extras": {"environment": "extras.hdr", "environmentStrength": 2, "width": 10, "height": 20,
        "samples": 30, "filter": "blackman-harris", "artist": {}}}
      """)
    for name in ["extras", "beside", "flag"] { fixture.files[name + ".hdr"] = hdr }
    var scene = try fixture.read()
    #expect(scene.environment?.source == "extras.hdr" && scene.environment?.strength == 2)
    var expected = Scene.Settings(widthPX: 10, heightPX: 20, samplesPerPixel: 30, filter: .blackmanHarris)
    #expect(scene.settings == expected)
    #expect(
      try SceneReader.dependencies(of: "scene.gltf", in: fixture.memory) == [
        "scene.gltf", "extras.hdr", "t.bin",
      ])

    fixture.files["render.json"] = Array(
      "{\"environment\": \"beside.hdr\", \"width\": 11, \"filter\": \"box\"}".utf8)
    scene = try fixture.read()
    #expect(scene.environment?.source == "beside.hdr" && scene.environment?.strength == 2)
    (expected.widthPX, expected.filter) = (11, .box)
    #expect(scene.settings == expected)

    let flags = SceneOverrides(
      environmentFile: "flag.hdr", environmentStrength: 5, environmentRotationDeg: 90)
    scene = try fixture.read(flags)
    #expect(scene.environment?.source == "flag.hdr" && scene.environment?.strength == 5)
    #expect(scene.environment?.rotationDeg == 90 && scene.environment?.bytes == hdr)
    #expect(
      try SceneReader.dependencies(of: "scene.gltf", in: fixture.memory, overrides: flags)
        == ["scene.gltf", "flag.hdr", "render.json", "t.bin"])
  }

  @Test(arguments: [
    ("{\"width\": 0}", SceneError.Fault.outOfRange(value: 0, low: 1, high: 16_384), "/width"),
    (
      "{\"filter\": \"tent\"}",
      .wrongType(
        found: "\"tent\"", expected: "\"box\" or \"blackman-harris\""), "/filter"
    ),
    ("{\"samples\": 1e9}", .outOfRange(value: 1e9, low: 1, high: 65_536), "/samples"),
    ("{\"environmentStrength\": -1}", .outOfRange(value: -1, low: 0, high: 1e9), "/environmentStrength"),
    ("{\"environment\": 7}", .wrongType(found: "a number", expected: "a string"), "/environment"),
    ("{\"environment\": \"../e.hdr\"}", .pathRefused(path: "../e.hdr", .climbs), "/environment"),
    ("[]", .wrongType(found: "an array", expected: "an object"), ""),
  ])
  func `a bad render json is refused where it is`(
    _ json: String, _ fault: SceneError.Fault, _ pointer: String
  ) {
    var fixture = TriangleScene()
    fixture.files["render.json"] = Array(json.utf8)
    #expect(fixture.refusal?.fault == fault)
    #expect(fixture.refusal?.place == SceneError.Place(file: "render.json", pointer: pointer))
  }

  @Test func `an environment that is missing, or neither Radiance nor OpenEXR, is refused`() {
    var fixture = TriangleScene()
    fixture.files["render.json"] = Array("{\"environment\": \"e.hdr\"}".utf8)
    #expect(fixture.refusal == SceneError(.fileMissing, at: SceneError.Place(file: "e.hdr")))
    fixture.files["e.hdr"] = pngBytes
    #expect(fixture.refusal?.fault == .unknownEnvironmentFormat(firstBytes: Array(pngBytes.prefix(8))))
  }

  @Test func `animation keys must ascend and have a value each`() throws {
    let animation = """
      "scene": 0, "animations": [{"samplers": [{"input": 2, "output": 0}],
        "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}}]}]
      """
    var fixture = TriangleScene().replacing("\"scene\": 0", animation).replacing(
      "\"count\": 3, \"type\": \"SCALAR\"}",
      """
      "count": 3, "type": "SCALAR"},
      {"bufferView": 2, "componentType": 5126, "count": 3, "type": "SCALAR"}
      """
    ).replacing(
      "\"byteLength\": 3}", "\"byteLength\": 3}, {\"buffer\": 0, \"byteOffset\": 40, \"byteLength\": 12}"
    )
    .replacing("\"byteLength\": 39", "\"byteLength\": 52")
    let triangle = fixture.files["t.bin"] ?? []
    fixture.files["t.bin"] = triangle + [0] + bytes([0, 1, 2.5] as [Float])
    let channels = try fixture.read().animations.flatMap(\.channels)
    #expect(channels.map(\.timesS) == [[0, 1, 2.5]])
    #expect(channels[0].values[1] == SIMD4(1, 0, 0, 0))

    let place = SceneError.Place(file: "scene.gltf", pointer: "/animations/0/samplers/0/input")
    fixture.files["t.bin"] = triangle + [0] + bytes([0, 1, 1] as [Float])
    #expect(fixture.refusal == SceneError(.keysNotAscending(key: 2, timeS: 1, previousS: 1), at: place))
    let cubic = fixture.replacing("\"output\": 0", "\"output\": 0, \"interpolation\": \"CUBICSPLINE\"")
    fixture.files["t.bin"] = triangle + [0] + bytes([0, 1, 2] as [Float])
    #expect(fixture.refusal == nil)
    var counted = cubic
    counted.files = fixture.files
    #expect(counted.refusal?.fault == .wrongCount(found: 3, expected: 9))
    let sampler = fixture.replacing(
      "{\"sampler\": 0, \"target\": {\"node\": 0, \"path\": \"translation\"}}",
      "{\"sampler\": 1, \"target\": {\"node\": 0, \"path\": \"translation\"}}")
    #expect(sampler.refusal?.fault == .indexOutOfRange(index: 1, count: 1, of: .samplers))
  }
}
