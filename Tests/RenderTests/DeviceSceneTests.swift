import Cryptography
import Imaging
import Kernels
import Render
import SceneModel
import Testing

@Suite struct DeviceSceneTests {
  private typealias Frames = DeviceSceneFrames

  @Test func `two preparations of one frame have the same digest`() throws {
    let frame = Frames.frame()
    #expect(try DeviceScene(frame).digest == DeviceScene(frame).digest)
  }

  @Test func `a change in any array or in the header changes the digest`() {
    let parts = SceneParts.example
    var digests: Set<Digest> = [parts.scene.digest]
    for change in SceneParts.changes {
      var changed = parts
      change(&changed)
      digests.insert(changed.scene.digest)
    }
    #expect(digests.count == SceneParts.changes.count + 1)
  }

  @Test func `a turned and stretched triangle keeps unit normals at right angles to it`() throws {
    // Turned by 90 degrees about Y, then stretched by 3 along the new x.
    let placement = Frames.Placement(
      xAxis: [0, 0, -1], yAxis: [0, 2, 0], zAxis: [3, 0, 0], origin: [1, 2, 3])
    let scene = try DeviceScene(Frames.frame(placements: [(0, placement)]))
    let triangle = scene.triangles[0]
    #expect(triangle.position.0 == (1, 2, 3) && triangle.position.1 == (1, 2, 2))
    #expect(triangle.normal.0 == (1, 0, 0))
  }

  @Test func `a slanted normal under uneven scale follows the inverse transpose`() throws {
    // The plane x + y = 0 scaled by 2 along x becomes x / 2 + y = 0.
    let half = Float(0.5).squareRoot()
    var primitive = Frames.triangle()
    primitive.positions = [[0, 0, 0], [1, -1, 0], [0, 0, 1]]
    primitive.normals = [SIMD3<Float>](repeating: [-half, -half, 0], count: 3)
    let placement = Frames.Placement(xAxis: [2, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: .zero)
    let normal = try DeviceScene(Frames.frame([primitive], placements: [(0, placement)])).triangles[0].normal
      .0
    let fifth = Float(0.2).squareRoot()
    #expect(abs(normal.0 + fifth) < 1e-6 && abs(normal.1 + 2 * fifth) < 1e-6 && normal.2 == 0)
  }

  @Test func `a mirrored triangle swaps two corners and keeps its front`() throws {
    let mirror = Frames.Placement(xAxis: [-1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: .zero)
    let triangle = try DeviceScene(Frames.frame(placements: [(0, mirror)])).triangles[0]
    #expect(triangle.position.1 == (0, 1, 0) && triangle.position.2 == (-1, 0, 0))
    #expect(triangle.uv.1 == (0, 1) && triangle.uv.2 == (1, 0))
    #expect(triangle.normal.0 == (0, 0, 1))
    #expect(geometricNormal(triangle).z > 0)
  }

  @Test func `a mirror along the normal turns the front with it`() throws {
    let mirror = Frames.Placement(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, -1], origin: .zero)
    let triangle = try DeviceScene(Frames.frame(placements: [(0, mirror)])).triangles[0]
    #expect(triangle.normal.0 == (0, 0, -1))
    #expect(geometricNormal(triangle).z < 0)
  }

  @Test func `a vanished placement still gives unit normals`() throws {
    let nothing = Frames.Placement(xAxis: .zero, yAxis: .zero, zAxis: .zero, origin: [1, 1, 1])
    let triangle = try DeviceScene(Frames.frame(placements: [(0, nothing)])).triangles[0]
    #expect(triangle.normal.0 == (0, 1, 0))
  }

  @Test func `bounds cover all instances and camera and material arrive`() throws {
    let far = Frames.Placement(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: [5, -2, 1])
    let material = Scene.Material(
      baseColor: [0.1, 0.2, 0.3, 0.4], metallic: 0.5, roughness: 0.5, emission: [1, 2, 3], doubleSided: true)
    let scene = try DeviceScene(
      Frames.frame(
        materials: [material, Scene.Material(roughness: 0)], placements: [(0, Frames.inPlace), (0, far)]))
    #expect(scene.header.scene_low == (0, -2, 0) && scene.header.scene_high == (6, 1, 1))
    #expect(scene.header.world_from_camera.3 == (0, 0, 5))
    #expect(abs(scene.header.tan_half_y_fov - 0.42279322) < 1e-6)
    #expect(scene.materials[0].base_color == (0.1, 0.2, 0.3, 0.4) && scene.materials[0].emission == (1, 2, 3))
    #expect(scene.materials[0].metallic == 0.5 && scene.materials[0].roughness == 0.5)
    #expect(scene.materials[0].double_sided == 1 && scene.materials[0].texture.0 == -1)
    #expect(scene.materials[1].roughness == 0 && scene.materials[1].double_sided == 0)
  }

  @Test func `a frame without triangles is a scene`() throws {
    let scene = try DeviceScene(Frames.frame([], placements: []))
    #expect(
      scene.header.node_count == 0 && scene.header.triangle_count == 0 && scene.header.emitter_count == 0)
    #expect(scene.header.environment_weight == 0 && scene.header.light_root_count == 0)
  }

  @Test func `a scene asks the kernels for what it has, and for no more`() throws {
    var matte = Scene.Material(metallic: 0, doubleSided: true)
    matte.specular.factor = 0
    func features(_ change: (inout FrameScene) -> Void = { _ in }) throws -> Int32 {
      var frame = Frames.frame(materials: [matte])
      change(&frame)
      let needed = try DeviceScene(frame).header.features
      #expect(ScenePreparation().features(of: frame) == needed)
      return needed
    }
    #expect(try features() == 0)
    #expect(try features { $0.scene.materials[0].doubleSided.toggle() } == FLAG_SINGLE_SIDED)
    #expect(try features { $0.scene.materials[0].metallic = 1 } == FLAG_SPECULAR)
    #expect(
      try features {
        $0.scene.images = [Scene.Image(source: "a.png", bytes: Frames.png)]
        $0.scene.textures = [Scene.Texture(image: 0)]
        $0.scene.materials[0].normalTexture = Scene.TextureUse(0)
      } == 1 << (FLAG_TEXTURES_SHIFT + TEXTURE_NORMAL))
    let sky = Frames.environment(width: 4, height: 2, [Float](repeating: 1, count: 24))
    #expect(try features { $0.scene.environment = sky } == FLAG_ENVIRONMENT)
    let lamp = FrameScene.Light(
      light: Scene.Light(kind: .point, intensity: SIMD3(repeating: 1)), origin: [0, 0, 1],
      direction: [0, 0, -1])
    #expect(try features { $0.lights = [lamp] } == FLAG_PUNCTUAL)
    let many = try LightScenes.swarm(1000, sky: false).header
    #expect(many.light_node_count > many.light_root_count && many.features & FLAG_LIGHT_TREE != 0)
    let copies = InstanceScenes.frame(seed: 4, copies: 6)
    let instanced = try InstanceScenes.scene(copies, instanced: true).header.features
    #expect(try InstanceScenes.scene(copies, instanced: false).header.features ^ instanced == FLAG_INSTANCES)
  }

  @Test func `what a frame will need of the kernels is known before it is prepared`() throws {
    for canonical in CanonicalScene.all {
      let foreseen = try canonical.preparation.features(of: canonical.frameScene())
      let needed = try canonical.deviceScene().header.features
      // Triangles that will be one parallelogram are two until then.
      #expect(foreseen & ~FLAG_LIGHT_TREE == needed & ~FLAG_LIGHT_TREE, "\(canonical.name)")
      #expect(needed & ~foreseen == 0, "\(canonical.name)")
    }
    let copies = InstanceScenes.frame(seed: 4, copies: 6, emission: [1, 1, 1])
    for copiesMax in [0, 1 << 17] {
      var preparation = ScenePreparation(copiesMax: copiesMax)
      let foreseen = preparation.features(of: copies)
      #expect(try preparation.prepare(copies).header.features == foreseen, "\(copiesMax)")
    }
  }

  @Test func `what turns out to be black was foreseen as a light`() throws {
    var frame = Frames.frame()
    frame.scene.environment = Frames.environment(width: 4, height: 2, [Float](repeating: 0, count: 24))
    frame.lights = [
      FrameScene.Light(
        light: Scene.Light(kind: .point, intensity: .zero), origin: [0, 0, 1], direction: [0, 0, -1])
    ]
    let needed = try DeviceScene(frame).header.features
    #expect(needed & (FLAG_ENVIRONMENT | FLAG_PUNCTUAL) == 0)
    #expect(ScenePreparation().features(of: frame) == needed | FLAG_ENVIRONMENT | FLAG_PUNCTUAL)
  }

  @Test func `textures of one image share its texels`() throws {
    let textures = [
      Scene.Texture(image: 0, wrapS: .mirrored, wrapT: .clamped), Scene.Texture(image: 1),
      Scene.Texture(image: 0, nearest: true),
    ]
    let images = [
      Scene.Image(source: "a.png", bytes: Frames.png), Scene.Image(source: "b.png", bytes: Frames.png),
    ]
    let materials = textures.indices.map { Scene.Material(baseColorTexture: Scene.TextureUse($0)) }
    let scene = try DeviceScene(Frames.frame(materials: materials, textures: textures, images: images))
    #expect(
      Array(scene.texels) == [
        0xff00_00ff, 0x4000_8000, 0x0403_0201, 0xfdfc_fbfa, 0xff00_00ff, 0x4000_8000,
        0x0403_0201, 0xfdfc_fbfa,
      ])
    #expect(scene.textures.map(\.first_texel) == [0, 4, 0])
    #expect(scene.textures.map(\.width) == [2, 2, 2] && scene.textures.map(\.height) == [2, 2, 2])
    #expect(scene.textures.map(\.wrap_s) == [2, 0, 0] && scene.textures.map(\.wrap_t) == [1, 0, 0])
    #expect(scene.textures.map(\.nearest) == [0, 0, 1])
  }

  @Test func `a broken image is named`() {
    let image = Scene.Image(source: "wood.png", bytes: [1, 2, 3])
    let material = Scene.Material(baseColorTexture: Scene.TextureUse(0))
    let frame = Frames.frame(materials: [material], textures: [Scene.Texture(image: 0)], images: [image])
    #expect {
      _ = try DeviceScene(frame)
    } throws: { error in
      guard case .image("wood.png", _)? = error as? DeviceSceneError else { return false }
      return "\(error)".hasPrefix("image wood.png: ")
    }
  }

  @Test func `a broken environment is named`() {
    let frame = Frames.frame(environment: Scene.Environment(source: "sky.hdr", bytes: [0]))
    #expect {
      _ = try DeviceScene(frame)
    } throws: { error in
      guard case .environment("sky.hdr", _)? = error as? DeviceSceneError else { return false }
      return true
    }
  }

  @Test func `an instance beyond single precision is refused with its place`() {
    let far = Frames.Placement(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: [0, 2e12, 0])
    #expect(throws: DeviceSceneError.tooFarOut(instance: 1, primitive: 0, coordinate: 2e12, limit: 1e12)) {
      try DeviceScene(Frames.frame(placements: [(0, Frames.inPlace), (0, far)]))
    }
  }

  @Test func `more triangles than the layout addresses are refused before they are placed`() {
    var dense = Frames.triangle()
    dense.indices = [UInt32](repeating: 0, count: 3 << 20)
    // What emits is never instanced.
    let frame = Frames.frame(
      [dense], materials: [Scene.Material(emission: [1, 1, 1])],
      placements: [(primitive: Int, Frames.Placement)](repeating: (0, Frames.inPlace), count: 65))
    #expect(throws: DeviceSceneError.tooManyTriangles(count: 65 << 20, limit: 1 << 26)) {
      try DeviceScene(frame)
    }
  }

  @Test func `the sRGB table rounds the exact curve`() {
    #expect(DeviceScene.srgbToLinear.count == 256)
    #expect(DeviceScene.srgbToLinear[0] == 0 && DeviceScene.srgbToLinear[255] == 1)
    for (code, value) in DeviceScene.srgbToLinear.enumerated().dropFirst(11) {
      // Both neighbours' midpoints enclose the exact value: y^5 = base^12 is monotonic.
      let base = (Double(code) / 255 + 0.055) / 1.055
      let twelfth =
        (base * base * base) * (base * base * base) * ((base * base * base) * (base * base * base))
      let low = 0.5 * (Double(value) + Double(value.nextDown))
      let high = 0.5 * (Double(value) + Double(value.nextUp))
      #expect(low * low * low * low * low < twelfth && twelfth < high * high * high * high * high, "\(code)")
    }
    for code in 0...10 { #expect(DeviceScene.srgbToLinear[code] == Float(Double(code) / 255 / 12.92)) }
  }

  private func geometricNormal(_ t: SceneTriangle) -> SIMD3<Float> {
    let a = SIMD3(t.position.0.0, t.position.0.1, t.position.0.2)
    let b = SIMD3(t.position.1.0, t.position.1.1, t.position.1.2)
    let c = SIMD3(t.position.2.0, t.position.2.1, t.position.2.2)
    return Vector.cross(b - a, c - a)
  }
}
