import Kernels

/// The material model of bsdf.cl once more, in double precision and with other sampling: a GGX lobe
/// (Trowbridge & Reitz 1975; height-correlated Smith masking, Heitz 2014) with Schlick's Fresnel, over a
/// Lambert lobe that gets what the dielectric's lobe does not reflect. Directions are in the shading frame,
/// +Z the normal.
package struct ReferenceBSDF: Sendable {
  private let f0: SIMD3<Double>
  private let diffuse: SIMD3<Double>
  private let alpha: Double
  private let out: SIMD3<Double>

  /// - Parameters:
  ///   - base: linear base colour.
  ///   - alpha: of GGX.
  ///   - out: unit direction towards the viewer, z > 0.
  package init(base: SIMD3<Double>, metallic: Double, alpha: Double, out: SIMD3<Double>) {
    f0 = base * metallic + SIMD3(repeating: 0.04 * (1 - metallic))
    let reflected = ReferenceBSDF.dielectricAlbedo(out.z, alpha.squareRoot())
    diffuse = base * ((1 - metallic) * (1 - reflected))
    self.alpha = alpha
    self.out = out
  }

  /// The fit of bsdf.cl to the directional albedo of GGX with F0 = 0.04: part of the model's definition.
  private static func dielectricAlbedo(_ m: Double, _ y: Double) -> Double {
    let p0 = ((-0.17287 * y + 1.01518) * y - 1.07547) * y + 0.96449
    let p1 = (-0.68029 * y + 1.04441) * y - 2.66631
    let p2 = -0.50996 * y + 3.36569
    let p = ((-1.22304 * m + p2) * m + p1) * m + p0
    let q0 = (10.95954 * y - 0.62493) * y + 1
    let q = (11.07342 * m + (-16.89355 * y + 0.9037)) * m + q0
    return min(max(p / q, 0), 1)
  }

  /// BSDF times the cosine of `incoming`; zero below the horizon.
  package func value(_ incoming: SIMD3<Double>) -> SIMD3<Double> {
    guard incoming.z > 0, let h = (out + incoming).normalised else { return .zero }
    let masking = 0.5 / (out.z * shadow(incoming.z) + incoming.z * shadow(out.z))
    let c = 1 - min(max(out.dot(h), 0), 1)
    let grazing = c * c * c * c * c
    let fresnel = f0 + (SIMD3(repeating: 1) - f0) * grazing
    return (diffuse / Double.pi + fresnel * (normalDensity(h) * masking)) * incoming.z
  }

  /// Density per steradian with which `sample` gives `incoming`.
  package func density(_ incoming: SIMD3<Double>) -> Double {
    guard incoming.z > 0, let h = (out + incoming).normalised else { return 0 }
    // Normals are drawn by D cos; reflection about them quarters the density per cosine of the half angle.
    let specular = normalDensity(h) * h.z / (4 * out.dot(h))
    return 0.5 * specular + 0.5 * incoming.z / Double.pi
  }

  /// Half of the directions by cosine, half by the distribution of normals (Walter et al. 2007). May lie
  /// below the horizon.
  package func sample(_ random: inout ReferenceRandom) -> SIMD3<Double> {
    let (choice, u, v) = (random.unit(), random.unit(), random.unit())
    if choice < 0.5 { return ReferenceBSDF.polar(cosine: (1 - v).squareRoot(), turns: u) }
    let cosine = ((1 - v) / (1 + (alpha * alpha - 1) * v)).squareRoot()
    let h = ReferenceBSDF.polar(cosine: cosine, turns: u)
    return h * (2 * out.dot(h)) - out
  }

  /// A unit vector.
  private static func polar(cosine: Double, turns: Double) -> SIMD3<Double> {
    let sine = max(0, 1 - cosine * cosine).squareRoot()
    let (y, x) = ReferenceLookup.sincos(turns: turns)
    return SIMD3(sine * x, sine * y, cosine)
  }

  private func normalDensity(_ h: SIMD3<Double>) -> Double {
    let a2 = alpha * alpha
    let k = a2 * h.z * h.z + (h.x * h.x + h.y * h.y)
    return a2 / (Double.pi * k * k)
  }

  private func shadow(_ cosine: Double) -> Double {
    (alpha * alpha + (1 - alpha * alpha) * cosine * cosine).squareRoot()
  }
}
