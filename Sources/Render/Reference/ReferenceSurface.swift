import Kernels
import SceneModel

/// Where a ray met a triangle, as surface.cl defines it: double precision, and no offset of the point.
struct ReferenceSurface {
  let point: SIMD3<Double>
  /// Geometric, on the viewer's side.
  let normal: SIMD3<Double>
  /// Interpolated, on the same side and visible: the frame's +Z.
  private let frameNormal: SIMD3<Double>
  private let tangent: SIMD3<Double>
  private let bitangent: SIMD3<Double>
  /// Radiance towards the viewer.
  let emission: SIMD3<Double>
  /// What is left of light from there to here, seen from inside a body.
  private(set) var transmittance: SIMD3<Double>
  /// The colour of a surface that shows it whatever the light; nil for others.
  let unlit: SIMD3<Double>?
  /// Whether a camera sees through: the back of a single-sided surface.
  let isCulled: Bool
  /// Index of the emitter; negative for none.
  let emitter: Int
  let bsdf: ReferenceBSDF

  /// `triangle`: the one that was hit, in world space.
  init(_ scene: DeviceScene, _ triangle: SceneTriangle, _ ray: ReferenceRay, _ hit: ReferenceHit) {
    let material = scene.materials[Int(triangle.material)]
    let viewer = -ray.direction
    let faced = triangle.areaVector.normalised ?? viewer
    let isFront = faced.dot(viewer) > 0
    normal = isFront ? faced : -faced
    point = ray.origin + ray.direction * hit.distance
    emitter = Int(triangle.emitter)
    let shading = ReferenceShading(scene, material, ReferencePlace(triangle, hit))
    emission = isFront || material.double_sided != 0 ? shading.emission : .zero
    isCulled = !isFront && material.flags & FLAG_SINGLE_SIDED != 0
    unlit = material.flags & FLAG_UNLIT != 0 ? shading.base : nil

    let weightA = 1 - hit.weightB - hit.weightC
    let (na, nb, nc) = triangle.normal
    let blended =
      SIMD3<Double>(na) * weightA + SIMD3<Double>(nb) * hit.weightB + SIMD3<Double>(nc) * hit.weightC
    let smooth = blended.normalised ?? normal
    let sided = smooth.dot(normal) < 0 ? -smooth : smooth
    let bent = shading.bent(isFront ? sided : -sided)
    var seen = ReferenceSurface.visible(isFront ? bent : -bent, side: normal, viewer)
    if material.flags & (FLAG_SPECULAR | FLAG_CLEARCOAT) != 0 {
      seen = ReferenceSurface.mirroring(seen, side: normal, viewer)
    }
    frameNormal = seen
    let away: SIMD3<Double> = abs(frameNormal.x) < 0.5 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)
    tangent =
      shading.direction(around: isFront ? seen : -seen) ?? frameNormal.cross(away).normalised ?? away
    bitangent = frameNormal.cross(tangent)

    var out = SIMD3(viewer.dot(tangent), viewer.dot(bitangent), viewer.dot(frameNormal))
    out.z = max(out.z, 1e-4)
    bsdf = ReferenceBSDF(shading.material(isFront: isFront), out: out)
    transmittance = SIMD3(repeating: 1)
    if !isFront, material.flags & FLAG_SOLID != 0 {
      let sigma = SIMD3<Double>(material.attenuation)
      for i in 0..<3 {
        transmittance[i] = Double(ExactMath.exp(Float(-sigma[i] * hit.distance)))
      }
    }
  }

  /// Bent so that the mirror image of the viewer lies above the triangle.
  private static func mirroring(
    _ normal: SIMD3<Double>, side: SIMD3<Double>, _ viewer: SIMD3<Double>
  ) -> SIMD3<Double> {
    let mirrored = normal * (2 * normal.dot(viewer)) - viewer
    let least = min(0.9 * viewer.dot(side), 0.01)
    guard mirrored.dot(side) < least else { return normal }
    let lifted = (mirrored + side * (least - mirrored.dot(side))).normalised ?? side
    return (lifted + viewer).normalised ?? side
  }

  /// On the geometric normal's side, bent towards the viewer where he would see its back.
  private static func visible(
    _ normal: SIMD3<Double>, side: SIMD3<Double>, _ viewer: SIMD3<Double>
  ) -> SIMD3<Double> {
    let cosine = normal.dot(viewer)
    return cosine < 0.01 ? (normal + viewer * (0.01 - cosine)).normalised ?? side : normal
  }

  /// Into the shading frame.
  func local(_ d: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(d.dot(tangent), d.dot(bitangent), d.dot(frameNormal))
  }
  /// Out of the shading frame.
  func world(_ d: SIMD3<Double>) -> SIMD3<Double> { (tangent * d.x + bitangent * d.y) + frameNormal * d.z }
}
