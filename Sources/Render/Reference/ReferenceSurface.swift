import Kernels

/// Where a ray met a triangle, as surface.cl defines it: double precision, and no offset of the point.
struct ReferenceSurface {
  let point: SIMD3<Double>
  /// Geometric, on the viewer's side.
  let normal: SIMD3<Double>
  /// Interpolated, on the same side and visible: the frame's +Z.
  private let shading: SIMD3<Double>
  private let tangent: SIMD3<Double>
  private let bitangent: SIMD3<Double>
  /// Radiance towards the viewer.
  let emission: SIMD3<Double>
  /// Index of the emitter; negative for none.
  let emitter: Int
  let bsdf: ReferenceBSDF

  init(_ scene: DeviceScene, _ ray: ReferenceRay, _ hit: ReferenceHit) {
    let triangle = scene.triangles[hit.triangle]
    let material = scene.materials[Int(triangle.material)]
    let viewer = -ray.direction
    let faced = triangle.areaVector.normalised ?? viewer
    let isFront = faced.dot(viewer) > 0
    normal = isFront ? faced : -faced
    point = ray.origin + ray.direction * hit.distance
    emitter = Int(triangle.emitter)
    let emits = emitter >= 0 && (isFront || material.double_sided != 0)
    emission = emits ? SIMD3<Double>(material.emission) : .zero

    let weightA = 1 - hit.weightB - hit.weightC
    let (na, nb, nc) = triangle.normal
    let blended =
      SIMD3<Double>(na) * weightA + SIMD3<Double>(nb) * hit.weightB + SIMD3<Double>(nc) * hit.weightC
    shading = ReferenceSurface.visible(blended.normalised ?? normal, side: normal, viewer)
    let away: SIMD3<Double> = abs(shading.x) < 0.5 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)
    tangent = shading.cross(away).normalised ?? away
    bitangent = shading.cross(tangent)

    let (s, t, u) = triangle.uv
    let place = (
      u: Double(s.0) * weightA + Double(t.0) * hit.weightB + Double(u.0) * hit.weightC,
      v: Double(s.1) * weightA + Double(t.1) * hit.weightB + Double(u.1) * hit.weightC
    )
    var out = SIMD3(viewer.dot(tangent), viewer.dot(bitangent), viewer.dot(shading))
    out.z = max(out.z, 1e-4)
    bsdf = ReferenceBSDF(
      base: ReferenceLookup(scene).baseColor(material, u: place.u, v: place.v),
      metallic: Double(material.metallic), alpha: Double(material.alpha), out: out)
  }

  /// On the geometric normal's side, bent towards the viewer where he would see its back.
  private static func visible(
    _ normal: SIMD3<Double>, side: SIMD3<Double>, _ viewer: SIMD3<Double>
  ) -> SIMD3<Double> {
    let sided = normal.dot(side) < 0 ? -normal : normal
    let cosine = sided.dot(viewer)
    return cosine < 0.01 ? (sided + viewer * (0.01 - cosine)).normalised ?? side : sided
  }

  /// Into the shading frame.
  func local(_ d: SIMD3<Double>) -> SIMD3<Double> { SIMD3(d.dot(tangent), d.dot(bitangent), d.dot(shading)) }
  /// Out of the shading frame.
  func world(_ d: SIMD3<Double>) -> SIMD3<Double> { (tangent * d.x + bitangent * d.y) + shading * d.z }
}
