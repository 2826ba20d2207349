/// Materials, textures and images in the order in which primitives first use them; what none uses is not
/// read.
struct MaterialTable {
  /// How a material's texture coordinates come from a primitive's (KHR_texture_transform).
  struct Mapping {
    /// n of TEXCOORD_n.
    var set = 0
    var uAxis = SIMD2<Float>(1, 0)
    var vAxis = SIMD2<Float>(0, 1)
    var offset = SIMD2<Float>.zero

    /// Texture coordinates in the image.
    func apply(_ uv: SIMD2<Float>) -> SIMD2<Float> { (uAxis * uv.x + vAxis * uv.y) + offset }
  }

  private(set) var materials: [Scene.Material] = []
  private(set) var textures: [Scene.Texture] = []
  private(set) var images: [Scene.Image] = []
  private var mappings: [Mapping] = []
  /// From the file's index (-1 for the default material) to ours.
  private var materialIndex: [Int: Int] = [:]
  private var textureIndex: [Int: Int] = [:]
  private var imageIndex: [Int: Int] = [:]

  /// How texture coordinates come to material `index`.
  func mapping(_ index: Int) -> Mapping { mappings[index] }

  /// Index in `materials` of the material that the file's index at `cursor` names; of the default material
  /// when there is none (section 3.7.2.1).
  mutating func index(_ cursor: JSONCursor?, _ reader: inout GLTFReader) throws(SceneError) -> Int {
    let key = if let cursor { try reader.document.index(cursor, into: .materials) } else { -1 }
    if let known = materialIndex[key] { return known }
    var material = Scene.Material(name: "default")
    var mapping = Mapping()
    if key >= 0 {
      let entry = reader.document.list(.materials)[key]
      material = try Self.factors(entry)
      if let use = try entry.member("pbrMetallicRoughness")?.member("baseColorTexture") {
        material.baseColorTexture = try texture(try use.required("index"), &reader)
        mapping = try Self.mapping(use)
      }
    }
    materials.append(material)
    mappings.append(mapping)
    materialIndex[key] = materials.count - 1
    return materials.count - 1
  }

  /// A material's numbers, clamped to the ranges of section 3.9.
  private static func factors(_ entry: JSONCursor) throws(SceneError) -> Scene.Material {
    var material = Scene.Material(name: try entry.text("name"))
    if let pbr = try entry.member("pbrMetallicRoughness") {
      if let color = try pbr.member("baseColorFactor")?.floats(count: 4) {
        material.baseColor = SIMD4(color[0], color[1], color[2], color[3])
          .clamped(lowerBound: .zero, upperBound: .one)
      }
      material.metallic = clamp(try pbr.float("metallicFactor", absent: 1))
      material.roughness = clamp(try pbr.float("roughnessFactor", absent: 1))
    }
    if let emission = try entry.member("emissiveFactor")?.floats(count: 3) {
      material.emission = SIMD3(clamp(emission[0]), clamp(emission[1]), clamp(emission[2]))
    }
    if let strength = try entry.member("extensions")?.member("KHR_materials_emissive_strength")?
      .member("emissiveStrength")
    {
      let factor = try strength.float()
      guard factor >= 0, factor <= SceneLimits.radianceMax else {
        let high = Double(SceneLimits.radianceMax)
        throw SceneError(.outOfRange(value: Double(factor), low: 0, high: high), at: strength.place)
      }
      material.emission *= factor
    }
    material.doubleSided = try entry.member("doubleSided")?.bool() ?? false
    return material
  }

  private static func clamp(_ x: Float) -> Float { x < 0 ? 0 : x > 1 ? 1 : x }

  /// KHR_texture_transform: scale, then turn, then move.
  private static func mapping(_ use: JSONCursor) throws(SceneError) -> Mapping {
    var mapping = Mapping()
    mapping.set = try use.member("texCoord")?.int(in: 0...31) ?? 0
    guard let transform = try use.member("extensions")?.member("KHR_texture_transform") else {
      return mapping
    }
    mapping.set = try transform.member("texCoord")?.int(in: 0...31) ?? mapping.set
    let scale = try transform.member("scale")?.floats(count: 2) ?? [1, 1]
    let offset = try transform.member("offset")?.floats(count: 2) ?? [0, 0]
    let (s, c) = ExactMath.sincos(try transform.float("rotation", absent: 0))
    mapping.uAxis = SIMD2(c, -s) * scale[0]
    mapping.vAxis = SIMD2(s, c) * scale[1]
    mapping.offset = SIMD2(offset[0], offset[1])
    return mapping
  }

  private mutating func texture(_ cursor: JSONCursor, _ reader: inout GLTFReader) throws(SceneError) -> Int {
    let key = try reader.document.index(cursor, into: .textures)
    if let known = textureIndex[key] { return known }
    let entry = reader.document.list(.textures)[key]
    let imageKey = try reader.document.index(try entry.required("source"), into: .images)
    if imageIndex[imageKey] == nil {
      images.append(try reader.image(imageKey))
      imageIndex[imageKey] = images.count - 1
    }
    var texture = Scene.Texture(image: imageIndex[imageKey] ?? 0)
    if let sampler = try entry.member("sampler") {
      let sampler = try reader.document.entry(sampler, of: .samplers)
      texture.wrapS = try Self.wrap(sampler, "wrapS")
      texture.wrapT = try Self.wrap(sampler, "wrapT")
      texture.nearest = try sampler.int("magFilter", absent: 9729) == 9728
    }
    textures.append(texture)
    textureIndex[key] = textures.count - 1
    return textures.count - 1
  }

  /// OpenGL's names for wrapping, as glTF writes them (section 5.26).
  private static func wrap(_ sampler: JSONCursor, _ name: String) throws(SceneError) -> Scene.Texture.Wrap {
    switch try sampler.int(name, absent: 10497) {
    case 33071: .clamped
    case 33648: .mirrored
    default: .repeated
    }
  }
}
