/// Albedos of microfacets for tests: the table's, and by another way of sampling.
package enum ReferenceAlbedo {
  /// What the tables say: the part that Schlick's Fresnel scales by F0, and the part by F90.
  package static func facets(cosine: Double, alpha: Double) -> (Double, Double) {
    ReferenceBSDF.albedo(cosine, alpha, AlbedoTable.facets)
  }

  /// The same from normals drawn by their density, not by visibility (Walter et al. 2007).
  package static func byNormals(
    cosine: Double, alpha: Double, _ random: inout ReferenceRandom
  ) -> (Double, Double) {
    let lobe = ReferenceFacets(x: alpha, y: alpha)
    let out = SIMD3((1 - cosine * cosine).squareRoot(), 0, cosine)
    let count = 100_000
    var (rest, grazing) = (0.0, 0.0)
    for _ in 0..<count {
      let h = lobe.normal(random.unit(), random.unit())
      let c = out.dot(h)
      let incoming = h * (2 * c) - out
      guard c > 0, incoming.z > 0 else { continue }
      let weight = lobe.reflected(out, incoming, h) * 4 * c / (lobe.normals(h) * h.z)
      let fifth = ((1 - c) * (1 - c)) * ((1 - c) * (1 - c)) * (1 - c)
      rest += weight * (1 - fifth)
      grazing += weight * fifth
    }
    return (rest / Double(count), grazing / Double(count))
  }

  /// Of unpolarised light; `eta`: index of the far side over that of the near one.
  package static func fresnel(_ cosine: Double, _ eta: Double) -> Double {
    ReferenceGlass.fresnel(cosine, eta: eta)
  }
}
