import Render
import SceneModel

/// Rays of one kind: camera rays in tiles of 8 x 8 pixels, cosine-distributed rays from where they hit, and
/// rays from there to a lamp.
struct RaySet {
  let kind: String
  /// Whether it is asked only if something is in the way.
  let any: Bool
  let rays: [RayTracer.Ray]
  /// A ray that hits nothing ends here.
  let lengthMax: Float = 1e30

  private static let side = 1024

  static func all(_ tracer: RayTracer, corners: [SIMD3<Float>]) throws -> [RaySet] {
    let primary = camera()
    let hits = try tracer.closest(primary)
    var random = ReferenceRandom(seed: 11)
    var diffuse: [RayTracer.Ray] = []
    var shadow: [RayTracer.Ray] = []
    for (ray, hit) in zip(primary, hits) where hit.distance < 1e30 {
      let at = Int(hit.triangle) * 3
      let normal = facing(ray.direction, corners[at], corners[at + 1], corners[at + 2])
      let origin = ray.origin + ray.direction * hit.distance + normal * 1e-3
      diffuse.append(RayTracer.Ray(origin: origin, direction: cosine(normal, &random)))
      let lamp = SIMD3<Float>(-14, 6, 3) + 3 * SIMD3(unit(&random), unit(&random), unit(&random))
      shadow.append(RayTracer.Ray(origin: origin, direction: lamp - origin, length: 0.999))
    }
    // Full packets only, so that both programs trace the same number.
    let count = diffuse.count / 16 * 16
    return [
      RaySet(kind: "primary", any: false, rays: primary),
      RaySet(kind: "diffuse", any: false, rays: Array(diffuse.prefix(count))),
      RaySet(kind: "shadow", any: true, rays: Array(shadow.prefix(count))),
    ]
  }

  /// From above the edge of the mesh down onto it.
  private static func camera() -> [RayTracer.Ray] {
    (0..<side * side).map { index in
      let (tile, place) = (index / 64, index % 64)
      let x = (tile % (side / 8)) * 8 + place % 8
      let y = (tile / (side / 8)) * 8 + place / 8
      let right = ((Float(x) + 0.5) / Float(side) * 2 - 1) * 0.75
      let up = (1 - (Float(y) + 0.5) / Float(side) * 2) * 0.55 - 0.32
      return RayTracer.Ray(origin: [0, 4.5, 13], direction: normalized([right, up, -1]))
    }
  }

  private static func unit(_ random: inout ReferenceRandom) -> Float { Float(random.unit()) }

  private static func normalized(_ v: SIMD3<Float>) -> SIMD3<Float> { v / (v * v).sum().squareRoot() }

  /// The triangle's normal, against the ray.
  private static func facing(
    _ direction: SIMD3<Float>, _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>
  ) -> SIMD3<Float> {
    let (u, v) = (b - a, c - a)
    let normal = normalized([u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x])
    return (normal * direction).sum() > 0 ? -normal : normal
  }

  /// Normal plus a point of the unit sphere.
  private static func cosine(_ normal: SIMD3<Float>, _ random: inout ReferenceRandom) -> SIMD3<Float> {
    let z = 1 - 2 * unit(&random)
    let radius = max(0, 1 - z * z).squareRoot()
    let (sine, cosine) = ExactMath.sincos(unit(&random) * 2 * ExactMath.pi)
    return normalized(normal + [radius * cosine, radius * sine, z * 0.9999])
  }
}
