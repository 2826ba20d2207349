extension Scene {
  /// What a surface is made of: glTF metallic-roughness (section 3.9 of the specification) and the extensions
  /// that docs/SCENES.md lists. A texture multiplies the number it stands beside.
  public struct Material: Sendable, Hashable {
    /// Its name; may be empty.
    public var name = ""
    /// Linear Rec.709, 0 ... 1, and alpha.
    public var baseColor = SIMD4<Float>(repeating: 1)
    /// sRGB colour and linear alpha.
    public var baseColorTexture: TextureUse?
    /// 0 ... 1.
    public var metallic: Float = 1
    /// Perceptual roughness, 0 ... 1; GGX alpha is its square.
    public var roughness: Float = 1
    /// Metallic in blue, roughness in green, linear.
    public var metallicRoughnessTexture: TextureUse?
    /// Normals in tangent space: red, green, blue as x, y, z, 0 ... 1 for -1 ... 1.
    public var normalTexture: TextureUse?
    /// Factor on x and y of the normal texture.
    public var normalScale: Float = 1
    /// Radiance emitted by the front (or both sides), linear Rec.709, W / (sr m^2) up to a common scale.
    public var emission = SIMD3<Float>.zero
    /// sRGB colour.
    public var emissionTexture: TextureUse?
    /// What the alpha of base colour, texture and vertex colour means.
    public var alphaMode = AlphaMode.opaque
    /// Whether the back is a surface too, which is seen and emits.
    public var doubleSided = false
    /// Shows its base colour as it is, whatever the light (KHR_materials_unlit).
    public var unlit = false
    /// Index of refraction, at least 1 (KHR_materials_ior).
    public var ior: Float = 1.5
    /// The dielectric's reflection (KHR_materials_specular).
    public var specular = Specular()
    /// What passes through (KHR_materials_transmission).
    public var transmission = Transmission()
    /// Stretched highlights (KHR_materials_anisotropy).
    public var anisotropy = Anisotropy()
    /// A varnish over everything else (KHR_materials_clearcoat).
    public var clearcoat = Clearcoat()

    /// glTF's default material but for what is given.
    public init(
      name: String = "", baseColor: SIMD4<Float> = SIMD4(repeating: 1), baseColorTexture: TextureUse? = nil,
      metallic: Float = 1, roughness: Float = 1, emission: SIMD3<Float> = .zero, doubleSided: Bool = false
    ) {
      self.name = name
      self.baseColor = baseColor
      self.baseColorTexture = baseColorTexture
      self.metallic = metallic
      self.roughness = roughness
      self.emission = emission
      self.doubleSided = doubleSided
    }
  }

  /// A material's use of a texture: which, and where a primitive's coordinates fall in it.
  public struct TextureUse: Sendable, Hashable {
    /// Index into `textures`.
    public var texture: Int
    /// 0 for a primitive's `uvs`, 1 for its `uvs1`.
    public var uvSet = 0
    /// Image of (1, 0) (KHR_texture_transform).
    public var uAxis = SIMD2<Float>(1, 0)
    /// Image of (0, 1).
    public var vAxis = SIMD2<Float>(0, 1)
    /// Image of (0, 0).
    public var offset = SIMD2<Float>.zero

    /// Coordinates of the first set as they are.
    public init(_ texture: Int) { self.texture = texture }

    /// Texture coordinates in the image.
    public func place(_ uv: SIMD2<Float>) -> SIMD2<Float> { (uAxis * uv.x + vAxis * uv.y) + offset }
  }
}

extension Scene.Material {
  /// What alpha means (section 3.9.4).
  public enum AlphaMode: Sendable, Hashable {
    /// Nothing.
    case opaque
    /// The surface is where alpha is at least `cutoff`.
    case mask(cutoff: Float)
    /// The surface covers that part.
    case blend
  }

  /// What a dielectric reflects.
  public struct Specular: Sendable, Hashable {
    /// Strength, 0 ... 1.
    public var factor: Float = 1
    /// Strength in alpha, linear.
    public var texture: Scene.TextureUse?
    /// At normal incidence; may exceed 1 where the index of refraction leaves room.
    public var color = SIMD3<Float>(repeating: 1)
    /// sRGB colour.
    public var colorTexture: Scene.TextureUse?
    /// As strong as the index of refraction makes it.
    public init() {}
  }

  /// What passes through instead of being scattered.
  public struct Transmission: Sendable, Hashable {
    /// Part of the light that is not reflected, 0 ... 1.
    public var factor: Float = 0
    /// The part in red, linear.
    public var texture: Scene.TextureUse?
    /// What is inside, where the surface is the skin of a solid body and not a thin sheet.
    public var volume: Volume?
    /// Nothing.
    public init() {}
  }

  /// What a body does to light on its way (KHR_materials_volume).
  public struct Volume: Sendable, Hashable {
    /// What white light becomes over `attenuationDistanceM`, linear, 0 ... 1.
    public var attenuationColor = SIMD3<Float>(repeating: 1)
    /// Metres; infinite: clear.
    public var attenuationDistanceM = Float.infinity
    /// Clear.
    public init() {}
  }

  /// How highlights are stretched.
  public struct Anisotropy: Sendable, Hashable {
    /// 0 ... 1.
    public var strength: Float = 0
    /// From the tangent towards the bitangent.
    public var rotationRad: Float = 0
    /// Direction as -1 ... 1 in red and green, strength in blue, linear.
    public var texture: Scene.TextureUse?
    /// Round.
    public init() {}
  }

  /// A clear varnish.
  public struct Clearcoat: Sendable, Hashable {
    /// Cover, 0 ... 1.
    public var factor: Float = 0
    /// Cover in red, linear.
    public var texture: Scene.TextureUse?
    /// Perceptual roughness, 0 ... 1.
    public var roughness: Float = 0
    /// Roughness in green, linear.
    public var roughnessTexture: Scene.TextureUse?
    /// None.
    public init() {}
  }

  /// All uses of textures.
  public var textureUses: [Scene.TextureUse] {
    [
      baseColorTexture, metallicRoughnessTexture, normalTexture, emissionTexture, specular.texture,
      specular.colorTexture, transmission.texture, anisotropy.texture, clearcoat.texture,
      clearcoat.roughnessTexture,
    ].compactMap { $0 }
  }

  /// The texture whose coordinates tangents follow: that of the normals, else of the directions, else the
  /// first set as it is; nil where the material needs no tangents.
  public var tangentUse: Scene.TextureUse? {
    if let use = normalTexture ?? anisotropy.texture { return use }
    return anisotropy.strength > 0 ? Scene.TextureUse(0) : nil
  }
}
