import Foundation
import SceneModel
import Testing

/// Materials as the file gives them.
@Suite struct MaterialTests {
  /// The triangle with a material; `more` is further attributes, each over the accessor 2 or 3 of zeros.
  private func fixture(_ material: String, attributes more: String = "") -> TriangleScene {
    let data = Data(pngBytes).base64EncodedString()
    return TriangleScene().replacing("\"indices\": 1", "\"indices\": 1, \"material\": 0")
      .replacing("{\"POSITION\": 0}", "{\"POSITION\": 0\(more)}")
      .replacing(
        "\"count\": 3, \"type\": \"SCALAR\"}",
        """
        "count": 3, "type": "SCALAR"}, {"componentType": 5126, "count": 3, "type": "VEC2"},
        {"componentType": 5126, "count": 3, "type": "VEC3"}
        """
      ).replacing(
        "\"scene\": 0",
        """
        "scene": 0, "materials": [{\(material)}], "textures": [{"source": 0}],
        "images": [{"uri": "data:image/png;base64,\(data)"}]
        """)
  }
  private let coordinates = ", \"TEXCOORD_0\": 2, \"TEXCOORD_3\": 2, \"TEXCOORD_4\": 2"

  @Test func `every texture is found with its set`() throws {
    let scene = try fixture(
      """
      "pbrMetallicRoughness": {"metallicRoughnessTexture": {"index": 0, "texCoord": 3}},
      "normalTexture": {"index": 0, "scale": 0.5}, "occlusionTexture": {"index": 0, "texCoord": 4},
      "emissiveTexture": {"index": 0, "texCoord": 3}, "emissiveFactor": [1, 1, 1]
      """, attributes: coordinates
    ).read()
    let material = scene.materials[0]
    // The first in the order of reading is set 3, the second set 0; occlusion asks for none.
    #expect(material.metallicRoughnessTexture == Scene.TextureUse(0))
    var second = Scene.TextureUse(0)
    second.uvSet = 1
    #expect(material.normalTexture == second && material.normalScale == 0.5)
    #expect(material.emissionTexture == Scene.TextureUse(0))
    #expect(scene.primitives[0].uvs1.count == 3 && scene.primitives[0].tangents.count == 3)
    #expect(scene.textures.count == 1 && scene.images.count == 1)
  }

  @Test func `the extensions' numbers are read and clamped`() throws {
    let material = try fixture(
      """
      "extensions": {"KHR_materials_ior": {"ior": 1.33},
        "KHR_materials_specular": {"specularFactor": 0.25, "specularColorFactor": [2, 0.5, 0]},
        "KHR_materials_transmission": {"transmissionFactor": 1.5},
        "KHR_materials_volume": {"thicknessFactor": 1, "attenuationColor": [0.5, 1, 0],
          "attenuationDistance": 0.1},
        "KHR_materials_anisotropy": {"anisotropyStrength": 0.75, "anisotropyRotation": 1},
        "KHR_materials_clearcoat": {"clearcoatFactor": 0.5, "clearcoatRoughnessFactor": 0.125},
        "KHR_materials_unlit": {}}
      """
    ).read().materials[0]
    #expect(material.ior == 1.33 && material.unlit)
    #expect(material.specular.factor == 0.25 && material.specular.color == SIMD3(2, 0.5, 0))
    #expect(material.transmission.factor == 1)
    #expect(material.transmission.volume?.attenuationColor == SIMD3(0.5, 1, 0))
    #expect(material.transmission.volume?.attenuationDistanceM == 0.1)
    #expect(material.anisotropy.strength == 0.75 && material.anisotropy.rotationRad == 1)
    #expect(material.clearcoat.factor == 0.5 && material.clearcoat.roughness == 0.125)
  }

  @Test func `a volume without thickness is a thin sheet, and an infinite index is a large one`() throws {
    let material = try fixture(
      """
      "extensions": {"KHR_materials_ior": {"ior": 0},
        "KHR_materials_volume": {"attenuationColor": [0.5, 1, 0]}}
      """
    ).read().materials[0]
    #expect(material.transmission.volume == nil && material.ior == SceneLimits.iorMax)
  }

  @Test(arguments: [
    ("", Scene.Material.AlphaMode.opaque), ("\"alphaMode\": \"OPAQUE\", \"alphaCutoff\": 0.1", .opaque),
    ("\"alphaMode\": \"MASK\"", .mask(cutoff: 0.5)), ("\"alphaMode\": \"BLEND\"", .blend),
    ("\"alphaMode\": \"MASK\", \"alphaCutoff\": 0.25", .mask(cutoff: 0.25)),
  ])
  func `alpha modes are read`(_ json: String, _ mode: Scene.Material.AlphaMode) throws {
    #expect(try fixture(json).read().materials[0].alphaMode == mode)
  }

  @Test(arguments: [
    (
      "\"alphaMode\": \"ADD\"",
      SceneError.Fault.wrongType(found: "\"ADD\"", expected: "OPAQUE, MASK or BLEND"),
      "/materials/0/alphaMode"
    ),
    (
      "\"emissiveTexture\": {\"index\": 7}", .indexOutOfRange(index: 7, count: 1, of: .textures),
      "/materials/0/emissiveTexture/index"
    ),
    (
      "\"occlusionTexture\": {\"index\": 7}", .indexOutOfRange(index: 7, count: 1, of: .textures),
      "/materials/0/occlusionTexture/index"
    ),
    (
      "\"normalTexture\": {\"index\": 0, \"texCoord\": 1}", .missingMember("TEXCOORD_1"),
      "/meshes/0/primitives/0/attributes"
    ),
    (
      """
      "normalTexture": {"index": 0, "texCoord": 3}, "emissiveTexture": {"index": 0, "texCoord": 4},
      "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}
      """, .tooMany(.uvSets, count: 3, max: 2), "/materials/0/emissiveTexture/texCoord"
    ),
    (
      "\"extensions\": {\"KHR_materials_ior\": {\"ior\": 0.5}}", .outOfRange(value: 0.5, low: 1, high: 1000),
      "/materials/0/extensions/KHR_materials_ior/ior"
    ),
  ])
  func `a bad material is refused where it is`(_ json: String, _ fault: SceneError.Fault, _ pointer: String) {
    let refusal = fixture(json, attributes: coordinates).refusal
    #expect(refusal == SceneError(fault, at: SceneError.Place(file: "scene.gltf", pointer: pointer)))
  }

  @Test func `an extension that is required and not read is refused with those that are`() {
    let scene = TriangleScene().replacing("\"scene\": 0", "\"scene\": 0, \"extensionsRequired\": [\"X_Y\"]")
    let text = scene.refusal?.description ?? ""
    #expect(text.contains("requires the extension X_Y") && text.contains("KHR_texture_transform"))
  }

  @Test func `vertex colours of three numbers are opaque, and are cut to 0 ... 1`() throws {
    var scene = fixture("", attributes: ", \"COLOR_0\": 3")
    #expect(try scene.read().primitives[0].colors == [SIMD4<Float>](repeating: [0, 0, 0, 1], count: 3))
    scene = scene.replacing("\"COLOR_0\": 3", "\"COLOR_0\": 0")
    #expect(try scene.read().primitives[0].colors == [[0, 0, 0, 1], [1, 0, 0, 1], [0, 1, 0, 1]])
  }

  @Test func `tangents run with u, and a vertex of both orientations becomes two`() {
    // Two triangles side by side; the image is mirrored at the edge x = 1.
    var primitive = Scene.Primitive(
      positions: [[0, 0, 0], [1, 0, 0], [1, 1, 0], [2, 0, 0]],
      normals: [SIMD3<Float>](repeating: [0, 0, 1], count: 4), uvs: [[0, 1], [1, 1], [1, 0], [0, 1]],
      indices: [0, 1, 2, 1, 3, 2], material: 0)
    primitive.addTangents(Scene.TextureUse(0))
    #expect(primitive.positions.count == 6)
    #expect(primitive.indices.prefix(3) == [0, 1, 2] && primitive.indices[4] == 3)
    for vertex in primitive.indices.prefix(3) { #expect(primitive.tangents[Int(vertex)] == [1, 0, 0, 1]) }
    for vertex in primitive.indices.suffix(3) { #expect(primitive.tangents[Int(vertex)] == [-1, 0, 0, -1]) }
    #expect(primitive.uvs[Int(primitive.indices[3])] == [1, 1])
  }
}
