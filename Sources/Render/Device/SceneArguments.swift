import Kernels

extension OpenCLKernel {
  /// How many arguments stand for the scene: SCENE_ARGUMENTS of scene.cl.
  static let sceneArgumentCount = 13

  /// Takes the scene to the device, as the first arguments. A scene too deep or too large for it is refused.
  func set(_ scene: DeviceScene, on device: OpenCLDevice) throws(DeviceError) {
    let stack = scene.traversalStackNeed
    guard stack <= BVHLimits.stackEntries else {
      throw DeviceError.tooLarge(
        what: "entries of the traversal stack (the geometry is too degenerate for a shallow tree)",
        need: stack,
        limit: BVHLimits.stackEntries)
    }
    try set(0, device.makeBuffer([scene.header]))
    try set(1, device.makeBuffer(scene.nodes))
    try set(2, device.makeBuffer(scene.blocks))
    try set(3, device.makeBuffer(scene.triangles))
    try set(4, device.makeBuffer(scene.details))
    try set(5, device.makeBuffer(scene.materials))
    try set(6, device.makeBuffer(scene.textures))
    try set(7, device.makeBuffer(scene.texels))
    try set(8, device.makeBuffer(scene.emitters))
    try set(9, device.makeBuffer(scene.lightNodes))
    try set(10, device.makeBuffer(scene.environmentRadiance))
    try set(11, device.makeBuffer(scene.environmentCDF))
    try set(12, device.makeBuffer(DeviceScene.decoding))
  }
}
