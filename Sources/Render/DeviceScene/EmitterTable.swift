import Kernels
import SceneModel

/// Everything that emits from a place or direction: triangles, parallelograms, and lights without size.
struct EmitterTable: Sendable {
  private(set) var emitters: [DeviceEmitter] = []
  /// Whether some of them have no size; these come last.
  private(set) var hasPunctual = false

  /// Lists the emissive ones of the first `count` triangles in order; writes their emitters' numbers there.
  init(_ world: WorldTriangles, count: Int, _ emission: EmissionMean) {
    let emits = emission.materials.map { $0.flags & FLAG_CUTOUT == 0 && luminance($0.emission) > 0 }
    guard emits.contains(true) else { return }
    let (triangles, view) = (world.triangles.values, world.view)
    var i = 0
    while i < count {
      defer { i += 1 }
      guard emits[Int(triangles[i].material)],
        var emitter = DeviceEmitter(view[i], emission)
      else { continue }
      emitter.triangle = Int32(i)
      triangles[i].emitter = Int32(emitters.count)
      if i + 1 < count, emitter.absorb(view[i], view[i + 1]) {
        i += 1
        triangles[i].emitter = Int32(emitters.count)
      }
      emitters.append(emitter)
    }
  }

  /// With lights without size after them.
  func adding(_ lights: [FrameScene.Light]) -> EmitterTable {
    var table = self
    for light in lights {
      guard let emitter = DeviceEmitter(light) else { continue }
      table.emitters.append(emitter)
      table.hasPunctual = true
    }
    return table
  }
}

/// Luminance of linear Rec.709 (ITU-R BT.709), in double precision.
func luminance(_ rgb: (Float, Float, Float)) -> Double {
  (0.2126 * Double(rgb.0) + 0.7152 * Double(rgb.1)) + 0.0722 * Double(rgb.2)
}

extension DeviceEmitter {
  /// Smallest area of a light, square metres: slivers that a device would flush to zero are worth no ray.
  private static let areaMinM2 = 1e-30
  /// How far the fourth corner may be off, of the longer edge: export rounds coordinates.
  private static let cornerTolerance = 1e-6

  /// Nil for a triangle without area, or with a texture that is black there.
  fileprivate init?(_ triangle: SceneTriangle, _ emission: EmissionMean) {
    let material = emission.materials[Int(triangle.material)]
    self.init()
    let area = triangle.areaVector * 0.5
    guard area.length >= DeviceEmitter.areaMinM2 else { return nil }
    let (a, b, c) = triangle.corners
    origin = triangle.position.0
    edge_u = (b - a).tuple
    edge_v = (c - a).tuple
    area_vector = area.tuple
    radiance = emission.mean(triangle)
    guard luminance(radiance) > 0 else { return nil }
    kind = EMITTER_TRIANGLE | (material.double_sided != 0 ? EMITTER_TWO_SIDED : 0)
    if emission.isTextured(material) { kind |= EMITTER_TEXTURED }
  }

  /// Becomes the parallelogram of `first`, whose emitter this is, and `second`, where they are one: of one
  /// material, with a common edge, in one plane, with the same sense of rotation.
  fileprivate mutating func absorb(_ first: SceneTriangle, _ second: SceneTriangle) -> Bool {
    guard first.material == second.material, kind & EMITTER_TEXTURED == 0 else { return false }
    let (p, q) = ([first.position.0, first.position.1, first.position.2], second.position)
    for turn in 0..<3 {
      // The corner opposite of the common edge is the parallelogram's origin.
      let (a, b, c) = (p[turn], p[(turn + 1) % 3], p[(turn + 2) % 3])
      // The edge runs the other way in the neighbour: c, b and its third corner.
      let turned = [(q.0, q.1, q.2), (q.1, q.2, q.0), (q.2, q.0, q.1)]
      guard let corner = turned.first(where: { $0.0 == c && $0.1 == b })?.2 else { continue }
      let (origin, u, v) = (SIMD3<Double>(a), SIMD3<Double>(b), SIMD3<Double>(c))
      let (alongU, alongV) = (u - origin, v - origin)
      let off = (SIMD3<Double>(corner) - (u + alongV)).length
      guard off <= DeviceEmitter.cornerTolerance * max(alongU.length, alongV.length) else { return false }
      self.origin = a
      edge_u = alongU.tuple
      edge_v = alongV.tuple
      area_vector = (SIMD3<Double>(area_vector) * 2).tuple
      kind |= EMITTER_PARALLELOGRAM
      return true
    }
    return false
  }

  /// Nil for a light that is black.
  fileprivate init?(_ placed: FrameScene.Light) {
    self.init()
    let light = placed.light
    guard luminance(light.intensity.tuple) > 0 else { return nil }
    origin = placed.origin.tuple
    edge_u = placed.direction.tuple
    radiance = light.intensity.tuple
    triangle = -1
    // KHR_lights_punctual, "Range Property": no fading without one.
    let range = light.rangeM ?? .infinity
    edge_v.2 = 1 / range / range
    switch light.kind {
    case .directional: kind = EMITTER_DISTANT
    case .point: kind = EMITTER_POINT
    case .spot(let innerRad, let outerRad):
      kind = EMITTER_SPOT
      // "Inner and Outer Cone Angles", the reference code.
      let outer = ExactMath.cos(outerRad)
      edge_v.0 = 1 / max(0.001, ExactMath.cos(innerRad) - outer)
      edge_v.1 = -outer * edge_v.0
    }
  }
}

extension SIMD3<Double> {
  /// As a C array of three, rounded.
  var tuple: (Float, Float, Float) { (Float(x), Float(y), Float(z)) }
}

extension SceneTriangle {
  /// Its vertices, double precision.
  var corners: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
    (SIMD3(position.0), SIMD3(position.1), SIMD3(position.2))
  }
}
