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
  private(set) var flags: Int32 = 0
  /// By material, whether its triangles may have holes; empty when none has.
  var cutouts: [Bool] { flags & FLAG_CUTOUT == 0 ? [] : materials.map { $0.flags & FLAG_CUTOUT != 0 } }

  init(_ scene: Scene) throws(DeviceSceneError) {
    textures = TextureTable(scene)
    if scene.materials.contains(where: { $0.anisotropy.strength > 0 }) { tables += AlbedoTable.stretched }
    let bodies = scene.materials.filter(\.isBody).map(\.ior)
    let glass = AlbedoTable.glass(for: bodies, from: tables.count)
    tables += glass.numbers
    for material in scene.materials {
      var entry = DeviceMaterial(material)
      let uses = material.textureSlots
      for slot in uses.indices {
        let index = try textures.index(uses[slot].use, uses[slot].decoding)
        withUnsafeMutableBytes(of: &entry.texture) { $0.bindMemory(to: Int32.self)[slot] = index }
        guard index >= 0 else { continue }
        entry.flags |= 1 << (FLAG_TEXTURES_SHIFT + Int32(slot))
      }
      if material.isBody { entry.albedo_table = glass.place[material.ior] ?? 0 }
      materials.append(entry)
      flags |= entry.flags
    }
  }
}

extension Scene.Material {
  /// In the order of TEXTURE_... of DeviceTypes.h.
  fileprivate var textureSlots: [(use: Scene.TextureUse?, decoding: TextureTable.Decoding)] {
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
    for (flag, isSet) in DeviceMaterial.features(of: material) where isSet { flags |= flag }
  }

  private static func features(of material: Scene.Material) -> [(flag: Int32, isSet: Bool)] {
    let solid = material.isBody
    return [
      (FLAG_DOUBLE_SIDED, material.doubleSided),
      (FLAG_SPECULAR, material.specular.factor > 0 || material.metallic > 0),
      (FLAG_TRANSMISSION, material.transmission.factor > 0),
      (FLAG_SOLID, solid),
      (FLAG_ANISOTROPIC, material.anisotropy.strength > 0),
      (FLAG_CLEARCOAT, material.clearcoat.factor > 0),
      (FLAG_UNLIT, material.unlit),
      (FLAG_EMISSIVE, !material.unlit && material.emission != .zero),
      (FLAG_CUTOUT, material.isCutout),
      (FLAG_SINGLE_SIDED, !material.doubleSided && !solid),
    ]
  }
}

extension Scene.Material {
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
