import Kernels

/// Trowbridge & Reitz's microfacets (GGX) with height-correlated Smith masking (Heitz 2014).
struct ReferenceFacets: Sendable {
  let x: Double
  let y: Double

  /// Density of normals.
  func normals(_ h: SIMD3<Double>) -> Double {
    guard h.z > 0 else { return 0 }
    let k = (h.x / x) * (h.x / x) + (h.y / y) * (h.y / y) + h.z * h.z
    return 1 / (Double.pi * x * y * k * k)
  }

  /// Smith's Lambda.
  func hidden(_ d: SIMD3<Double>) -> Double {
    let slope = ((d.x * x) * (d.x * x) + (d.y * y) * (d.y * y)) / (d.z * d.z)
    return ((1 + slope).squareRoot() - 1) / 2
  }

  /// A perfect mirror of facets, times the cosine of `incoming`.
  func reflected(_ out: SIMD3<Double>, _ incoming: SIMD3<Double>, _ h: SIMD3<Double>) -> Double {
    let masking = 1 / (1 + hidden(out) + hidden(incoming))
    return normals(h) * masking / (4 * out.z)
  }

  /// A normal by the density of normals times cosine (Walter et al. 2007).
  func normal(_ u: Double, _ v: Double) -> SIMD3<Double> {
    let slope = (v / (1 - v)).squareRoot()
    let (sine, cosine) = ReferenceLookup.sincos(turns: u)
    return SIMD3(slope * cosine * x, slope * sine * y, 1).normalised ?? SIMD3(0, 0, 1)
  }

  /// A unit vector.
  static func polar(cosine: Double, turns: Double) -> SIMD3<Double> {
    let sine = max(0, 1 - cosine * cosine).squareRoot()
    let (y, x) = ReferenceLookup.sincos(turns: turns)
    return SIMD3(sine * x, sine * y, cosine)
  }
}

/// The skin of a transparent body (Walter et al. 2007), basic radiance.
struct ReferenceGlass: Sendable {
  /// Index of the far side over that of the viewer's.
  let eta: Double
  let tint: SIMD3<Double>
  var part: Double
  let lobe: ReferenceFacets

  /// Of unpolarised light, by Snell's law and the amplitudes of both polarisations.
  static func fresnel(_ cosine: Double, eta: Double) -> Double {
    let sine = (1 - cosine * cosine).squareRoot() / eta
    guard sine < 1 else { return 1 }
    let far = (1 - sine * sine).squareRoot()
    let s = (cosine - eta * far) / (cosine + eta * far)
    let p = (eta * cosine - far) / (eta * cosine + far)
    return (s * s + p * p) / 2
  }

  /// Times the cosine of `incoming`.
  func value(_ out: SIMD3<Double>, _ incoming: SIMD3<Double>) -> SIMD3<Double> {
    guard part > 0 else { return .zero }
    if incoming.z > 0 {
      guard let h = (out + incoming).normalised else { return .zero }
      let fresnel = ReferenceGlass.fresnel(out.dot(h), eta: eta)
      return SIMD3(repeating: part * fresnel * lobe.reflected(out, incoming, h))
    }
    guard let h = facet(out, incoming) else { return .zero }
    let masking = 1 / (1 + lobe.hidden(out) + lobe.hidden(incoming))
    let fresnel = ReferenceGlass.fresnel(out.dot(h), eta: eta)
    let spread = jacobian(out, incoming, h) * out.dot(h) / out.z
    return tint * (part * (1 - fresnel) * lobe.normals(h) * masking * spread)
  }

  /// Of `refracted` about a normal drawn by the lobe.
  func refractionDensity(_ out: SIMD3<Double>, _ incoming: SIMD3<Double>) -> Double {
    guard let h = facet(out, incoming) else { return 0 }
    return lobe.normals(h) * h.z * jacobian(out, incoming, h)
  }

  /// nil where light is totally reflected.
  func refracted(_ out: SIMD3<Double>, _ h: SIMD3<Double>) -> SIMD3<Double>? {
    let c = out.dot(h)
    guard c > 0 else { return nil }
    let square = 1 - (1 - c * c) / (eta * eta)
    guard square > 0 else { return nil }
    return h * (c / eta - square.squareRoot()) - out / eta
  }

  /// The normal at which `out` and `incoming` obey Snell's law.
  private func facet(_ out: SIMD3<Double>, _ incoming: SIMD3<Double>) -> SIMD3<Double>? {
    guard let h = (out + incoming * eta).normalised else { return nil }
    let up = h.z < 0 ? -h : h
    return out.dot(up) > 0 && incoming.dot(up) < 0 ? up : nil
  }

  /// Solid angle of normals per solid angle of refracted directions.
  private func jacobian(_ out: SIMD3<Double>, _ incoming: SIMD3<Double>, _ h: SIMD3<Double>) -> Double {
    let sum = out.dot(h) + eta * incoming.dot(h)
    return eta * eta * abs(incoming.dot(h)) / (sum * sum)
  }
}
