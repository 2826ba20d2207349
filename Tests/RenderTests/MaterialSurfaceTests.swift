import Imaging
import Kernels
import Render
import SceneModel
import Testing

/// Normals from textures, holes, backs and glowing pictures.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct MaterialSurfaceTests {
  private func sums(_ scene: DeviceScene, _ settings: RenderSettings, samples: Int) throws -> SampleSums {
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    try renderer.load(scene)
    let rect = TileRect(x: 0, y: 0, width: settings.widthPX, height: settings.heightPX)
    return try renderer.render(rect: rect, samples: 0..<samples, settings: settings)
  }

  private func mean(
    _ scene: DeviceScene, _ settings: RenderSettings = KernelScenes.settings(), samples: Int = 1024,
    channel: Int = 1
  ) throws -> Double {
    try sums(scene, settings, samples: samples).mean(channel: channel)
  }

  private static let gradient = DeviceSceneFrames.environment(
    width: 16, height: 8, (0..<16 * 8 * 3).map { Float($0 % 48) / 16 })

  /// A square with texture coordinates u along `uAxis` (in the plane), u and v turned by quarter turns and
  /// mirrored, whose normal texture leans by (0.6, 0, 0.8) in tangent space; or with that normal in its
  /// vertices.
  private func leaning(turns: Int, mirrored: Bool, placedMirrored: Bool, inVertices: Bool) throws
    -> DeviceScene
  {
    var quad = KernelScenes.quad([-1, -1, 0], [2, 0, 0], [0, 2, 0], material: 0)
    let (c, s): (Float, Float) = [(1, 0), (0, 1), (-1, 0), (0, -1)][turns]
    // u grows along (c, s); v grows across it, downwards for the usual orientation.
    let across: SIMD2<Float> = mirrored ? [-s, c] : [s, -c]
    quad.uvs = quad.positions.map { p in [c * p.x + s * p.y, across.x * p.x + across.y * p.y] }
    quad.tangents = []
    var tangent: SIMD3<Float> = [c, s, 0]
    var placement = DeviceSceneFrames.inPlace
    if placedMirrored {
      placement = DeviceSceneFrames.Placement(
        xAxis: [-1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: .zero)
      tangent.x = -tangent.x
    }
    var material = KernelScenes.material([0.9, 0.9, 0.9], metallic: 1, roughness: 0.4, doubleSided: true)
    if inVertices {
      let normal = tangent * 0.6 + SIMD3<Float>(0, 0, 0.8)
      quad.normals = quad.normals.map { _ in placedMirrored ? [-normal.x, normal.y, normal.z] : normal }
    } else {
      material.normalTexture = Scene.TextureUse(0)
      quad.addTangents(Scene.TextureUse(0))
    }
    // (0.6, 0, 0.8): 204 / 255 = 0.8 and 230 / 255 = 0.902; 127.5 is not a code, so the scale mends y.
    let image = PNGTexture.image(width: 1, height: 2, [204, 127, 230, 255, 204, 128, 230, 255])
    var frame = DeviceSceneFrames.frame(
      [quad], materials: [material], placements: [(0, placement)], textures: [Scene.Texture(image: 0)],
      images: [image], environment: Self.gradient)
    frame.view = DeviceSceneFrames.view(distance: 4, yFovRad: 0.3)
    return try DeviceScene(frame)
  }

  @Test(arguments: [0, 1, 2, 3], [false, true])
  func `a normal texture leans the way its coordinates run, mirrored or not`(turns: Int, mirrored: Bool)
    throws
  {
    for placedMirrored in [false, true] {
      let settings = KernelScenes.settings(width: 8, height: 8, maxDepth: 1)
      let images = try [false, true].map { inVertices in
        let scene = try leaning(
          turns: turns, mirrored: mirrored, placedMirrored: placedMirrored, inVertices: inVertices)
        return try mean(scene, settings, samples: 256)
      }
      #expect(abs(images[0] / images[1] - 1) < 0.01, "\(turns) \(mirrored) \(placedMirrored): \(images)")
    }
  }

  @Test func `a blended surface covers its alpha's part`() throws {
    var material = Scene.Material(baseColor: [1, 1, 1, 0.5])
    material.unlit = true
    material.alphaMode = .blend
    material.baseColorTexture = Scene.TextureUse(0)
    let quad = KernelScenes.quad([-9, -9, 0], [18, 0, 0], [0, 18, 0], material: 0)
    // 0.5 of the factor times 0.2 of the texture.
    let scene = try KernelScenes.scene(
      [quad], materials: [material], textures: [Scene.Texture(image: 0)],
      images: [PNGTexture.plain(255, 255, 255, 51)])
    let settings = KernelScenes.settings(transparent: true)
    for channel in [1, 3] { #expect(abs(try mean(scene, settings, channel: channel) - 0.1) < 0.003) }
  }

  @Test func `a mask is there from its cutoff on`() throws {
    for (alpha, expected) in [(0.5, 1.0), (0.499, 0.0)] as [(Float, Double)] {
      var material = Scene.Material(baseColor: [1, 1, 1, alpha])
      material.unlit = true
      material.alphaMode = .mask(cutoff: 0.5)
      let quad = KernelScenes.quad([-9, -9, 0], [18, 0, 0], [0, 18, 0], material: 0)
      #expect(try mean(try KernelScenes.scene([quad], materials: [material]), samples: 4) == expected)
    }
  }

  @Test func `a blended sheet lets its part of a lamp's light through`() throws {
    let lamp = KernelScenes.quad([-0.5, -0.5, 3], [0, 1, 0], [1, 0, 0], material: 1)
    let floor = KernelScenes.quad([-5, -5, 0], [10, 0, 0], [0, 10, 0], material: 0)
    let sheet = KernelScenes.quad([-5, -5, 2], [10, 0, 0], [0, 10, 0], material: 2)
    let materials = [
      KernelScenes.material([0.5, 0.5, 0.5]),
      KernelScenes.material([0, 0, 0], metallic: 1, emission: [5, 5, 5]),
    ]
    let lights = try [1.0, 0.3, 0.0].map { (alpha: Float) in
      var black = KernelScenes.material([0, 0, 0], metallic: 1)
      black.baseColor.w = alpha
      black.alphaMode = .blend
      let scene = try KernelScenes.scene(
        [lamp, floor, sheet], materials: materials + [black], eye: [0, 0, 1.5], yFovRad: 0.1)
      return try mean(scene, KernelScenes.settings(maxDepth: 1))
    }
    #expect(lights[0] == 0)
    #expect(abs(lights[1] / lights[2] - 0.7) < 0.01)
  }

  @Test func `a camera sees through the back of a single-sided wall, light does not`() throws {
    // The camera at z = 4 looks at the back of a wall at z = 2, and behind it at a lit floor.
    let lamp = KernelScenes.quad([-2, -2, 3], [0, 4, 0], [4, 0, 0], material: 1)
    let floor = KernelScenes.quad([-5, -5, 0], [10, 0, 0], [0, 10, 0], material: 0)
    let wall = KernelScenes.quad([-5, -5, 2], [0, 10, 0], [10, 0, 0], material: 2)
    func seen(_ primitives: [Scene.Primitive], doubleSided: Bool = false) throws -> Double {
      var unlit = Scene.Material(baseColor: [0.25, 0.25, 0.25, 1])
      unlit.unlit = true
      let lampMaterial = KernelScenes.material([0, 0, 0], metallic: 1, emission: [1, 1, 1])
      let black = KernelScenes.material([0, 0, 0], metallic: 1, doubleSided: doubleSided)
      return try mean(
        try KernelScenes.scene(primitives, materials: [unlit, lampMaterial, black]), samples: 4)
    }
    // Past the backs of lamp and wall.
    #expect(try seen([floor, lamp, wall]) == 0.25)
    // Black metal still glints.
    #expect(try seen([floor, lamp, wall], doubleSided: true) < 0.02)
    let white = DeviceSceneFrames.environment(width: 4, height: 2, [Float](repeating: 1, count: 24))
    let lit = KernelScenes.material([0.5, 0.5, 0.5])
    let black = KernelScenes.material([0, 0, 0], metallic: 1)
    let below = KernelScenes.quad([-90, -90, 1.9], [0, 180, 0], [180, 0, 0], material: 1)
    let dark = try KernelScenes.scene(
      [KernelScenes.quad([-5, -5, 1.8], [10, 0, 0], [0, 10, 0], material: 0), below],
      materials: [lit, black], environment: white, yFovRad: 0.2)
    #expect(try mean(dark, KernelScenes.settings(maxDepth: 1), samples: 64) < 0.01)
  }

  @Test(arguments: [1, 16])
  func `a camera ray passes 64 backs and sees the next, and ends in a plane of its own`(laneWidth: Int) throws
  {
    func seen(_ scene: DeviceScene) throws -> Double {
      let renderer = try TileRenderer(device: try #require(KernelScenes.device), laneWidth: laneWidth)
      try renderer.load(scene)
      let rect = TileRect(x: 0, y: 0, width: 16, height: 16)
      return try renderer.render(rect: rect, samples: 0..<4, settings: KernelScenes.settings()).mean(
        channel: 1)
    }
    var white = Scene.Material(baseColor: [0.25, 0.25, 0.25, 1])
    white.unlit = true
    var gray = Scene.Material(baseColor: [0.75, 0.75, 0.75, 1])
    gray.unlit = true
    let floor = KernelScenes.quad([-5, -5, 0], [10, 0, 0], [0, 10, 0], material: 0)
    for (count, expected) in [(64, 0.25), (65, 0.75)] {
      let walls = (0..<count).map { i in
        KernelScenes.quad([-5, -5, 1 + Float(i) / 50], [0, 10, 0], [10, 0, 0], material: 1)
      }
      #expect(try seen(KernelScenes.scene([floor] + walls, materials: [white, gray])) == expected)
    }
    // Standing on the ground with the eye in it: a ray meets the triangle where it starts, again and again.
    let ground = Scene.Primitive(
      positions: [[-1000, 0, -1000], [0, 0, 1000], [1000, 0, -1000]],
      normals: [SIMD3<Float>](repeating: [0, 1, 0], count: 3), uvs: [[0, 0], [1, 0], [0, 1]],
      indices: [0, 1, 2], material: 0)
    #expect(try seen(KernelScenes.scene([ground], materials: [white], eye: [0, 0, 1])) <= 0.25)
  }

  @Test func `a picture that glows lights like a plain lamp of its colour`() throws {
    let lamp = KernelScenes.quad([-1, -1, 3], [0, 2, 0], [2, 0, 0], material: 1)
    let floor = KernelScenes.quad([-5, -5, 2], [10, 0, 0], [0, 10, 0], material: 0)
    let gray = Double(DeviceScene.srgbToLinear[128])
    let lights = try [true, false].map { textured in
      var glow = KernelScenes.material([0, 0, 0], metallic: 1, emission: [8, 8, 8])
      if textured { glow.emissionTexture = Scene.TextureUse(0) } else { glow.emission *= Float(gray) }
      let scene = try KernelScenes.scene(
        [lamp, floor], materials: [KernelScenes.material([0.5, 0.5, 0.5]), glow],
        textures: [Scene.Texture(image: 0)], images: [PNGTexture.plain(128, 128, 128)], eye: [0, 0, 2.9],
        yFovRad: 0.2)
      return try mean(scene, KernelScenes.settings(maxDepth: 1))
    }
    #expect(abs(lights[0] / lights[1] - 1) < 0.01)
  }
}
