import Kernels
import SceneModel

/// A scene's materials as a device reads them, and the textures that they use.
struct MaterialArray: Sendable {
  private(set) var materials: [DeviceMaterial] = []
  private(set) var textures: TextureTable
  /// What TileRenderer gives the kernels: decoding of texels, albedos of facets, those of stretched ones
  /// where there are any, those of bodies.
  private(set) var tables = DeviceScene.decoding + AlbedoTable.facets
  /// FLAG_... of all materials.
  var flags: Int32 { materials.reduce(0) { $0 | $1.flags } }
  /// By material, whether its triangles may have holes; empty when none has.
  var cutouts: [Bool] { flags & FLAG_CUTOUT == 0 ? [] : materials.map { $0.flags & FLAG_CUTOUT != 0 } }

  init(_ scene: Scene) throws(DeviceSceneError) {
    textures = try TextureTable(scene)
    if scene.materials.contains(where: { $0.anisotropy.strength > 0 }) { tables += AlbedoTable.stretched }
    let bodies = scene.materials.filter(\.isBody).map(\.ior)
    let glass = AlbedoTable.glass(for: bodies, from: tables.count)
    tables += glass.numbers
    for material in scene.materials {
      var entry = DeviceMaterial(material)
      let uses = material.textureSlots
      for slot in uses.indices {
        let index = textures.index(uses[slot].use, uses[slot].decoding)
        withUnsafeMutableBytes(of: &entry.texture) { $0.bindMemory(to: Int32.self)[slot] = index }
      }
      if material.isBody { entry.albedo_table = glass.place[material.ior] ?? 0 }
      materials.append(entry)
    }
  }
}

extension Scene.Material {
  /// In the order of TEXTURE_... of DeviceTypes.h.
  var textureSlots: [(use: Scene.TextureUse?, decoding: TextureTable.Decoding)] {
    [
      (baseColorTexture, .srgb), (metallicRoughnessTexture, .linear), (normalTexture, .linear),
      (emissionTexture, .srgb), (specular.texture, .linear), (specular.colorTexture, .srgb),
      (transmission.texture, .linear), (anisotropy.texture, .linear), (clearcoat.texture, .linear),
      (clearcoat.roughnessTexture, .linear),
    ]
  }
}

extension DeviceMaterial {
  fileprivate init(_ material: Scene.Material) {
    self.init()
    let color = material.baseColor
    base_color = (color.x, color.y, color.z, color.w)
    emission = material.unlit ? (0, 0, 0) : material.emission.tuple
    metallic = material.metallic
    roughness = material.roughness
    double_sided = material.doubleSided ? 1 : 0
    normal_scale = material.normalScale
    ior = material.ior
    specular = material.specular.factor
    specular_color = material.specular.color.tuple
    transmission = material.transmission.factor
    anisotropy = material.anisotropy.strength
    let (sine, cosine) = ExactMath.sincos(material.anisotropy.rotationRad)
    anisotropy_axis = (cosine, sine)
    clearcoat = material.clearcoat.factor
    clearcoat_roughness = material.clearcoat.roughness
    if let volume = material.transmission.volume { attenuation = volume.attenuation.tuple }
    switch material.alphaMode {
    case .opaque: break
    case .mask(let cutoff): alpha_cutoff = cutoff
    case .blend: alpha_cutoff = -1
    }
    flags = material.flags
  }
}

extension Scene.Material {
  /// FLAG_... of DeviceTypes.h.
  var flags: Int32 {
    let known = [
      (FLAG_DOUBLE_SIDED, doubleSided), (FLAG_SPECULAR, specular.factor > 0 || metallic > 0),
      (FLAG_TRANSMISSION, transmission.factor > 0), (FLAG_SOLID, isBody),
      (FLAG_ANISOTROPIC, anisotropy.strength > 0), (FLAG_CLEARCOAT, clearcoat.factor > 0),
      (FLAG_UNLIT, unlit), (FLAG_EMISSIVE, !unlit && emission != .zero), (FLAG_CUTOUT, isCutout),
      (FLAG_SINGLE_SIDED, !doubleSided && !isBody),
    ]
    let slots = textureSlots.enumerated().reduce(0) { $1.element.use == nil ? $0 : $0 | 1 << $1.offset }
    return known.reduce(Int32(slots) << FLAG_TEXTURES_SHIFT) { $1.1 ? $0 | $1.0 : $0 }
  }

  /// Whether light passes into a body.
  fileprivate var isBody: Bool { transmission.factor > 0 && transmission.volume != nil }

  /// Whether a ray may pass where the triangle is.
  fileprivate var isCutout: Bool {
    switch alphaMode {
    case .opaque: false
    case .mask(let cutoff): cutoff > 0
    case .blend: true
    }
  }
}

extension Scene.Material.Volume {
  /// Of the Beer-Lambert law, per metre. Black passes nothing: 100 optical depths a distance.
  fileprivate var attenuation: SIMD3<Float> {
    var out = SIMD3<Float>.zero
    for i in 0..<3 where attenuationDistanceM.isFinite {
      let color = attenuationColor[i]
      out[i] = color > 0 ? max(-ExactMath.log(color), 0) / attenuationDistanceM : 100 / attenuationDistanceM
    }
    return out
  }
}
