/// A material's entry in the file (section 3.9, and extensions): numbers clamped to their ranges, textures
/// entered into the table.
extension GLTFReader {
  /// Reads one; its sets of texture coordinates are the table's newest entry.
  mutating func material(_ entry: JSONCursor) throws(SceneError) -> Scene.Material {
    var material = Scene.Material(name: try entry.text("name"))
    if let pbr = try entry.member("pbrMetallicRoughness") { try readBase(pbr, &material) }
    material.doubleSided = try entry.member("doubleSided")?.bool() ?? false
    if let normal = try entry.member("normalTexture") {
      material.normalTexture = try use(normal)
      material.normalScale = try normal.float("scale", absent: 1)
    }
    // Ambient occlusion is what a path tracer computes: the texture is checked and not looked at.
    if let occlusion = try entry.member("occlusionTexture") {
      _ = try document.entry(try occlusion.required("index"), of: .textures)
    }
    material.alphaMode = try Self.alphaMode(entry)
    let extensions = try entry.member("extensions")
    try readEmission(entry, extensions, &material)
    if let extensions { try readExtensions(extensions, &material) }
    return material
  }

  private mutating func readBase(
    _ pbr: JSONCursor, _ material: inout Scene.Material
  ) throws(SceneError) {
    if let color = try pbr.member("baseColorFactor")?.floats(count: 4) {
      material.baseColor = SIMD4(color[0], color[1], color[2], color[3])
        .clamped(lowerBound: .zero, upperBound: .one)
    }
    material.baseColorTexture = try use(pbr, "baseColorTexture")
    material.metallic = clamped(try pbr.float("metallicFactor", absent: 1))
    material.roughness = clamped(try pbr.float("roughnessFactor", absent: 1))
    material.metallicRoughnessTexture = try use(pbr, "metallicRoughnessTexture")
  }

  private static func alphaMode(_ entry: JSONCursor) throws(SceneError) -> Scene.Material.AlphaMode {
    guard let mode = try entry.member("alphaMode") else { return .opaque }
    switch try mode.string() {
    case "OPAQUE": return .opaque
    case "MASK": return .mask(cutoff: max(try entry.float("alphaCutoff", absent: 0.5), 0))
    case "BLEND": return .blend
    case let other:
      throw SceneError(.wrongType(found: "\"\(other)\"", expected: "OPAQUE, MASK or BLEND"), at: mode.place)
    }
  }

  private mutating func readEmission(
    _ entry: JSONCursor, _ extensions: JSONCursor?, _ material: inout Scene.Material
  ) throws(SceneError) {
    if let emission = try entry.member("emissiveFactor")?.floats(count: 3) {
      material.emission = SIMD3(clamped(emission[0]), clamped(emission[1]), clamped(emission[2]))
    }
    if let strength = try extensions?.member("KHR_materials_emissive_strength")?.member("emissiveStrength") {
      material.emission *= try number(strength, 0...SceneLimits.radianceMax)
    }
    material.emissionTexture = try use(entry, "emissiveTexture")
  }

  private mutating func readExtensions(
    _ extensions: JSONCursor, _ material: inout Scene.Material
  ) throws(SceneError) {
    material.unlit = try extensions.member("KHR_materials_unlit") != nil
    if let ior = try extensions.member("KHR_materials_ior")?.member("ior") {
      let value = try ior.float()
      // 0 stands for an infinite index (the extension's text): reflection as strong as `specular` says.
      material.ior = value == 0 ? SceneLimits.iorMax : try number(ior, 1...SceneLimits.iorMax)
    }
    if let specular = try extensions.member("KHR_materials_specular") {
      material.specular.factor = clamped(try specular.float("specularFactor", absent: 1))
      material.specular.texture = try use(specular, "specularTexture")
      if let color = try specular.member("specularColorFactor")?.floats(count: 3) {
        material.specular.color = SIMD3(color[0], color[1], color[2])
          .clamped(lowerBound: .zero, upperBound: SIMD3(repeating: SceneLimits.radianceMax))
      }
      material.specular.colorTexture = try use(specular, "specularColorTexture")
    }
    if let transmission = try extensions.member("KHR_materials_transmission") {
      material.transmission.factor = clamped(try transmission.float("transmissionFactor", absent: 0))
      material.transmission.texture = try use(transmission, "transmissionTexture")
    }
    if let volume = try extensions.member("KHR_materials_volume") {
      material.transmission.volume = try Self.volume(volume)
    }
    if let anisotropy = try extensions.member("KHR_materials_anisotropy") {
      material.anisotropy.strength = clamped(try anisotropy.float("anisotropyStrength", absent: 0))
      material.anisotropy.rotationRad = try anisotropy.float("anisotropyRotation", absent: 0)
      material.anisotropy.texture = try use(anisotropy, "anisotropyTexture")
    }
    if let coat = try extensions.member("KHR_materials_clearcoat") {
      material.clearcoat.factor = clamped(try coat.float("clearcoatFactor", absent: 0))
      material.clearcoat.texture = try use(coat, "clearcoatTexture")
      material.clearcoat.roughness = clamped(try coat.float("clearcoatRoughnessFactor", absent: 0))
      material.clearcoat.roughnessTexture = try use(coat, "clearcoatRoughnessTexture")
    }
  }

  /// nil for a thickness of 0, which means a thin sheet. Other thicknesses are for rasterisers: here the
  /// mesh itself says how thick it is.
  private static func volume(_ entry: JSONCursor) throws(SceneError) -> Scene.Material.Volume? {
    guard try entry.float("thicknessFactor", absent: 0) > 0 else { return nil }
    var volume = Scene.Material.Volume()
    if let color = try entry.member("attenuationColor")?.floats(count: 3) {
      volume.attenuationColor = SIMD3(clamped(color[0]), clamped(color[1]), clamped(color[2]))
    }
    if let distance = try entry.member("attenuationDistance") {
      volume.attenuationDistanceM = try number(
        distance, SceneLimits.attenuationDistanceMinM...Float.greatestFiniteMagnitude)
    }
    return volume
  }

  private mutating func use(
    _ entry: JSONCursor, _ name: String
  ) throws(SceneError) -> Scene.TextureUse? {
    guard let info = try entry.member(name) else { return nil }
    return try use(info)
  }

  /// A textureInfo, with KHR_texture_transform: scale, then turn, then move.
  private mutating func use(_ info: JSONCursor) throws(SceneError) -> Scene.TextureUse {
    var use = Scene.TextureUse(try texture(try info.required("index")))
    var set = try info.member("texCoord")
    if let transform = try info.member("extensions")?.member("KHR_texture_transform") {
      if let other = try transform.member("texCoord") { set = other }
      let scale = try transform.member("scale")?.floats(count: 2) ?? [1, 1]
      let offset = try transform.member("offset")?.floats(count: 2) ?? [0, 0]
      let (s, c) = ExactMath.sincos(try transform.float("rotation", absent: 0))
      use.uAxis = SIMD2(c, -s) * scale[0]
      use.vAxis = SIMD2(s, c) * scale[1]
      use.offset = SIMD2(offset[0], offset[1])
    }
    let number = try set?.int(in: 0...31) ?? 0
    guard let place = materials.place(ofSet: number) else {
      throw SceneError(.tooMany(.uvSets, count: 3, max: 2), at: (set ?? info).place)
    }
    use.uvSet = place
    return use
  }
}

/// Into 0 ... 1.
private func clamped(_ x: Float) -> Float { x < 0 ? 0 : x > 1 ? 1 : x }

/// The number at `cursor`, refused outside `range`.
private func number(_ cursor: JSONCursor, _ range: ClosedRange<Float>) throws(SceneError) -> Float {
  let value = try cursor.float()
  guard range.contains(value) else {
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    throw SceneError(.outOfRange(value: Double(value), low: low, high: high), at: cursor.place)
  }
  return value
}
