import Kernels

/// A scene in a device's memory.
struct SceneBuffers {
  /// In the order of SCENE_ARGUMENTS of scene.cl.
  fileprivate let arguments: [OpenCLBuffer]
  /// What the scene needs of the kernels.
  let features: Int32

  /// Takes the scene to the device. A scene too deep or too large for it is refused.
  init(_ scene: DeviceScene, on device: OpenCLDevice) throws(DeviceError) {
    let stack = scene.traversalStackNeed
    guard stack <= BVHLimits.stackEntries else {
      throw DeviceError.tooLarge(
        what: "entries of the traversal stack (the geometry is too degenerate for a shallow tree)",
        need: stack,
        limit: BVHLimits.stackEntries)
    }
    features = scene.header.features
    arguments = [
      try device.makeBuffer([scene.header]), try device.makeBuffer(scene.nodes),
      try device.makeBuffer(scene.blocks), try device.makeBuffer(scene.triangles.vertices),
      try device.makeBuffer(scene.triangles.triangles), try device.makeBuffer(scene.triangles.details),
      try device.makeBuffer(scene.materials),
      try device.makeBuffer(scene.textures), try device.makeBuffer(scene.texels),
      try device.makeBuffer(scene.emitters), try device.makeBuffer(scene.lightNodes),
      try device.makeBuffer(scene.environmentRadiance), try device.makeBuffer(scene.environmentCDF),
      try device.makeBuffer(scene.tables), try device.makeBuffer(scene.instances),
    ]
  }
}

extension OpenCLKernel {
  /// How many arguments stand for the scene: SCENE_ARGUMENTS of scene.cl.
  package static let sceneArgumentCount = 15

  /// Sets the scene, as the first arguments.
  func set(_ scene: SceneBuffers) throws(DeviceError) {
    for (index, buffer) in scene.arguments.enumerated() { try set(index, buffer) }
  }

  /// The same, and takes it to the device first. A scene too deep or too large for it is refused.
  package func set(_ scene: DeviceScene, on device: OpenCLDevice) throws(DeviceError) {
    try set(SceneBuffers(scene, on: device))
  }
}
