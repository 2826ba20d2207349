import Imaging
import Kernels
import Render
import SceneModel

/// Small scenes with everything in them, for comparing two ways to render.
enum ReferenceScenes {
  #if DEBUG
    /// Unoptimised, the reference is some thirty times slower: fewer samples, wider error bars.
    static let sampleCount = 150
  #else
    /// Resolves one bounce more or less.
    static let sampleCount = 4000
  #endif

  /// A parallelogram: `corner`, and its two edges; the front is on the side of `u` x `v`.
  static func quad(
    _ corner: SIMD3<Float>, _ u: SIMD3<Float>, _ v: SIMD3<Float>, material: Int
  ) -> Scene.Primitive {
    let normal = Vector.normalised(Vector.cross(u, v)) ?? SIMD3(0, 1, 0)
    return Scene.Primitive(
      positions: [corner, corner + u, corner + u + v, corner + v],
      normals: [SIMD3<Float>](repeating: normal, count: 4), uvs: [[0, 0], [2, 0], [2, 3], [0, 3]],
      indices: [0, 1, 2, 0, 2, 3], material: material)
  }

  /// A floor with a texture, a wall, a lamp, a glowing sheet, a sky that is turned, and triangles of random
  /// materials with bent normals.
  static func room(seed: UInt64) throws -> DeviceScene {
    var random = SceneRandom(seed: seed)
    var materials = [
      Scene.Material(
        baseColor: [0.8, 0.7, 0.6, 1], baseColorTexture: Scene.TextureUse(0), metallic: 0, roughness: 0.6),
      Scene.Material(baseColor: [0.3, 0.6, 0.9, 1], metallic: 0, roughness: 1),
      Scene.Material(baseColor: [0, 0, 0, 1], metallic: 0, emission: [6, 5, 4]),
      Scene.Material(baseColor: [0.5, 0.5, 0.5, 1], emission: [0.2, 0.4, 0.8], doubleSided: true),
    ]
    var primitives = [
      quad([-2, -1, 2], [4, 0, 0], [0, 0, -4], material: 0),
      quad([-2, -1, -2], [4, 0, 0], [0, 3, 0], material: 1),
      quad([-1, 2, -1], [2, 0, 0], [0, 0, 2], material: 2),
      quad([-2, -1, 0], [0, 0, -1], [0.2, 1, 0], material: 3),
    ]
    for _ in 0..<8 {
      let centre = random.point(1)
      let corners = (0..<3).map { _ in centre + random.point(0.6) }
      let flat =
        Vector.normalised(Vector.cross(corners[1] - corners[0], corners[2] - corners[0])) ?? [0, 1, 0]
      let normals = (0..<3).map { _ in Vector.normalised(flat + random.point(0.3)) ?? flat }
      primitives.append(
        Scene.Primitive(
          positions: corners, normals: normals, uvs: [[0, 0], [-1.5, 0.25], [0.5, 2.5]], indices: [0, 1, 2],
          material: materials.count))
      materials.append(
        Scene.Material(
          baseColor: [random.unit(), random.unit(), random.unit(), 1],
          baseColorTexture: random.unit() < 0.5 ? Scene.TextureUse(1) : nil, metallic: random.unit(),
          roughness: 0.3 + 0.7 * random.unit()))
    }
    let sky = DeviceSceneFrames.environment(
      width: 8, height: 4, strength: 0.5, rotationDeg: 50,
      (0..<8 * 4 * 3).map { i in 0.1 + random.unit() + (i / 3 == 10 ? 3 : 0) })
    return try DeviceScene(
      DeviceSceneFrames.frame(
        primitives, materials: materials,
        placements: primitives.indices.map { ($0, DeviceSceneFrames.inPlace) },
        textures: [Scene.Texture(image: 0), Scene.Texture(image: 0, wrapS: .mirrored, wrapT: .clamped)],
        images: [Scene.Image(source: "checks.png", bytes: DeviceSceneFrames.png)], environment: sky))
  }

  /// A closed box around the camera whose walls glow with radiance 1 and reflect (almost) everything.
  static func mirrorBox() throws -> DeviceScene {
    let wall = Scene.Material(roughness: 0, emission: [1, 1, 1])
    let low: SIMD3<Float> = [-7, -6, -8]
    let high: SIMD3<Float> = [6, 8, 9]
    let (x, y, z) = (SIMD3(high.x - low.x, 0, 0), SIMD3(0, high.y - low.y, 0), SIMD3(0, 0, high.z - low.z))
    let walls = [
      quad(low, y, z, material: 0), quad(low, z, x, material: 0), quad(low, x, y, material: 0),
      quad(high, -z, -y, material: 0), quad(high, -x, -z, material: 0), quad(high, -y, -x, material: 0),
    ]
    return try DeviceScene(
      DeviceSceneFrames.frame(
        walls, materials: [wall], placements: walls.indices.map { ($0, DeviceSceneFrames.inPlace) }))
  }

  static func settings(
    width: Int = 12, height: Int = 9, maxDepth: Int, transparent: Bool = false, seed: UInt64 = 1
  ) -> RenderSettings {
    RenderSettings(
      widthPX: width, heightPX: height, samplesPerPixel: 1, maxDepth: maxDepth,
      transparentBackground: transparent,
      seed: RenderSettings.seed(number: seed), frame: 0)
  }
}
