extension CanonicalScene {
  /// Every code path of the kernels is in one of these.
  package static let all = [
    cornell, metallicRoughness, textures, environment, manyEmitters, lightTree, nothing, lens, parallel,
    holes, lobes, placed,
  ]

  private static func matte(_ red: Float, _ green: Float, _ blue: Float) -> String {
    "{\"pbrMetallicRoughness\": {\"baseColorFactor\": [\(red), \(green), \(blue), 1], \"metallicFactor\": 0}}"
  }

  private static func emitting(_ red: Float, _ green: Float, _ blue: Float, doubleSided: Bool = false)
    -> String
  {
    "{\"emissiveFactor\": [\(red), \(green), \(blue)], \"doubleSided\": \(doubleSided), \"extensions\": "
      + "{\"KHR_materials_emissive_strength\": {\"emissiveStrength\": 12}}}"
  }

  private static let usesStrength = ", \"extensionsUsed\": [\"KHR_materials_emissive_strength\"]"

  /// Deep diffuse paths, Russian roulette, one area light.
  private static var cornell: CanonicalScene {
    var scene = CanonicalScene("diffuse")
    scene.materials = [
      matte(0.73, 0.73, 0.73), matte(0.63, 0.06, 0.05), matte(0.14, 0.45, 0.09), emitting(1, 0.8, 0.5),
    ]
    scene.root = usesStrength
    scene.maxDepth = 24
    scene.add(.quad([-1, -1, 1], [2, 0, 0], [0, 0, -2]), material: 0)
    scene.add(.quad([-1, 1, -1], [2, 0, 0], [0, 0, 2]), material: 0)
    scene.add(.quad([-1, -1, -1], [2, 0, 0], [0, 2, 0]), material: 0)
    scene.add(.quad([-1, -1, 1], [0, 0, -2], [0, 2, 0]), material: 1)
    scene.add(.quad([1, -1, -1], [0, 0, 2], [0, 2, 0]), material: 2)
    scene.add(.quad([-0.3, 0.98, -0.3], [0.6, 0, 0], [0, 0, 0.6]), material: 3)
    scene.add(.quad([-0.7, -1, 0.1], [0.5, 0, 0.2], [0, 1.2, 0]), material: 0)
    scene.add(.quad([0.1, -1, 0.5], [0.5, 0, -0.2], [0, 0.6, 0]), material: 0)
    return scene
  }

  /// Spheres of nine mixtures over a floor, under a sky that is turned.
  private static var metallicRoughness: CanonicalScene {
    var scene = CanonicalScene("metallic-roughness")
    scene.hasSky = true
    scene.environmentRotationDeg = 40
    for (row, metallic) in [Float(0), 0.5, 1].enumerated() {
      for (column, roughness) in [Float(0), 0.3, 1].enumerated() {
        scene.materials.append(
          "{\"pbrMetallicRoughness\": {\"baseColorFactor\": [0.9, 0.6, 0.3, 1], "
            + "\"metallicFactor\": \(metallic), \"roughnessFactor\": \(roughness)}}")
        let center = SIMD3(Float(column) - 1, Float(row) - 1, 0)
        scene.add(.sphere(center, radius: 0.45, rings: 12), material: scene.materials.count - 1)
      }
    }
    scene.materials.append(matte(0.5, 0.5, 0.5))
    scene.add(.quad([-3, -1.5, 3], [6, 0, 0], [0, 0, -6]), material: scene.materials.count - 1)
    return scene
  }

  /// Every wrap and filter mode, seen from both sides, with a sky behind that is left transparent.
  private static var textures: CanonicalScene {
    var scene = CanonicalScene("textures")
    scene.hasSky = true
    scene.isTransparent = true
    for (index, wraps) in [(10497, 33071), (33071, 33648), (33648, 10497)].enumerated() {
      for (row, filter) in [9728, 9729].enumerated() {
        scene.samplers.append("{\"wrapS\": \(wraps.0), \"wrapT\": \(wraps.1), \"magFilter\": \(filter)}")
        let number = scene.textures.count
        scene.textures.append("{\"source\": 0, \"sampler\": \(number)}")
        scene.materials.append(
          "{\"doubleSided\": true, \"pbrMetallicRoughness\": {\"baseColorTexture\": {\"index\": \(number)}, "
            + "\"metallicFactor\": \(row == 0 ? 0 : 1), \"roughnessFactor\": 0.5}}")
        let corner = SIMD3(Float(index) * 1.1 - 1.6, Float(row) * 1.1 - 1.1, 0)
        let turned = index == 1
        scene.add(
          .quad(
            turned ? corner + [1, 0, 0] : corner, turned ? [-1, 0, 0.3] : [1, 0, 0.3], [0, 1, 0], uvEnd: 2.3),
          material: number)
      }
    }
    return scene
  }

  /// A mirror and a matte ball that see nothing but the sky.
  private static var environment: CanonicalScene {
    var scene = CanonicalScene("environment")
    scene.hasSky = true
    scene.materials = [
      "{\"pbrMetallicRoughness\": {\"metallicFactor\": 1, \"roughnessFactor\": 0}}", matte(0.8, 0.8, 0.8),
    ]
    scene.add(.sphere([-0.8, 0, 0], radius: 0.7), material: 0)
    scene.add(.sphere([0.8, 0, 0], radius: 0.7), material: 1)
    return scene
  }

  /// Many small lights of one and of both sides, besides a sky; placed more than once.
  private static var manyEmitters: CanonicalScene {
    var scene = CanonicalScene("many emitters")
    scene.hasSky = true
    scene.root = usesStrength
    scene.materials = [matte(0.7, 0.7, 0.7), emitting(1, 0.2, 0.1), emitting(0.1, 0.4, 1, doubleSided: true)]
    scene.add(.quad([-3, -1, 2], [6, 0, 0], [0, 0, -5]), material: 0)
    scene.add(.sphere([0, -0.4, -0.5], radius: 0.6, rings: 10), material: 0)
    let places = (0..<7).map { "\"translation\": [\(Float($0) * 0.6 - 1.8), \(Float($0 % 3) * 0.3), -0.2]" }
    scene.add(.quad([0, 0, 0], [0.1, 0, 0], [0, 0, 0.15]), material: 1, nodes: places)
    scene.add(.quad([0, 0.8, -1], [0.3, 0, 0.1], [0, 0.2, 0]), material: 2, nodes: places)
    return scene
  }

  /// More emitters than the light tree has roots.
  private static var lightTree: CanonicalScene {
    var scene = manyEmitters
    scene.name = "light tree"
    let places = (0..<60).map { i in
      let (column, row) = (Float(i % 10), Float(i / 10))
      return "\"translation\": [\(column * 0.5 - 2.25), \(row * 0.25 - 0.6), \(row * -0.3 - 0.7)]"
    }
    scene.add(.quad([0, 0, 0], [0.08, 0, 0.02], [0, 0.06, 0.03]), material: 1, nodes: places)
    return scene
  }

  /// A thin lens, and pixels that reach into their neighbours.
  private static var lens: CanonicalScene {
    var scene = manyEmitters
    scene.name = "lens and filter"
    scene.camera =
      "{\"type\": \"perspective\", \"perspective\": {\"yfov\": 0.8, \"znear\": 0.1}, "
      + "\"extras\": {\"focusDistance\": 4.2, \"apertureRadius\": 0.2}}"
    scene.filter = .blackmanHarris
    return scene
  }

  /// A camera of parallel rays.
  private static var parallel: CanonicalScene {
    var scene = metallicRoughness
    scene.name = "orthographic"
    scene.camera =
      "{\"type\": \"orthographic\", \"orthographic\": {\"xmag\": 2, \"ymag\": 2, \"znear\": 0.1, "
      + "\"zfar\": 100}}"
    return scene
  }

  /// Holes by mask and by chance, and every texture that a material may have.
  private static var holes: CanonicalScene {
    var scene = CanonicalScene("holes and every texture")
    scene.hasSky = true
    scene.textures = ["{\"source\": 0}"]
    let use = "{\"index\": 0}"
    for mode in ["\"MASK\", \"alphaCutoff\": 0.4", "\"BLEND\"", "\"OPAQUE\""] {
      scene.materials.append(
        "{\"alphaMode\": \(mode), \"doubleSided\": true, \"normalTexture\": \(use), "
          + "\"emissiveTexture\": \(use), \"emissiveFactor\": [0.2, 0.1, 0.3], "
          + "\"occlusionTexture\": \(use), \"pbrMetallicRoughness\": "
          + "{\"baseColorTexture\": \(use), \"metallicRoughnessTexture\": \(use)}}")
    }
    scene.materials.append(matte(0.6, 0.6, 0.6))
    for (index, x) in [Float(-1.7), -0.6, 0.5].enumerated() {
      scene.add(.quad([x, -0.8, 0], [1, 0, 0.2], [0, 1.6, 0], uvEnd: 1.5), material: index)
    }
    scene.add(.quad([-2, -1, 1], [4, 0, 0], [0, 0, -3]), material: 3)
    return scene
  }

  /// Rays that meet no geometry at all.
  private static var nothing: CanonicalScene {
    var scene = CanonicalScene("no geometry")
    scene.hasSky = true
    return scene
  }
}
