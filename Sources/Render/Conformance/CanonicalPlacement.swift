import Imaging

extension CanonicalScene {
  /// Instances turned, stretched and mirrored, of bumped and of stretched facets, under lights without size;
  /// every layer.
  static var placed: CanonicalScene {
    var scene = CanonicalScene("instances, punctual lights and layers")
    scene.isInstanced = true
    scene.layers = LayerSet(FrameLayer.allCases)
    scene.textures = ["{\"source\": 0}"]
    let use = "{\"index\": 0}"
    scene.materials = [
      "{\"doubleSided\": true, \"normalTexture\": \(use), "
        + "\"pbrMetallicRoughness\": {\"baseColorTexture\": \(use), \"metallicFactor\": 0.4, "
        + "\"roughnessFactor\": 0.4}, "
        + "\"extensions\": {\"KHR_materials_anisotropy\": {\"anisotropyStrength\": 0.6}}}",
      "{\"pbrMetallicRoughness\": {\"baseColorFactor\": [0.6, 0.6, 0.6, 1], \"metallicFactor\": 0}}",
    ]
    let places = [
      "\"translation\": [-1.1, 0, 0], \"rotation\": [0, 0.6, 0, 0.8]",
      "\"translation\": [0, 0.3, -0.5], \"scale\": [1.4, 0.6, 1]",
      "\"translation\": [1.1, 0, 0], \"scale\": [-1, 1, 0.8], \"rotation\": [0.6, 0, 0, 0.8]",
    ]
    scene.add(.sphere([0, 0, 0], radius: 0.55, rings: 12), material: 0, nodes: places)
    scene.add(.quad([-3, -1, 2], [6, 0, 0], [0, 0, -5]), material: 1)
    let aims = ["-0.6, 0, 0, 0.8", "-0.6, 0.3, 0, 0.74", "0, 0, 0, 1"]
    scene.nodes = aims.enumerated().map { index, rotation in
      "{\"translation\": [\(Float(index) - 1), 1.6, 1.2], \"rotation\": [\(rotation)], "
        + "\"extensions\": {\"KHR_lights_punctual\": {\"light\": \(index)}}}"
    }
    let lights = [
      "{\"type\": \"spot\", \"intensity\": 40, \"spot\": {\"innerConeAngle\": 0.3, "
        + "\"outerConeAngle\": 0.7}}",
      "{\"type\": \"directional\", \"intensity\": 1.5, \"color\": [1, 0.8, 0.6]}",
      "{\"type\": \"point\", \"intensity\": 12, \"range\": 6, \"color\": [0.5, 0.7, 1]}",
    ].joined(separator: ", ")
    scene.root =
      ", \"extensionsUsed\": [\"KHR_lights_punctual\", \"KHR_materials_anisotropy\"], "
      + "\"extensions\": {\"KHR_lights_punctual\": {\"lights\": [\(lights)]}}"
    return scene
  }
}
