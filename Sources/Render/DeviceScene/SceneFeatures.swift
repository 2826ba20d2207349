import Kernels
import SceneModel

extension ScenePreparation {
  /// What a frame will need of the kernels, or little more: its `DeviceSceneHeader.features` before any of it
  /// is decoded or built, so that kernels can be compiled meanwhile.
  public func features(of frame: FrameScene) -> Int32 {
    let materials = frame.scene.materials.map(\.flags)
    let primitives = frame.instances.map { frame.scene.primitives[$0.primitive] }
    let lamps = primitives.filter { materials[$0.material] & FLAG_EMISSIVE != 0 }
    let emitterCount = lamps.reduce(frame.lights.count) { $0 + $1.indices.count / 3 }
    return DeviceScene.features(
      materials: materials.reduce(0, |),
      [
        (FLAG_DETAILED, primitives.contains(where: \.isDetailed)),
        (FLAG_INSTANCES, !InstancePlan(frame, copiesMax: copiesMax).objects.isEmpty),
        (FLAG_ENVIRONMENT, frame.scene.environment != nil), (FLAG_PUNCTUAL, !frame.lights.isEmpty),
        // As many can all be roots.
        (FLAG_LIGHT_TREE, emitterCount > LIGHT_ROOTS_MAX),
      ])
  }
}

extension DeviceScene {
  /// All of the materials' flags that kernels ask the header for, and those that are set.
  static func features(materials: Int32, _ flags: [(flag: Int32, isSet: Bool)]) -> Int32 {
    // A material says itself whether it is double-sided.
    flags.reduce(materials & ~FLAG_DOUBLE_SIDED) { $1.isSet ? $0 | $1.flag : $0 }
  }
}
