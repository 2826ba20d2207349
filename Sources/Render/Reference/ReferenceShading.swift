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
    if place.triangle.detail >= 0 {
      color *= place.blend(SIMD4<Double>.triple(scene.details[Int(place.triangle.detail)].color))
    }
    base = SIMD3(color.x, color.y, color.z)
    alpha = color.w
    let surface = lookup.texel(material, TEXTURE_METALLIC_ROUGHNESS, place) ?? white
    metallic = Double(material.metallic) * surface.z
    roughness = Double(material.roughness) * surface.y
    let glow = lookup.texel(material, TEXTURE_EMISSION, place) ?? white
    emission = SIMD3<Double>(material.emission) * SIMD3(glow.x, glow.y, glow.z)
  }

  /// The normal texture's normal around `normal` of the front.
  func bent(_ normal: SIMD3<Double>) -> SIMD3<Double> {
    guard let texel = ReferenceLookup(scene).texel(material, TEXTURE_NORMAL, place) else { return normal }
    let given = SIMD4<Double>.triple(scene.details[Int(place.triangle.detail)].tangent)
    let mean = place.blend(given)
    let along = SIMD3(mean.x, mean.y, mean.z)
    guard let tangent = (along - normal * normal.dot(along)).normalised else { return normal }
    let bitangent = normal.cross(tangent) * given.0.w
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
