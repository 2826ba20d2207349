import Imaging
import Kernels
import Render
import SceneModel
import Testing

/// Textures as they are seen: surfaces that show their colour whatever the light, one a pixel.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct TextureLookupTests {
  private static let texels: [UInt8] = [
    255, 0, 10, 255, 0, 128, 64, 200, 30, 60, 90, 120,
    1, 2, 3, 4, 250, 251, 252, 253, 77, 177, 99, 0,
  ]
  private static let image = PNGTexture.image(width: 3, height: 2, texels)

  /// Radiance of a row of squares of unlit material, `place` giving each its coordinates.
  private func shown(
    _ uvs: [SIMD2<Float>], _ texture: Scene.Texture, use: Scene.TextureUse = Scene.TextureUse(0),
    prepare: (inout Scene.Primitive) -> Void = { _ in }
  ) throws -> [SIMD3<Double>] {
    var squares = Scene.Primitive(positions: [], normals: [], uvs: [], indices: [], material: 0)
    for (i, uv) in uvs.enumerated() {
      let quad = KernelScenes.quad([Float(i), 0, 0], [1, 0, 0], [0, 1, 0], material: 0)
      squares.indices += quad.indices.map { $0 + UInt32(4 * i) }
      squares.positions += quad.positions
      squares.normals += quad.normals
      squares.uvs += [SIMD2<Float>](repeating: uv, count: 4)
    }
    prepare(&squares)
    var material = Scene.Material(baseColorTexture: use)
    material.unlit = true
    // The image is as wide as the row and one square high: tan(yfov / 2) at distance 100.
    let count = Float(uvs.count)
    let scene = try KernelScenes.scene(
      [squares], materials: [material], textures: [texture], images: [Self.image],
      eye: [count / 2, 0.5, 100], yFovRad: 0.01)
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    try renderer.load(scene)
    let sums = try renderer.render(
      rect: TileRect(x: 0, y: 0, width: uvs.count, height: 1), samples: 0..<1,
      settings: KernelScenes.settings(width: uvs.count, height: 1, maxDepth: 1))
    return uvs.indices.map { i in
      let at = SIMD3(sums.rgba[4 * i], sums.rgba[4 * i + 1], sums.rgba[4 * i + 2])
      return SIMD3(Double(at.x), Double(at.y), Double(at.z)) / Double(1 << 30)
    }
  }

  /// The texel that wrapping puts at column x, row y; decoded.
  private static func texel(_ x: Int, _ y: Int, _ texture: Scene.Texture) -> SIMD3<Double> {
    func place(_ i: Int, _ count: Int, _ wrap: Scene.Texture.Wrap) -> Int {
      var i = i
      switch wrap {
      case .clamped: i = min(max(i, 0), count - 1)
      case .repeated: while i < 0 { i += count }
      case .mirrored:
        while i < 0 { i += 2 * count }
        i %= 2 * count
        i = i < count ? i : 2 * count - 1 - i
      }
      return i % count
    }
    let at = 4 * (place(y, 2, texture.wrapT) * 3 + place(x, 3, texture.wrapS))
    return SIMD3(
      Double(DeviceScene.srgbToLinear[Int(texels[at])]),
      Double(DeviceScene.srgbToLinear[Int(texels[at + 1])]),
      Double(DeviceScene.srgbToLinear[Int(texels[at + 2])]))
  }

  private static let places: [SIMD2<Float>] = (0..<64).map { i in
    SIMD2(Float((i * 37) % 61) / 10 - 3.03, Float((i * 23) % 59) / 11 - 2.51)
  }

  @Test(arguments: [Scene.Texture.Wrap.repeated, .clamped, .mirrored], [false, true])
  func `every wrap and filter gives the texels that it stands for`(wrap: Scene.Texture.Wrap, nearest: Bool)
    throws
  {
    for other: Scene.Texture.Wrap in [.repeated, .clamped, .mirrored] {
      let texture = Scene.Texture(image: 0, wrapS: wrap, wrapT: other, nearest: nearest)
      for (uv, seen) in zip(Self.places, try shown(Self.places, texture)) {
        let shift = nearest ? 0 : 0.5
        let (s, t) = (Double(uv.x) * 3 - shift, Double(uv.y) * 2 - shift)
        let (x, y) = (Int(s.rounded(.down)), Int(t.rounded(.down)))
        let (fx, fy) = nearest ? (0, 0) : (s - Double(x), t - Double(y))
        let top = Self.texel(x, y, texture) * (1 - fx) + Self.texel(x + 1, y, texture) * fx
        let bottom = Self.texel(x, y + 1, texture) * (1 - fx) + Self.texel(x + 1, y + 1, texture) * fx
        let expected = top * (1 - fy) + bottom * fy
        #expect(
          (seen - expected).largest < 3e-6, "\(wrap) \(other) \(nearest) at \(uv): \(seen), \(expected)")
      }
    }
  }

  @Test func `a transform and the second set move the look-up`() throws {
    let texture = Scene.Texture(image: 0)
    var use = Scene.TextureUse(0)
    use.uvSet = 1
    use.uAxis = [0.5, 0.25]
    use.vAxis = [-1.5, 2]
    use.offset = [0.125, -0.75]
    let moved = try shown(Self.places, texture, use: use) { primitive in
      primitive.uvs1 = primitive.uvs
      primitive.uvs = primitive.uvs.map { _ in [0.3, 0.9] }
    }
    let plain = try shown(Self.places.map { use.place($0) }, texture)
    for (a, b) in zip(moved, plain) { #expect((a - b).largest < 1e-5) }
  }

  @Test func `vertex colours multiply`() throws {
    let texture = Scene.Texture(image: 0, nearest: true)
    let plain = try shown(Self.places, texture)
    let tinted = try shown(Self.places, texture) { primitive in
      primitive.colors = primitive.uvs.map { _ in [0.5, 0.25, 1, 1] }
    }
    for (a, b) in zip(plain, tinted) { #expect((a * SIMD3(0.5, 0.25, 1) - b).largest < 1e-6) }
  }

  @Test func `numbers come out of linear channels, colours out of sRGB ones`() throws {
    // 51 / 255 is 0.2: the texture and the factor must give the same bits.
    var textured = Scene.Material(metallic: 1, roughness: 1, emission: [1, 1, 1])
    textured.metallicRoughnessTexture = Scene.TextureUse(0)
    textured.emissionTexture = Scene.TextureUse(1)
    let glow = SIMD3(
      DeviceScene.srgbToLinear[10], DeviceScene.srgbToLinear[20], DeviceScene.srgbToLinear[30])
    var plain = Scene.Material(metallic: 1, roughness: 0.2, emission: glow)
    plain.emissionTexture = Scene.TextureUse(2)
    let textures = (0..<3).map { Scene.Texture(image: $0) }
    let images = [
      PNGTexture.plain(9, 51, 255), PNGTexture.plain(10, 20, 30), PNGTexture.plain(255, 255, 255),
    ]
    let sky = DeviceSceneFrames.environment(width: 4, height: 2, (0..<24).map { Float($0) / 8 })
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    let sums = try [textured, plain].map { material in
      let scene = try KernelScenes.scene(
        [KernelScenes.sphere([0, 0, 0], radius: 1, material: 0)], materials: [material], textures: textures,
        images: images, environment: sky)
      try renderer.load(scene)
      return try renderer.render(
        rect: TileRect(x: 0, y: 0, width: 16, height: 16), samples: 0..<4, settings: KernelScenes.settings())
    }
    #expect(sums[0].rgba == sums[1].rgba)
  }
}

extension SIMD3<Double> {
  fileprivate var largest: Double { Swift.max(abs(x), abs(y), abs(z)) }
}
