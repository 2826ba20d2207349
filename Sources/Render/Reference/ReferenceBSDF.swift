import Kernels

/// What the material model takes, at a point.
package struct ReferenceMaterial: Sendable {
  /// Linear.
  package var base = SIMD3<Double>(repeating: 1)
  /// 0 ... 1.
  package var metallic = 0.0
  /// Of GGX, along the tangent and the bitangent.
  package var alpha = (x: 1.0, y: 1.0)
  /// Index of refraction.
  package var ior = 1.5
  /// Strength and colour of the dielectric's reflection.
  package var specular = (factor: 1.0, color: SIMD3<Double>(repeating: 1))
  /// Part that passes, and whether into a body.
  package var transmission = (part: 0.0, isSolid: false)
  /// Whether the viewer sees the front.
  package var isFront = true
  /// Where the albedos of the body's skin are, for tables made beforehand.
  package var glassAlbedos: (table: [Float], start: Int)?
  /// Cover and alpha of the varnish.
  package var coat = (cover: 0.0, alpha: 1.0)

  package init() {}
}

/// The material model of bsdf.cl once more, in double precision, with other sampling and without smooth lobes
/// as a special case. Directions are in the shading frame, +Z the normal, +X the tangent.
package struct ReferenceBSDF: Sendable {
  private let out: SIMD3<Double>
  private var diffuse: SIMD3<Double>
  private var facets: (f0: SIMD3<Double>, f90: SIMD3<Double>)
  private var sheet: SIMD3<Double>
  private var glass: ReferenceGlass
  private let lobe: ReferenceFacets
  private var coat = (weight: 0.0, lobe: ReferenceFacets(x: 1, y: 1))

  /// - Parameter out: unit direction towards the viewer, z > 0.
  package init(_ material: ReferenceMaterial, out: SIMD3<Double>) {
    self.out = out
    lobe = ReferenceFacets(x: material.alpha.x, y: material.alpha.y)
    let one = SIMD3<Double>(repeating: 1)
    let (metallic, base, part) = (material.metallic, material.base, material.transmission.part)
    let solid = material.transmission.isSolid
    let (first, second) = ReferenceBSDF.albedo(out, material.alpha)
    let whole = first + second
    func gain(_ f0: SIMD3<Double>) -> SIMD3<Double> { one + f0 * ((1 - whole) / whole) }
    let root = (material.ior - 1) / (material.ior + 1)
    let factor = material.specular.factor
    let f0 =
      (material.specular.color * (root * root)).clamped(lowerBound: .zero, upperBound: one) * factor
    let reflected = gain(f0) * (f0 * first + one * (factor * second))
    let left = max(0, 1 - reflected.max())
    let open = 1 - metallic
    let kept = open * (solid ? 1 - part : 1)
    let (metal, plastic) = (gain(base) * metallic, gain(f0) * kept)
    facets = (base * metal + f0 * plastic, metal + plastic * factor)
    diffuse = base * (open * (1 - part) * left)
    sheet = solid ? .zero : base * (open * part * left / whole)
    glass = ReferenceGlass(
      eta: material.isFront ? material.ior : 1 / material.ior, tint: base, part: 0, lobe: lobe)
    if solid, open * part > 0 {
      let given = material.glassAlbedos ?? (AlbedoTable.glass(ior: material.ior), 0)
      let alpha = (material.alpha.x * material.alpha.y).squareRoot()
      let (outside, inside) = ReferenceBSDF.albedo(out.z, alpha, given.table, given.start)
      glass.part = open * part / (material.isFront ? outside : inside)
    }
    if material.coat.cover > 0 { cover(material) }
  }

  /// glTF's core alone.
  package init(base: SIMD3<Double>, metallic: Double, alpha: Double, out: SIMD3<Double>) {
    var material = ReferenceMaterial()
    material.base = base
    material.metallic = metallic
    material.alpha = (alpha, alpha)
    self.init(material, out: out)
  }

  private mutating func cover(_ material: ReferenceMaterial) {
    let (first, second) = ReferenceBSDF.albedo(out.z, material.coat.alpha, AlbedoTable.facets)
    let whole = first + second
    coat.weight = material.coat.cover * (1 + 0.04 * (1 - whole) / whole)
    coat.lobe = ReferenceFacets(x: material.coat.alpha, y: material.coat.alpha)
    let rest = max(0, 1 - coat.weight * (0.04 * first + second))
    diffuse *= rest
    facets = (facets.f0 * rest, facets.f90 * rest)
    sheet *= rest
    glass.part *= rest
  }

  /// Of the facets, without Fresnel, in their two parts.
  private static func albedo(_ out: SIMD3<Double>, _ alpha: (x: Double, y: Double)) -> (Double, Double) {
    guard alpha.x > alpha.y else { return albedo(out.z, alpha.x, AlbedoTable.facets) }
    let azimuth = SIMD3(out.x, out.y, 0).normalised ?? SIMD3(1, 0, 0)
    let along = SIMD3(azimuth.x * alpha.x, azimuth.y * alpha.y, 0).length
    let across = SIMD3(azimuth.y * alpha.x, azimuth.x * alpha.y, 0).length
    let side = AlbedoTable.cubeSide
    let place = [across, along, out.z].map { $0.squareRoot() * Double(side - 1) }
    let cell = place.map { min(Int($0), side - 2) }
    var sum = (0.0, 0.0)
    for corner in 0..<8 {
      var (at, weight) = (0, 1.0)
      for axis in 0..<3 {
        let high = corner >> axis & 1
        at = at * side + cell[axis] + high
        let part = place[axis] - Double(cell[axis])
        weight *= high == 1 ? part : 1 - part
      }
      sum.0 += weight * Double(AlbedoTable.stretched[2 * at])
      sum.1 += weight * Double(AlbedoTable.stretched[2 * at + 1])
    }
    let margin = min(1.03, 1 / (sum.0 + sum.1))
    return (sum.0 * margin, sum.1 * margin)
  }

  /// Bilinear look-up of a pair of albedos.
  static func albedo(
    _ cosine: Double, _ alpha: Double, _ table: [Float], _ start: Int = 0
  ) -> (Double, Double) {
    let side = AlbedoTable.side
    let (x, y) = (cosine.squareRoot() * Double(side - 1), alpha.squareRoot() * Double(side - 1))
    let (column, row) = (min(Int(x), side - 2), min(Int(y), side - 2))
    func at(_ i: Int, _ j: Int, _ k: Int) -> Double { Double(table[start + 2 * (j * side + i) + k]) }
    func mixed(_ k: Int) -> Double {
      let (u, v) = (x - Double(column), y - Double(row))
      let top = at(column, row, k) * (1 - u) + at(column + 1, row, k) * u
      let bottom = at(column, row + 1, k) * (1 - u) + at(column + 1, row + 1, k) * u
      return top * (1 - v) + bottom * v
    }
    return (mixed(0), mixed(1))
  }

  /// BSDF times the cosine of `incoming`.
  package func value(_ incoming: SIMD3<Double>) -> SIMD3<Double> {
    guard incoming.z != 0 else { return .zero }
    let mirrored = SIMD3(incoming.x, incoming.y, abs(incoming.z))
    var sum = glass.value(out, incoming)
    guard let h = (out + mirrored).normalised else { return sum }
    let bare = lobe.reflected(out, mirrored, h)
    let c = 1 - min(max(out.dot(h), 0), 1)
    let grazing = (c * c) * (c * c) * c
    if incoming.z < 0 { return sum + sheet * bare }
    sum += diffuse * (incoming.z / Double.pi)
    sum += (facets.f0 + (facets.f90 - facets.f0) * grazing) * bare
    let varnish = coat.weight * (0.04 + 0.96 * grazing) * coat.lobe.reflected(out, mirrored, h)
    return sum + SIMD3(repeating: varnish)
  }

  /// Ways to draw a direction, one as likely as the next.
  private var ways: [Way] {
    var ways = [Way.cosine, .facets]
    if sheet != .zero { ways.append(.sheet) }
    if glass.part > 0 { ways += [.reflectedByGlass, .refracted] }
    if coat.weight > 0 { ways.append(.coat) }
    return ways
  }
  private enum Way { case cosine, facets, sheet, reflectedByGlass, refracted, coat }

  /// Density per steradian with which `sample` gives `incoming`.
  package func density(_ incoming: SIMD3<Double>) -> Double {
    let ways = ways
    return ways.reduce(0) { $0 + density($1, incoming) } / Double(ways.count)
  }

  private func density(_ way: Way, _ incoming: SIMD3<Double>) -> Double {
    let isAbove = incoming.z > 0
    let mirrored = SIMD3(incoming.x, incoming.y, abs(incoming.z))
    guard let h = (out + mirrored).normalised else { return 0 }
    // Normals are drawn by D cos; reflection about them quarters the density per cosine of the half angle.
    func reflection(_ lobe: ReferenceFacets) -> Double { lobe.normals(h) * h.z / (4 * out.dot(h)) }
    switch way {
    case .cosine: return isAbove ? incoming.z / Double.pi : 0
    case .facets, .reflectedByGlass: return isAbove ? reflection(lobe) : 0
    case .coat: return isAbove ? reflection(coat.lobe) : 0
    case .sheet: return isAbove ? 0 : reflection(lobe)
    case .refracted: return isAbove ? 0 : glass.refractionDensity(out, incoming)
    }
  }

  /// Zero where the way leads to the wrong side, of which its density knows nothing.
  package func sample(_ random: inout ReferenceRandom) -> SIMD3<Double> {
    let ways = ways
    let way = ways[min(Int(random.unit() * Double(ways.count)), ways.count - 1)]
    let (u, v) = (random.unit(), random.unit())
    if way == .cosine { return ReferenceFacets.polar(cosine: (1 - v).squareRoot(), turns: u) }
    let h = (way == .coat ? coat.lobe : lobe).normal(u, v)
    let mirrored = h * (2 * out.dot(h)) - out
    switch way {
    case .refracted:
      guard let refracted = glass.refracted(out, h), refracted.z < 0 else { return .zero }
      return refracted
    case .sheet: return mirrored.z > 0 ? SIMD3(mirrored.x, mirrored.y, -mirrored.z) : .zero
    default: return mirrored.z > 0 ? mirrored : .zero
    }
  }
}
