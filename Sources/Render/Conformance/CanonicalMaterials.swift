extension CanonicalScene {
  /// Glass, sheets, varnish, stretched and tinted highlights, smooth and rough, with and without textures.
  static var lobes: CanonicalScene {
    var scene = CanonicalScene("glass, sheets and varnish")
    scene.hasSky = true
    scene.textures = ["{\"source\": 0}"]
    let volume =
      "\"KHR_materials_volume\": {\"thicknessFactor\": 1, \"attenuationColor\": [0.3, 0.8, 0.5], "
      + "\"attenuationDistance\": 0.5}"
    let anisotropy = "\"anisotropyStrength\": 0.8, \"anisotropyRotation\": 0.5"
    let use = "{\"index\": 0}"
    let kinds: [(roughness: Float, metallic: Float, extensions: String)] = [
      (0, 0, "\"KHR_materials_transmission\": {\"transmissionFactor\": 1}, \(volume)"),
      (
        0.5, 0,
        "\"KHR_materials_transmission\": {\"transmissionFactor\": 0.9}, \(volume), "
          + "\"KHR_materials_ior\": {\"ior\": 1.8}"
      ),
      (
        0, 0,
        "\"KHR_materials_transmission\": {\"transmissionFactor\": 0.8, \"transmissionTexture\": \(use)}"
      ),
      (0.4, 0.2, "\"KHR_materials_transmission\": {\"transmissionFactor\": 0.8}"),
      (0.4, 1, "\"KHR_materials_anisotropy\": {\(anisotropy)}"),
      (0.3, 1, "\"KHR_materials_anisotropy\": {\(anisotropy), \"anisotropyTexture\": \(use)}"),
      (
        0.7, 0.3,
        "\"KHR_materials_clearcoat\": {\"clearcoatFactor\": 1, \"clearcoatTexture\": \(use), "
          + "\"clearcoatRoughnessFactor\": 0.5, \"clearcoatRoughnessTexture\": \(use)}"
      ),
      (1, 0, "\"KHR_materials_clearcoat\": {\"clearcoatFactor\": 0.7}"),
      (
        0.3, 0,
        "\"KHR_materials_specular\": {\"specularFactor\": 0.8, \"specularTexture\": \(use), "
          + "\"specularColorFactor\": [1, 0.5, 2], \"specularColorTexture\": \(use)}"
      ),
    ]
    for (i, kind) in kinds.enumerated() {
      scene.materials.append(
        "{\"pbrMetallicRoughness\": {\"baseColorFactor\": [0.9, 0.8, 0.6, 1], \"metallicFactor\": "
          + "\(kind.metallic), \"roughnessFactor\": \(kind.roughness)}, \"extensions\": {\(kind.extensions)}}"
      )
      let center = SIMD3(Float(i % 3) - 1, Float(i / 3) - 1, 0)
      scene.add(.sphere(center, radius: 0.45, rings: 12), material: i)
    }
    scene.materials.append("{\"extensions\": {\"KHR_materials_unlit\": {}}}")
    scene.add(.quad([-3, -1.5, 3], [6, 0, 0], [0, 0, -6]), material: kinds.count)
    return scene
  }
}
