import Kernels
import Render
import SceneModel

/// Scenes that can be prepared both ways: with instances, and with everything copied into the world.
enum InstanceScenes {
  typealias Placement = Transform<ObjectSpace, WorldSpace>

  /// Turned about an axis, scaled by axis, moved.
  static func placement(
    axis: SIMD3<Float>, angleRad: Float, scale: SIMD3<Float>, at origin: SIMD3<Float>
  ) -> Placement {
    let unit = Vector.normalised(axis) ?? SIMD3(0, 1, 0)
    let axes = Quaternion.axes(Quaternion.rotation(about: unit, angleRad: angleRad))
    return Placement(
      xAxis: axes.x * scale.x, yAxis: axes.y * scale.y, zAxis: axes.z * scale.z, origin: origin)
  }

  /// Turned, mirrored, stretched unevenly and sheared (by nesting) copies of two meshes around the origin, a
  /// wall behind them, and one that is as it was modelled.
  static func frame(seed: UInt64, copies: Int, emission: SIMD3<Float> = .zero) -> FrameScene {
    var random = SceneRandom(seed: seed)
    let materials = [
      Scene.Material(baseColor: [0.8, 0.7, 0.6, 1], metallic: 0, roughness: 0.6),
      Scene.Material(baseColor: [0.3, 0.6, 0.9, 1], metallic: 0.5, roughness: 0.5, doubleSided: true),
      Scene.Material(baseColor: [0.7, 0.7, 0.7, 1], metallic: 0, roughness: 1),
      Scene.Material(baseColor: [0, 0, 0, 1], emission: emission),
    ]
    let primitives = [
      KernelScenes.sphere([0.1, 0, 0.05], radius: 0.5, rings: 5, material: 0),
      ReferenceScenes.quad([-0.5, -0.4, 0.1], [0.9, 0.1, 0], [0, 0.8, 0.2], material: 1),
      ReferenceScenes.quad([-3, -3, -2.5], [6, 0, 0], [0, 6, 0], material: 2),
      ReferenceScenes.quad([-1, 2.8, -1], [2, 0, 0], [0, 0, 2], material: 3),
    ]
    var placements: [(primitive: Int, Placement)] = [
      (2, DeviceSceneFrames.inPlace), (3, DeviceSceneFrames.inPlace), (0, DeviceSceneFrames.inPlace),
    ]
    for i in 0..<copies {
      let mirror: Float = i % 3 == 0 ? -1 : 1
      let outer = placement(
        axis: random.point(1), angleRad: 6 * random.unit(), scale: [1, 1, 1], at: random.point(1.5))
      let inner = Transform<ObjectSpace, ObjectSpace>(
        xAxis: [mirror * (0.4 + random.unit()), 0, 0], yAxis: [0.3 * random.unit(), 0.3 + random.unit(), 0],
        zAxis: [0, 0.2, 0.5 + random.unit()], origin: random.point(0.2))
      placements.append((i % 2, outer * inner))
    }
    return DeviceSceneFrames.frame(
      primitives, materials: materials, placements: placements,
      environment: DeviceSceneFrames.environment(
        width: 4, height: 2, rotationDeg: 20, (0..<24).map { _ in 0.2 + random.unit() }))
  }

  /// As few copies as possible, or all.
  static func scene(_ frame: FrameScene, instanced: Bool) throws -> DeviceScene {
    var preparation = ScenePreparation(copiesMax: instanced ? 0 : .max)
    return try preparation.prepare(frame)
  }

  /// Number in `placedTriangles` of triangle `triangle` of instance `instance`.
  static func placedNumber(_ scene: DeviceScene, triangle: Int32, instance: Int32) -> Int {
    guard instance >= 0 else { return Int(triangle) }
    var first = scene.instances.map { Int($0.first_triangle) }.min() ?? 0
    for before in scene.instances[..<Int(instance)] { first += Int(before.triangle_count) }
    return first + Int(triangle - scene.instances[Int(instance)].first_triangle)
  }
}
