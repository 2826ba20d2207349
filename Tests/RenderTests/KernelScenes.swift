import Imaging
import Render
import SceneModel

/// Small scenes for the kernels, and the settings to render them with.
enum KernelScenes {
  /// The first processor that is not a simulator.
  static let device: DeviceInfo? = try? DeviceCatalog.all().first { $0.isCPU && !$0.isSimulator }

  static func settings(
    width: Int = 16, height: Int = 16, samples: Int = 16, maxDepth: Int = 4, transparent: Bool = false,
    seed: UInt64 = 1
  ) -> RenderSettings {
    RenderSettings(
      widthPX: width, heightPX: height, samplesPerPixel: samples, maxDepth: maxDepth,
      transparentBackground: transparent, seed: RenderSettings.seed(number: seed), frame: 0)
  }

  static func material(
    _ color: SIMD3<Float>, metallic: Float = 0, roughness: Float = 1, emission: SIMD3<Float> = .zero,
    doubleSided: Bool = false, texture: Int? = nil
  ) -> Scene.Material {
    var material = Scene.Material()
    material.baseColor = SIMD4(color, 1)
    material.baseColorTexture = texture.map { Scene.TextureUse($0) }
    material.metallic = metallic
    material.roughness = roughness
    material.emission = emission
    material.doubleSided = doubleSided
    return material
  }

  /// A parallelogram at `corner`, front towards `u` x `v`.
  static func quad(
    _ corner: SIMD3<Float>, _ u: SIMD3<Float>, _ v: SIMD3<Float>, material: Int
  ) -> Scene.Primitive {
    primitive(.quad(corner, u, v), material: material)
  }

  /// A sphere's triangles around `center`, smooth normals.
  static func sphere(
    _ center: SIMD3<Float>, radius: Float, rings: Int = 16, material: Int
  ) -> Scene.Primitive {
    primitive(.sphere(center, radius: radius, rings: rings), material: material)
  }

  private static func primitive(_ shape: CanonicalShape, material: Int) -> Scene.Primitive {
    Scene.Primitive(
      positions: shape.positions, normals: shape.normals, uvs: shape.uvs, indices: shape.indices,
      material: material)
  }

  static func scene(
    _ primitives: [Scene.Primitive], materials: [Scene.Material], textures: [Scene.Texture] = [],
    images: [Scene.Image] = [], environment: Scene.Environment? = nil, eye: SIMD3<Float> = [0, 0, 4],
    yFovRad: Float = 0.8
  ) throws -> DeviceScene {
    var frame = DeviceSceneFrames.frame(
      primitives, materials: materials,
      placements: primitives.indices.map { ($0, DeviceSceneFrames.inPlace) }, textures: textures,
      images: images, environment: environment)
    frame.view = FrameScene.View(
      worldFromCamera: Transform(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: eye),
      yFovRad: yFovRad)
    return try DeviceScene(frame)
  }

  /// A closed box of 2 m with a light, a metal ball, a plastic ball, a texture and a sky behind the open
  /// side: everything that the kernels know.
  static func everything() throws -> DeviceScene {
    let materials = [
      material([0.73, 0.73, 0.73]), material([0.63, 0.06, 0.05]), material([0.14, 0.45, 0.09]),
      material([0, 0, 0], emission: [15, 12, 8]), material([0.9, 0.6, 0.3], metallic: 1, roughness: 0.2),
      material([0.3, 0.4, 0.8], metallic: 0.3, roughness: 0.4),
      material([1, 1, 1], roughness: 0.7, texture: 0),
    ]
    let primitives = [
      quad([-1, -1, 1], [2, 0, 0], [0, 0, -2], material: 6),
      quad([-1, 1, -1], [2, 0, 0], [0, 0, 2], material: 0),
      quad([-1, -1, -1], [2, 0, 0], [0, 2, 0], material: 0),
      quad([-1, -1, 1], [0, 0, -2], [0, 2, 0], material: 1),
      quad([1, -1, -1], [0, 0, 2], [0, 2, 0], material: 2),
      quad([-0.3, 0.98, -0.3], [0.6, 0, 0], [0, 0, 0.6], material: 3),
      sphere([-0.4, -0.6, -0.3], radius: 0.4, material: 4),
      sphere([0.5, -0.65, 0.2], radius: 0.35, material: 5),
    ]
    return try scene(
      primitives, materials: materials,
      textures: [Scene.Texture(image: 0, wrapS: .repeated, wrapT: .mirrored, nearest: false)],
      images: [Scene.Image(source: "checks.png", bytes: DeviceSceneFrames.png)],
      environment: DeviceSceneFrames.environment(
        width: 4, height: 2, rotationDeg: 30,
        [0.2, 0.3, 0.9, 1, 1, 1, 0.1, 0.1, 0.1, 3, 2, 1, 0.2, 0.1, 0, 0, 0, 0, 0.4, 0.4, 0.4, 1, 0, 0]))
  }

  /// The box alone, its front open to the dark: 36 triangles.
  static func cornell() throws -> DeviceScene {
    let materials = [
      material([0.73, 0.73, 0.73]), material([0.63, 0.06, 0.05]), material([0.14, 0.45, 0.09]),
      material([0, 0, 0], emission: [15, 12, 8]),
    ]
    return try scene(
      [
        quad([-1, -1, 1], [2, 0, 0], [0, 0, -2], material: 0),
        quad([-1, 1, -1], [2, 0, 0], [0, 0, 2], material: 0),
        quad([-1, -1, -1], [2, 0, 0], [0, 2, 0], material: 0),
        quad([-1, -1, 1], [0, 0, -2], [0, 2, 0], material: 1),
        quad([1, -1, -1], [0, 0, 2], [0, 2, 0], material: 2),
        quad([-0.3, 0.98, -0.3], [0.6, 0, 0], [0, 0, 0.6], material: 3),
        quad([-0.7, -1, 0.1], [0.5, 0, 0.2], [0, 1.2, 0], material: 0),
        quad([0.1, -1, 0.5], [0.5, 0, -0.2], [0, 0.6, 0], material: 0),
      ], materials: materials)
  }
}
