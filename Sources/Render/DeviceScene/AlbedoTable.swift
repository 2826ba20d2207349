import Kernels
import SceneModel

/// Directional albedos of rough facets, single scattering, GGX: what ggx.cl looks up. A table is square:
/// columns by the square root of the viewer's cosine, rows by that of alpha, both 0 ... 1; two numbers an
/// entry. That of stretched facets is a cube: rows by the alpha along the viewer's azimuth, layers by that
/// across it. By quadrature over visible normals (Dupuy & Benyoub 2023): a pure function, + - * / and
/// roots alone.
enum AlbedoTable {
  /// Columns and rows.
  static let side = 32
  /// Numbers in a table.
  static let count = 2 * side * side

  /// Facets without Fresnel, parted by Schlick's (1 - c)^5: what is left of it, and it.
  static let facets: [Float] = table { cosine, alpha in reflection(samples(cosine, (alpha, alpha))) }

  /// Columns, rows and layers of the cube.
  static let cubeSide = 16
  /// The same of stretched facets.
  static let stretched: [Float] = Array(0..<cubeSide * cubeSide).mappedInParallel { line in
    (0..<cubeSide).flatMap { column in
      func squared(_ i: Int) -> Double { Double(i * i) / Double((cubeSide - 1) * (cubeSide - 1)) }
      let alpha = (max(squared(line % cubeSide), 1e-3), max(squared(line / cubeSide), 1e-3))
      let (first, second) = reflection(samples(max(squared(column), 1e-4), alpha))
      return [Float(first), Float(second)]
    }
  }.flatMap { $0 }

  private static func reflection(_ samples: [AlbedoSample]) -> (Double, Double) {
    var (rest, grazing) = (0.0, 0.0)
    for sample in samples {
      let lit = sample.weight * sample.masking(sample.reflected)
      let c = 1 - min(max(sample.cosine, 0), 1)
      let fifth = (c * c) * (c * c) * c
      rest += lit * (1 - fifth)
      grazing += lit * fifth
    }
    return (rest, grazing)
  }

  /// The skin of a body of index `ior`, reflection and refraction together: seen from outside, from inside.
  static func glass(ior: Double) -> [Float] {
    table { cosine, alpha in
      var (outside, inside) = (0.0, 0.0)
      for sample in samples(cosine, (alpha, alpha)) {
        outside += sample.weight * sample.both(eta: ior)
        inside += sample.weight * sample.both(eta: 1 / ior)
      }
      return (outside, inside)
    }
  }

  /// Numbers of the tables that materials need beyond `facets`, and where each index of refraction's begins.
  static func glass(for iors: [Float], from start: Int) -> (numbers: [Float], place: [Float: Int32]) {
    var numbers: [Float] = []
    var place: [Float: Int32] = [:]
    for ior in iors where place[ior] == nil {
      place[ior] = Int32(start + numbers.count)
      numbers += glass(ior: Double(ior))
    }
    return (numbers, place)
  }

  private static func table(_ albedos: (_ cosine: Double, _ alpha: Double) -> (Double, Double)) -> [Float] {
    var out: [Float] = []
    out.reserveCapacity(count)
    for row in 0..<side {
      for column in 0..<side {
        let (x, y) = (Double(column) / Double(side - 1), Double(row) / Double(side - 1))
        let (first, second) = albedos(max(x * x, 1e-4), max(y * y, 1e-3))
        out += [Float(first), Float(second)]
      }
    }
    return out
  }

  /// Sines and cosines of the azimuths: half a turn stands for both.
  private static let azimuths: [(sine: Double, cosine: Double)] = (0..<16).map { i in
    let (s, c) = ExactMath.sincos((Float(i) + 0.5) / 16 * ExactMath.pi)
    return (Double(s), Double(c))
  }

  /// Midpoints of a grid over the square that visible normals are sampled by, denser at steep normals.
  private static func samples(_ cosine: Double, _ alpha: (Double, Double)) -> [AlbedoSample] {
    let rows = 32
    let sine = max(0, 1 - cosine * cosine).squareRoot()
    let stretched = (SIMD3(sine * alpha.0, 0, cosine)).normalised ?? SIMD3(0, 0, 1)
    var out: [AlbedoSample] = []
    out.reserveCapacity(rows * azimuths.count)
    for row in 0..<rows {
      let rest = 1 - (Double(row) + 0.5) / Double(rows)
      let z = rest * rest * (1 + stretched.z) - stretched.z
      let radius = max(0, 1 - z * z).squareRoot()
      for (s, c) in azimuths {
        let cap = SIMD3(radius * c + stretched.x, radius * s, max(z + stretched.z, 0))
        let h = SIMD3(cap.x * alpha.0, cap.y * alpha.1, cap.z).normalised ?? SIMD3(0, 0, 1)
        let weight = 2 * rest / Double(rows * azimuths.count)
        out.append(AlbedoSample(out: SIMD3(sine, 0, cosine), normal: h, alpha: alpha, weight: weight))
      }
    }
    return out
  }
}

/// One facet that a viewer sees.
private struct AlbedoSample {
  let out: SIMD3<Double>
  let normal: SIMD3<Double>
  let alpha: (Double, Double)
  /// Part of the facets that it stands for.
  let weight: Double
  /// Of the viewer at the facet.
  let cosine: Double

  init(out: SIMD3<Double>, normal: SIMD3<Double>, alpha: (Double, Double), weight: Double) {
    self.out = out
    self.normal = normal
    self.alpha = alpha
    self.weight = weight
    cosine = max(out.dot(normal), 0)
  }

  var reflected: SIMD3<Double> { normal * (2 * cosine) - out }

  /// G2 / G1 of light from a direction above the surface; 0 from below it.
  func masking(_ incoming: SIMD3<Double>) -> Double {
    guard incoming.z > 0 else { return 0 }
    let (o, i) = (shadow(out), shadow(incoming))
    return incoming.z * (out.z + o) / (out.z * i + incoming.z * o)
  }

  /// What is reflected and what is refracted, `eta` the index of the far side over that of the near one.
  func both(eta: Double) -> Double {
    let square = eta * eta - 1 + cosine * cosine
    guard square > 0 else { return masking(reflected) }
    let g = square.squareRoot()
    let a = (g - cosine) / (g + cosine)
    let b = (cosine * (g + cosine) - 1) / (cosine * (g - cosine) + 1)
    let fresnel = 0.5 * a * a * (1 + b * b)
    // The refracted direction: -out / eta + (cosine / eta - cos_t) h, cos_t = g / eta.
    let refracted = (out - normal * (cosine - g)) / eta
    return fresnel * masking(reflected) + (1 - fresnel) * masking(refracted)
  }

  private func shadow(_ d: SIMD3<Double>) -> Double {
    let (x, y) = (d.x * alpha.0, d.y * alpha.1)
    return (x * x + y * y + d.z * d.z).squareRoot()
  }
}
