import Imaging
import Kernels

/// A slow path tracer in plain Swift and double precision: the truth that kernels are tested against. It
/// shares the model with them (materials, look-ups, number of bounces) and nothing of the method: every
/// triangle is tried, directions and lights are drawn differently, no path ends by chance.
package struct ReferenceTracer: Sendable {
  /// How light is found.
  package enum Method: Sendable {
    /// By scattered rays alone: nothing to get wrong, and noisy.
    case scattering
    /// Emitters also by a shadow ray to a random point of a random one, weighted by the balance heuristic
    /// (Veach 1997, section 9.2).
    case nextEvent
  }

  private let scene: DeviceScene
  private let settings: RenderSettings
  private let method: Method
  /// As placed; emitters' numbers hold, for what emits comes first.
  private let triangles: [SceneTriangle]
  private let intersector: ReferenceIntersector
  private let lookup: ReferenceLookup
  private let emissive: [Int]
  private let punctual: ReferencePunctual

  package init(_ scene: DeviceScene, _ settings: RenderSettings, method: Method = .nextEvent) {
    self.scene = scene
    self.settings = settings
    self.method = method
    triangles = scene.placedTriangles
    intersector = ReferenceIntersector(triangles)
    lookup = ReferenceLookup(scene)
    emissive = scene.triangles.indices.filter { scene.triangles[$0].emitter >= 0 }
    punctual = ReferencePunctual(scene)
  }

  /// Estimates the pixels of `rect`, row-major, each from its own random numbers.
  package func render(_ rect: TileRect, sampleCount: Int, seed: UInt64) -> [ReferencePixel] {
    (0..<rect.pixelCount).map { i in
      let (x, y) = (rect.x + i % rect.width, rect.y + i / rect.width)
      var random = ReferenceRandom(seed: seed &+ UInt64(y) << 40 &+ UInt64(x) << 20)
      var pixel = ReferencePixel()
      for _ in 0..<sampleCount { pixel.add(sample(x, y, &random)) }
      return pixel
    }
  }

  /// Red, green, blue and alpha along one path.
  private func sample(_ x: Int, _ y: Int, _ random: inout ReferenceRandom) -> SIMD4<Double> {
    var ray = cameraRay(Double(x) + random.unit(), Double(y) + random.unit())
    var light = SIMD3<Double>.zero
    var throughput = SIMD3<Double>(repeating: 1)
    var from: (triangle: Int, density: Double)?
    for bounce in 0...settings.maxDepth {
      guard let hit = closest(&ray, bounce: bounce, except: from?.triangle, &random) else {
        if bounce == 0, settings.transparentBackground { return .zero }
        light += throughput * lookup.environment(ray.direction)
        break
      }
      let surface = ReferenceSurface(scene, triangles[hit.triangle], ray, hit)
      throughput *= surface.transmittance
      if let unlit = surface.unlit {
        light += throughput * unlit
        break
      }
      light += throughput * surface.emission * foundWeight(surface, ray, hit, density: from?.density)
      if bounce == settings.maxDepth { break }
      light += throughput * unsized(towards: surface, triangle: hit.triangle)
      if method == .nextEvent {
        light += throughput * emitted(towards: surface, triangle: hit.triangle, &random)
      }
      let incoming = surface.bsdf.sample(&random)
      let direction = surface.world(incoming)
      let density = surface.bsdf.density(incoming)
      guard density > 0, direction.dot(surface.normal) * incoming.z > 0 else { break }
      throughput *= surface.bsdf.value(incoming) / density
      ray = ReferenceRay(origin: surface.point, direction: direction.normalised ?? surface.normal)
      from = (hit.triangle, density)
    }
    return SIMD4(light, 1)
  }

  /// The nearest surface that the ray does not slip through; a camera's ray also goes on from the backs of
  /// single-sided surfaces, whereby its origin moves.
  private func closest(
    _ ray: inout ReferenceRay, bounce: Int, except: Int?, _ random: inout ReferenceRandom
  ) -> ReferenceHit? {
    var left = except
    var passed = 0
    while let hit = intersector.closest(ray, except: left, accepts: { isThere($0, &random) }) {
      let surface = ReferenceSurface(scene, triangles[hit.triangle], ray, hit)
      guard bounce == 0, surface.isCulled, passed < Int(SEE_THROUGH_MAX) else { return hit }
      passed += 1
      ray.origin = surface.point
      left = hit.triangle
    }
    return nil
  }

  /// Whether a triangle's material has no hole there.
  private func isThere(_ hit: ReferenceHit, _ random: inout ReferenceRandom) -> Bool {
    let triangle = triangles[hit.triangle]
    let material = scene.materials[Int(triangle.material)]
    guard material.flags & FLAG_CUTOUT != 0 else { return true }
    let alpha = ReferenceShading(scene, material, ReferencePlace(triangle, hit)).alpha
    return material.alpha_cutoff < 0 ? random.unit() < alpha : alpha >= Double(material.alpha_cutoff)
  }

  private func cameraRay(_ x: Double, _ y: Double) -> ReferenceRay {
    let (right, up, back, origin) = scene.header.world_from_camera
    let tangent = Double(scene.header.tan_half_y_fov)
    let (width, height) = (Double(settings.widthPX), Double(settings.heightPX))
    let across = (2 * x / width - 1) * tangent * (width / height)
    let along = (1 - 2 * y / height) * tangent
    let forward = -SIMD3<Double>(back)
    let direction = SIMD3<Double>(right) * across + SIMD3<Double>(up) * along + forward
    return ReferenceRay(origin: SIMD3<Double>(origin), direction: direction.normalised ?? forward)
  }

  /// Weight of emission that a scattered ray of that density has hit; nil for a camera ray.
  private func foundWeight(
    _ surface: ReferenceSurface, _ ray: ReferenceRay, _ hit: ReferenceHit, density: Double?
  ) -> Double {
    guard method == .nextEvent, let density, surface.emitter >= 0 else { return 1 }
    let cosine = -ray.direction.dot(surface.normal)
    let other = emitterDensity(hit.triangle) * hit.distance * hit.distance / cosine
    return density / (density + other)
  }

  /// Density per square metre with which a point of an emissive triangle is drawn: evenly among them.
  private func emitterDensity(_ triangle: Int) -> Double {
    1 / (Double(emissive.count) * (triangles[triangle].areaVector.length / 2))
  }

  /// Light from all lights without size.
  private func unsized(towards surface: ReferenceSurface, triangle: Int) -> SIMD3<Double> {
    punctual.arrivals(at: surface.point).reduce(.zero) { sum, arrival in
      guard arrival.direction.dot(surface.normal) > 0 else { return sum }
      let ray = ReferenceRay(origin: surface.point, direction: arrival.direction)
      if intersector.blocked(ray, high: arrival.distance, except: triangle) { return sum }
      return sum + surface.bsdf.value(surface.local(arrival.direction)) * arrival.irradiance
    }
  }

  /// Light from one random point of one random emitter, over the density of the choice and weighted.
  private func emitted(
    towards surface: ReferenceSurface, triangle: Int, _ random: inout ReferenceRandom
  ) -> SIMD3<Double> {
    guard !emissive.isEmpty else { return .zero }
    let target = emissive[min(Int(random.unit() * Double(emissive.count)), emissive.count - 1)]
    var (b, c) = (random.unit(), random.unit())
    if b + c > 1 { (b, c) = (1 - b, 1 - c) }
    guard target != triangle else { return .zero }
    let corners = triangles[target].position
    let a = SIMD3<Double>(corners.0)
    let point = a + (SIMD3<Double>(corners.1) - a) * b + (SIMD3<Double>(corners.2) - a) * c
    let between = point - surface.point
    guard let direction = between.normalised else { return .zero }
    let ray = ReferenceRay(origin: surface.point, direction: direction)
    let hit = ReferenceHit(distance: between.length, weightB: b, weightC: c, triangle: target)
    let light = ReferenceSurface(scene, triangles[hit.triangle], ray, hit)
    let incoming = surface.local(direction)
    guard direction.dot(surface.normal) * incoming.z > 0 else { return .zero }
    let value = surface.bsdf.value(incoming) * light.emission
    guard value.max() > 0 else { return .zero }
    let isBlocked = intersector.blocked(ray, high: hit.distance, except: triangle, and: target) {
      isThere($0, &random)
    }
    if isBlocked { return .zero }
    let cosine = -direction.dot(light.normal)
    let density = emitterDensity(target) * hit.distance * hit.distance / cosine
    return value / (density + surface.bsdf.density(incoming))
  }
}
