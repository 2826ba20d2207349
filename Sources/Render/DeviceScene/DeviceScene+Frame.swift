import Kernels
import SceneModel

extension DeviceScene {
  /// EMITTER_NONE of DeviceTypes.h, which is a cast and therefore not imported.
  package static let noEmitter: Int32 = -1
  /// TEXTURE_NONE of DeviceTypes.h.
  package static let noTexture: Int32 = -1
  /// DETAIL_NONE of DeviceTypes.h.
  package static let noDetail: Int32 = -1

  /// Prepares a frame: places instances in the world or gives them a hierarchy of their own, decodes images,
  /// builds the hierarchy and the light tables.
  /// - Throws: an image or environment that cannot be decoded, or more than a device can hold.
  public init(_ frame: FrameScene) throws(DeviceSceneError) {
    var preparation = ScenePreparation()
    self = try preparation.prepare(frame)
  }

  /// Of parts that are there.
  init(
    _ frame: FrameScene, _ materials: MaterialArray, _ geometry: SceneGeometry, _ hierarchy: SceneHierarchy,
    _ environment: EnvironmentTable
  ) {
    let lights = LightTable(
      geometry.emitters.adding(frame.lights), environment, low: geometry.low, high: geometry.high)
    var header = DeviceSceneHeader()
    header.setCamera(frame.view)
    header.setEnvironment(environment, rotationDeg: frame.scene.environment?.rotationDeg ?? 0)
    header.scene_low = geometry.low.tuple
    header.scene_high = geometry.high.tuple
    lights.describe(in: &header)
    header.triangle_count = Int32(geometry.triangles.count)
    header.node_count = Int32(hierarchy.nodes.count)
    header.instance_count = Int32(hierarchy.instances.count)
    header.features = DeviceScene.features(
      materials: materials.flags,
      [
        (FLAG_DETAILED, !geometry.triangles.details.isEmpty), (FLAG_INSTANCES, !hierarchy.instances.isEmpty),
        (FLAG_ENVIRONMENT, environment.width > 0), (FLAG_PUNCTUAL, lights.hasPunctual),
        (FLAG_LIGHT_TREE, lights.tree.nodes.count > lights.tree.rootCount),
      ])
    header.box_padding = hierarchy.worldPadding
    self.init(
      header: header, nodes: hierarchy.nodes, blocks: geometry.trees.blocks, triangles: geometry.triangles,
      materials: materials.materials, textures: materials.textures.textures,
      texels: materials.textures.texels, emitters: lights.emitters, lightNodes: lights.tree.nodes,
      environmentRadiance: environment.radiance, environmentCDF: environment.cdf, tables: materials.tables,
      instances: hierarchy.instances)
  }
}

extension FrameScene.View {
  /// No coordinate of a camera ray's origin is larger (in images up to four times as wide as high).
  var reach: Float {
    let eye = worldFromCamera.origin
    var reach = max(eye.x.magnitude, max(eye.y.magnitude, eye.z.magnitude))
    if case .orthographic(let halfHeight) = camera.projection { reach += 5 * halfHeight }
    return reach + (camera.lens?.apertureRadius ?? 0)
  }
}

extension DeviceSceneHeader {
  fileprivate mutating func setCamera(_ view: FrameScene.View) {
    let map = view.worldFromCamera
    world_from_camera = (map.xAxis.tuple, map.yAxis.tuple, map.zAxis.tuple, map.origin.tuple)
    switch view.camera.projection {
    case .perspective(let yFovRad): tan_half_y_fov = ExactMath.tan(0.5 * yFovRad)
    case .orthographic(let halfHeight): half_height = halfHeight
    }
    if let lens = view.camera.lens {
      lens_radius = lens.apertureRadius
      focus_distance = lens.focusDistance
    }
  }

  fileprivate mutating func setEnvironment(_ environment: EnvironmentTable, rotationDeg: Float) {
    environment_width = Int32(environment.width)
    environment_height = Int32(environment.height)
    environment_integral = Float(environment.integral)
    let turns = (rotationDeg / 360).rounded(.down)
    let rotationRad = (rotationDeg - 360 * turns) * (ExactMath.pi / 180)
    (environment_sin, environment_cos) = ExactMath.sincos(rotationRad)
  }
}
