import Kernels

/// A material at a place, as material.cl defines it: numbers times textures times vertex colours.
struct ReferenceShading {
  let base: SIMD3<Double>
  let alpha: Double
  let metallic: Double
  let roughness: Double
  let emission: SIMD3<Double>
  private let scene: DeviceScene
  private let material: DeviceMaterial
  private let place: ReferencePlace

  init(_ scene: DeviceScene, _ material: DeviceMaterial, _ place: ReferencePlace) {
    self.scene = scene
    self.material = material
    self.place = place
    let lookup = ReferenceLookup(scene)
    let white = SIMD4<Double>(repeating: 1)
    let (r, g, b, a) = material.base_color
    var color = SIMD4(Double(r), Double(g), Double(b), Double(a))
    color *= lookup.texel(material, TEXTURE_BASE_COLOR, place) ?? white
    if let (a, b, c) = place.triangle.details {
      color *= place.blend(SIMD4<Double>.triple((a.color, b.color, c.color)))
    }
    base = SIMD3(color.x, color.y, color.z)
    alpha = color.w
    let surface = lookup.texel(material, TEXTURE_METALLIC_ROUGHNESS, place) ?? white
    metallic = Double(material.metallic) * surface.z
    roughness = Double(material.roughness) * surface.y
    let glow = lookup.texel(material, TEXTURE_EMISSION, place) ?? white
    emission = SIMD3<Double>(material.emission) * SIMD3(glow.x, glow.y, glow.z)
  }

  /// What the material model takes.
  func material(isFront: Bool) -> ReferenceMaterial {
    let lookup = ReferenceLookup(scene)
    func texel(_ slot: Int32) -> SIMD4<Double> {
      lookup.texel(material, slot, place) ?? SIMD4(repeating: 1)
    }
    var out = ReferenceMaterial()
    (out.base, out.metallic, out.isFront) = (base, metallic, isFront)
    let strength = Double(material.anisotropy) * texel(TEXTURE_ANISOTROPY).z
    let alpha = max(roughness * roughness, 1e-3)
    out.alpha = (alpha + (1 - alpha) * strength * strength, alpha)
    out.ior = Double(material.ior)
    let tint = texel(TEXTURE_SPECULAR_COLOR)
    out.specular.factor = Double(material.specular) * texel(TEXTURE_SPECULAR).w
    out.specular.color = SIMD3<Double>(material.specular_color) * SIMD3(tint.x, tint.y, tint.z)
    out.transmission.part = Double(material.transmission) * texel(TEXTURE_TRANSMISSION).x
    out.transmission.isSolid = material.flags & FLAG_SOLID != 0
    out.glassAlbedos = (scene.tables, Int(material.albedo_table))
    out.coat.cover = Double(material.clearcoat) * texel(TEXTURE_CLEARCOAT).x
    let coat = Double(material.clearcoat_roughness) * texel(TEXTURE_CLEARCOAT_ROUGHNESS).y
    out.coat.alpha = max(coat * coat, 1e-3)
    return out
  }

  /// Unit direction of the facets' tangent at right angles to `normal` of the front; nil for round facets.
  func direction(around normal: SIMD3<Double>) -> SIMD3<Double>? {
    guard material.flags & FLAG_ANISOTROPIC != 0, let (tangent, bitangent) = tangents(normal) else {
      return nil
    }
    let (c, s) = (Double(material.anisotropy_axis.0), Double(material.anisotropy_axis.1))
    var (x, y) = (1.0, 0.0)
    if let texel = ReferenceLookup(scene).texel(material, TEXTURE_ANISOTROPY, place) {
      (x, y) = (texel.x * 2 - 1, texel.y * 2 - 1)
    }
    return (tangent * (x * c - y * s) + bitangent * (x * s + y * c)).normalised
  }

  private func tangents(_ normal: SIMD3<Double>) -> (SIMD3<Double>, SIMD3<Double>)? {
    guard let (a, b, c) = place.triangle.details else { return nil }
    let given = SIMD4<Double>.triple((a.tangent, b.tangent, c.tangent))
    let mean = place.blend(given)
    let along = SIMD3(mean.x, mean.y, mean.z)
    guard let tangent = (along - normal * normal.dot(along)).normalised else { return nil }
    return (tangent, normal.cross(tangent) * given.0.w)
  }

  /// The normal texture's normal around `normal` of the front.
  func bent(_ normal: SIMD3<Double>) -> SIMD3<Double> {
    guard let texel = ReferenceLookup(scene).texel(material, TEXTURE_NORMAL, place),
      let (tangent, bitangent) = tangents(normal)
    else { return normal }
    let scale = Double(material.normal_scale)
    let (x, y, z) = ((texel.x * 2 - 1) * scale, (texel.y * 2 - 1) * scale, texel.z * 2 - 1)
    return ((tangent * x + bitangent * y) + normal * z).normalised ?? normal
  }
}

extension SIMD4<Double> {
  fileprivate typealias Row = (Float, Float, Float, Float)

  /// Widens three C arrays of four.
  fileprivate static func triple(_ rows: (Row, Row, Row)) -> (SIMD4, SIMD4, SIMD4) {
    func wide(_ r: Row) -> SIMD4 { SIMD4(Double(r.0), Double(r.1), Double(r.2), Double(r.3)) }
    return (wide(rows.0), wide(rows.1), wide(rows.2))
  }
}
