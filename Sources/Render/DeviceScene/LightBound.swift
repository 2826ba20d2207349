import Kernels

/// A bound on what a set of emitters brings to a point, as DeviceLightNode has it, in double precision.
struct LightBound {
  var center: SIMD3<Double>
  var spread: Double
  /// Unit length; zero where the light goes all round.
  var axis: SIMD3<Double>
  var slope: Double
  var offset: Double
  var size: Double
  var power: Double
  /// Whether the side away from the axis counts like it.
  var isTwoSided = false
  var isDistant = false

  /// Smallest mean squared size, square metres: keeps a point's importance finite.
  private static let spreadMin = 1e-12

  /// Of one emitter.
  init(_ emitter: DeviceEmitter) {
    let (origin, u, v) = (SIMD3<Double>(emitter.origin), SIMD3<Double>(emitter.edge_u), emitter.edge_v)
    let light = luminance(emitter.radiance)
    size = 0
    offset = 0
    slope = 1
    center = origin
    spread = LightBound.spreadMin
    switch emitter.kind {
    case EMITTER_POINT:
      (axis, slope, offset, power) = (.zero, 0, 1, light)
    case EMITTER_SPOT:
      (axis, slope, offset, power) = (u, Double(v.0), Double(v.1), light)
    case EMITTER_DISTANT:
      (axis, slope, offset, power) = (.zero, 0, 1, light)
      center = .zero
      spread = 1
      isDistant = true
    default:
      let area = SIMD3<Double>(emitter.area_vector)
      axis = area.normalised ?? .zero
      power = light * area.length
      isTwoSided = emitter.kind & EMITTER_TWO_SIDED != 0
      let w = SIMD3<Double>(v)
      if emitter.kind & EMITTER_PARALLELOGRAM != 0 {
        center = origin + (u + w) * 0.5
        spread = max(spread, (u.dot(u) + w.dot(w)) / 12)
      } else {
        center = origin + (u + w) / 3
        // Mean squared distance from a triangle's centroid: the sum of its squared edges over 36.
        let edges = (u.dot(u) + w.dot(w)) + (w - u).dot(w - u)
        spread = max(spread, edges / 36)
      }
    }
  }

  /// Of several, at least one.
  init(_ parts: [LightBound]) {
    power = parts.reduce(0) { $0 + $1.power }
    let middle = parts.reduce(SIMD3<Double>.zero) { $0 + $1.center * $1.power } / power
    center = middle
    spread =
      parts.reduce(0) { sum, part in
        sum + part.power * ((part.center - middle).dot(part.center - middle) + part.spread)
      } / power
    size = parts.reduce(0) { farthest, part in
      max(farthest, (part.center - middle).length + LightBound.reach(part))
    }
    isDistant = parts.allSatisfy(\.isDistant)
    (axis, slope, offset) = (.zero, 0, 1)
    if isDistant {
      (center, spread, size) = (.zero, 1, 0)
      return
    }
    isTwoSided = parts.contains(where: \.isTwoSided)
    guard let cone = LightBound.cone(parts, twoSided: isTwoSided) else {
      isTwoSided = false
      return
    }
    axis = cone.axis
    slope = cone.cosine
    offset = max(0, 1 - slope * slope).squareRoot()
  }

  /// Radius about the centre that holds all of a part's light: for a triangle or parallelogram no more than
  /// three times the root of the mean squared distance.
  private static func reach(_ part: LightBound) -> Double { max(part.size, 3 * part.spread.squareRoot()) }

  /// The cone of the parts' normals, or of the lines along them; nil where it is no narrower than a half
  /// space.
  private static func cone(
    _ parts: [LightBound], twoSided: Bool
  ) -> (axis: SIMD3<Double>, cosine: Double)? {
    guard let first = parts.first(where: { $0.axis != .zero })?.axis else { return nil }
    func sided(_ v: SIMD3<Double>) -> SIMD3<Double> { twoSided && v.dot(first) < 0 ? -v : v }
    let sum = parts.reduce(SIMD3<Double>.zero) { $0 + sided($1.axis) * $1.power }
    guard let axis = sum.normalised else { return nil }
    var cosine = 1.0
    for part in parts {
      guard part.axis != .zero, part.offset >= 0, part.slope <= 1 else { return nil }
      // The part's own cone about its axis, further out by the angle between the axes.
      let between = min(1, sided(part.axis).dot(axis))
      let sine = max(0, 1 - between * between).squareRoot()
      guard part.slope > 0, between > 0 else { return nil }
      cosine = min(cosine, between * part.slope - sine * part.offset)
    }
    return cosine > 0 ? (axis, cosine) : nil
  }

  /// As a leaf or inner node, its power as a share of `whole`.
  func node(child: Int32, of whole: Double) -> DeviceLightNode {
    var node = DeviceLightNode()
    node.center = center.tuple
    node.spread = Float(spread)
    node.axis = axis.tuple
    node.near = isDistant ? 0 : 1
    node.back = isTwoSided ? -1 : 1
    node.slope = Float(slope)
    node.offset = Float(offset)
    node.size = Float(size)
    // Not so little that a device would flush it to zero.
    node.power = Float(max(power / whole, 1e-20))
    node.child = child
    return node
  }
}
