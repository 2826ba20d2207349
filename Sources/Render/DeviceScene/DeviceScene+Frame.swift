import Kernels
import SceneModel

extension DeviceScene {
  /// EMITTER_NONE of DeviceTypes.h, which is a cast and therefore not imported.
  package static let noEmitter: Int32 = -1
  /// TEXTURE_NONE of DeviceTypes.h.
  package static let noTexture: Int32 = -1
  /// DETAIL_NONE of DeviceTypes.h.
  package static let noDetail: Int32 = -1

  /// Prepares a frame: places every instance in the world, decodes images, builds the hierarchy and the light
  /// tables.
  /// - Throws: an image or environment that cannot be decoded, or more than a device can hold.
  public init(_ frame: FrameScene) throws(DeviceSceneError) {
    let world = try WorldTriangles(frame)
    let materials = try MaterialArray(frame.scene)
    let environment = try EnvironmentTable(frame.scene.environment)
    var triangles = world.triangles
    let lights = LightTable(&triangles, materials.materials, frame.lights, environment, world)
    let eyeReach = frame.view.reach
    // A camera far outside sees little; beyond this its distance must not blow up every box.
    let bvh = BVH(triangles, reach: min(eyeReach, 8 * world.reach))

    let blocks = DeviceScene.cutoutsMarked(bvh.blocks, triangles, materials)

    var header = DeviceSceneHeader()
    header.setCamera(frame.view)
    header.setEnvironment(environment, rotationDeg: frame.scene.environment?.rotationDeg ?? 0)
    header.scene_low = world.low.tuple
    header.scene_high = world.high.tuple
    lights.describe(in: &header)
    header.triangle_count = Int32(triangles.count)
    header.node_count = Int32(bvh.nodes.count)
    header.material_flags = materials.flags | (world.details.isEmpty ? 0 : FLAG_DETAILED)
    header.material_textures = materials.textureBits
    header.box_padding = bvh.padding
    self.init(
      header: header, nodes: bvh.nodes, blocks: blocks, triangles: triangles,
      details: world.details, materials: materials.materials, textures: materials.textures.textures,
      texels: materials.textures.texels, emitters: lights.emitters,
      lightNodes: lights.tree.nodes, environmentRadiance: environment.radiance,
      environmentCDF: environment.cdf)
  }

  /// The blocks with TRIANGLE_CUTOUT where a triangle's material may have holes.
  private static func cutoutsMarked(
    _ blocks: [DeviceTriangleBlock], _ triangles: [DeviceTriangle], _ materials: MaterialArray
  ) -> [DeviceTriangleBlock] {
    guard materials.flags & FLAG_CUTOUT != 0 else { return blocks }
    var marked = blocks
    for i in marked.indices {
      withUnsafeMutableBytes(of: &marked[i].triangle) { raw in
        let ids = raw.bindMemory(to: Int32.self)
        for lane in ids.indices where ids[lane] != BVHLayout.noTriangle {
          let material = Int(triangles[Int(ids[lane])].material)
          if materials.materials[material].flags & FLAG_CUTOUT != 0 { ids[lane] |= BVHLayout.cutoutBit }
        }
      }
    }
    return marked
  }
}

extension FrameScene.View {
  /// No coordinate of a camera ray's origin is larger (in images up to four times as wide as high).
  fileprivate var reach: Float {
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
