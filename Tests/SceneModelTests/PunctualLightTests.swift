import SceneModel
import Testing

/// KHR_lights_punctual.
@Suite struct PunctualLightTests {
  /// A light under a turned, scaled parent.
  private func fixture(_ light: String, node: String = "") -> TriangleScene {
    TriangleScene()
      .replacing(
        "\"scene\": 0",
        "\"scene\": 0, \"extensionsUsed\": [\"KHR_lights_punctual\"], \"extensions\": "
          + "{\"KHR_lights_punctual\": {\"lights\": [\(light)]}}"
      )
      .replacing("[{\"nodes\": [0, 1]}]", "[{\"nodes\": [0, 1, 2]}]")
      .replacing(
        "\"translation\": [0, 0, 5]}]",
        "\"translation\": [0, 0, 5]}, {\"children\": [3], \"scale\": [2, 2, 2], "
          + "\"rotation\": [0, 0.70710678, 0, 0.70710678]}, "
          + "{\"translation\": [0, 1, 3]\(node), \"extensions\": {\"KHR_lights_punctual\": {\"light\": 0}}}]")
  }

  @Test func `a light follows its node, whose scale leaves its strength alone`() throws {
    let scene = try fixture(
      "{\"type\": \"point\", \"color\": [1, 0.5, 0.25], \"intensity\": 40, \"range\": 7}"
    ).read()
    let light = Scene.Light(kind: .point, intensity: [40, 20, 10], rangeM: 7)
    #expect(scene.nodes.compactMap(\.light) == [light])
    let placed = try scene.frame(timeS: 0, camera: nil).lights
    #expect(placed.count == 1 && placed[0].light == light)
    // A quarter turn about +Y takes +Z to +X and -Z to -X.
    #expect(distance(placed[0].origin, [6, 2, 0]) < 1e-5)
    #expect(distance(placed[0].direction, [-1, 0, 0]) < 1e-6)
  }

  @Test func `animation moves a light`() throws {
    let keys = bytes([0, 1, 0, 1, 3, 0, 5, 3] as [Float])
    var moving = fixture("{\"type\": \"point\"}").replacing(
      "{\"bufferView\": 1, \"componentType\": 5121, \"count\": 3, \"type\": \"SCALAR\"}",
      "{\"bufferView\": 1, \"componentType\": 5121, \"count\": 3, \"type\": \"SCALAR\"}, "
        + "{\"bufferView\": 2, \"componentType\": 5126, \"count\": 2, \"type\": \"SCALAR\"}, "
        + "{\"bufferView\": 2, \"byteOffset\": 8, \"componentType\": 5126, \"count\": 2, \"type\": \"VEC3\"}"
    ).replacing(
      "{\"buffer\": 0, \"byteOffset\": 36, \"byteLength\": 3}",
      "{\"buffer\": 0, \"byteOffset\": 36, \"byteLength\": 3}, {\"buffer\": 1, \"byteLength\": 32}"
    ).replacing(
      "{\"uri\": \"t.bin\", \"byteLength\": 39}",
      "{\"uri\": \"t.bin\", \"byteLength\": 39}, {\"uri\": \"a.bin\", \"byteLength\": 32}"
    ).replacing(
      "\"scene\": 0,",
      "\"scene\": 0, \"animations\": [{\"samplers\": [{\"input\": 2, \"output\": 3}], \"channels\": "
        + "[{\"sampler\": 0, \"target\": {\"node\": 3, \"path\": \"translation\"}}]}],")
    moving.files["a.bin"] = keys
    let lights = try moving.read().frame(timeS: 0.5, camera: nil).lights
    #expect(distance(lights[0].origin, [6, 6, 0]) < 1e-5)
  }

  @Test func `defaults are the extension's`() throws {
    let spot = try fixture("{\"type\": \"spot\", \"spot\": {}}").read().nodes.compactMap(\.light)
    #expect(
      spot == [
        Scene.Light(kind: .spot(innerRad: 0, outerRad: ExactMath.pi / 4), intensity: [1, 1, 1])
      ])
    let sun = try fixture("{\"type\": \"directional\", \"intensity\": 3, \"range\": -1}").read()
    #expect(sun.nodes.compactMap(\.light) == [Scene.Light(kind: .directional, intensity: [3, 3, 3])])
  }

  @Test func `the extension may be required`() throws {
    let fixture = fixture("{\"type\": \"point\"}").replacing(
      "\"extensionsUsed\"", "\"extensionsRequired\": [\"KHR_lights_punctual\"], \"extensionsUsed\"")
    #expect(try fixture.read().nodes.compactMap(\.light).count == 1)
  }

  @Test(arguments: [
    ("{\"type\": \"area\"}", "/type"), ("{}", ""), ("{\"type\": \"spot\"}", ""),
    ("{\"type\": \"point\", \"intensity\": -1}", "/intensity"),
    ("{\"type\": \"point\", \"color\": [1, 2, 0]}", "/color/1"),
    ("{\"type\": \"point\", \"color\": [1, 1]}", "/color"),
    ("{\"type\": \"point\", \"range\": 0}", "/range"),
    ("{\"type\": \"spot\", \"spot\": {\"outerConeAngle\": 2}}", "/spot/outerConeAngle"),
    (
      "{\"type\": \"spot\", \"spot\": {\"outerConeAngle\": 0.3, \"innerConeAngle\": 0.3}}",
      "/spot/innerConeAngle"
    ),
  ]) func `a wrong light is refused where it is wrong`(light: String, place: String) {
    let refusal = fixture(light).refusal
    #expect(refusal?.place.pointer == "/extensions/KHR_lights_punctual/lights/0" + place)
  }

  @Test func `a light that is not in the list and one without direction are refused`() throws {
    let missing = fixture("").refusal
    #expect(missing?.fault == .indexOutOfRange(index: 0, count: 0, of: .lights))
    let flat = try fixture("{\"type\": \"directional\"}", node: ", \"scale\": [1, 1, 0]").read()
    #expect(throws: SceneError(.lightFlattened(node: 3), at: SceneError.Place(file: "scene.gltf"))) {
      try flat.frame(timeS: 0, camera: nil)
    }
    // A point needs none.
    let point = try fixture("{\"type\": \"point\"}", node: ", \"scale\": [0, 0, 0]").read()
    #expect(try point.frame(timeS: 0, camera: nil).lights.count == 1)
  }

  private func distance(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    ((a - b) * (a - b)).sum().squareRoot()
  }
}
