import Render
import SceneModel

/// Scenes of many lights, and a floor under any.
enum LightScenes {
  typealias Frames = DeviceSceneFrames

  static func light(
    _ kind: Scene.Light.Kind, _ intensity: SIMD3<Float>, at origin: SIMD3<Float> = .zero,
    along direction: SIMD3<Float> = [0, 0, -1], range: Float? = nil
  ) -> FrameScene.Light {
    FrameScene.Light(
      light: Scene.Light(kind: kind, intensity: intensity, rangeM: range), origin: origin,
      direction: Vector.normalised(direction) ?? [0, 0, -1])
  }

  static func scene(
    _ primitives: [Scene.Primitive], _ materials: [Scene.Material], lights: [FrameScene.Light] = [],
    environment: Scene.Environment? = nil, eye: SIMD3<Float> = [0, 0, 4], yFovRad: Float = 0.8
  ) throws -> DeviceScene {
    var frame = Frames.frame(
      primitives, materials: materials, placements: primitives.indices.map { ($0, Frames.inPlace) },
      environment: environment)
    frame.lights = lights
    frame.view = FrameScene.View(
      worldFromCamera: Transform(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: eye),
      yFovRad: yFovRad)
    return try DeviceScene(frame)
  }

  /// `count` small triangles anywhere, turned anyhow, some shining from both sides, with a few lights without
  /// size among them; and a sky when asked for.
  static func swarm(_ count: Int, sky: Bool, seed: UInt64 = 5) throws -> DeviceScene {
    var random = SceneRandom(seed: seed)
    let materials = (0..<8).map { i in
      KernelScenes.material([0, 0, 0], emission: SIMD3(repeating: 1 + Float(i * i)), doubleSided: i % 4 == 0)
    }
    let primitives = (0..<count).map { i in
      let centre = random.point(3)
      let corners = (0..<3).map { _ in centre + random.point(0.1) }
      return Scene.Primitive(
        positions: corners, normals: [SIMD3<Float>](repeating: [0, 1, 0], count: 3),
        uvs: [SIMD2<Float>](repeating: .zero, count: 3), indices: [0, 1, 2], material: i % 8)
    }
    let lights = [
      light(.point, [0.2, 0.1, 0.1], at: [1, 1, 1]), light(.directional, [0.02, 0.02, 0.02]),
      light(.spot(innerRad: 0.2, outerRad: 0.7), [0.5, 0.5, 0.5], at: [0, 2, 0], along: [0, -1, 0.3]),
    ]
    let white = Frames.environment(width: 4, height: 2, [Float](repeating: 0.01, count: 24))
    return try scene(primitives, materials, lights: lights, environment: sky ? white : nil)
  }
}
