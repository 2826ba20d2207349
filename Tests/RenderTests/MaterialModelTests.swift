import Foundation
import Kernels
import Render
import SceneModel
import Testing

/// The material model: energy, sampling, and values known otherwise.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct MaterialModelTests {
  private typealias Make = ModelMaterials
  private static let roughnesses: [Float] = [0, 0.1, 0.25, 0.45, 0.7, 1]
  private static let cosines: [Float] = [1, 0.6, 0.15]

  /// Mean weight of sampled directions: how much white light the material gives back, and its error.
  private func albedo(_ answers: [MaterialProbe.Answer]) -> (mean: Double, error: Double) {
    var (sum, squares) = (0.0, 0.0)
    for answer in answers {
      let weight = answer.weight.x
      sum += weight
      squares += weight * weight
    }
    let mean = sum / Double(answers.count)
    let variance = max(0, squares / Double(answers.count) - mean * mean)
    return (mean, (variance / Double(answers.count)).squareRoot())
  }

  @Test func `white in a white furnace stays white, lobe by lobe and layer by layer`() throws {
    let probe = try MaterialProbe()
    for roughness in Self.roughnesses {
      let materials = [
        ("dielectric", Make.plain(roughness: roughness)),
        ("metal", Make.plain(metallic: 1, roughness: roughness)),
        ("sheet", Make.sheet(roughness: roughness)), ("glass", Make.glass(roughness: roughness)),
        ("dense glass", Make.glass(roughness: roughness, ior: 2.4)),
        ("coated plaster", Make.coated(Make.plain(roughness: 1), roughness: roughness)),
        ("coated metal", Make.coated(Make.plain(metallic: 1, roughness: roughness), roughness: 0)),
      ]
      for (name, material) in materials {
        for cosine in Self.cosines {
          for front in name.hasSuffix("glass") ? [true, false] : [true] {
            let answers = try probe.samples(
              material, out: Make.viewer(cosine), front: front, count: 1 << 13)
            let (mean, error) = albedo(answers)
            let margin = 0.006 + 4 * error
            #expect(abs(mean - 1) < margin, "\(name) \(roughness) \(cosine) \(front): \(mean) +- \(error)")
          }
        }
      }
    }
  }

  @Test func `no material gives more than it gets`() throws {
    let probe = try MaterialProbe()
    for roughness: Float in [0, 0.15, 0.4, 0.7, 1] {
      for strength: Float in [0.3, 0.7, 1] {
        for cosine in Self.cosines {
          for turns: Float in [0, 0.125, 0.225, 0.25] {
            let material = Make.stretched(strength, roughness: roughness)
            let (mean, error) = albedo(
              try probe.samples(material, out: Make.viewer(cosine, turns: turns), count: 1 << 12))
            // The table is exact along and across the stretch alone.
            let most = turns == 0.225 ? 1.07 : 1.003
            #expect(
              mean < most + 4 * error && mean > 0.95 - 4 * error,
              "\(roughness) \(strength) \(cosine) \(turns): \(mean)")
          }
          let half = Make.coated(
            Make.plain(metallic: 0.5, roughness: roughness), cover: 0.5, roughness: strength)
          let (mean, error) = albedo(try probe.samples(half, out: Make.viewer(cosine), count: 1 << 12))
          #expect(
            mean < 1.006 + 4 * error && mean > 0.97 - 4 * error,
            "\(roughness) \(strength) \(cosine): \(mean)")
        }
      }
    }
  }

  private static let samplers: [(String, Scene.Material, Bool)] = [
    (
      "lambert",
      {
        var m = Make.plain(roughness: 1); m.specular.factor = 0; return m
      }(), true
    ),
    ("dielectric", Make.plain(0.5, roughness: 0.6), true),
    ("metal", Make.plain(metallic: 1, roughness: 0.7), true),
    ("stretched", Make.stretched(0.8, roughness: 0.6), true),
    ("sheet", Make.sheet(roughness: 0.7), true),
    ("glass from outside", Make.glass(roughness: 0.8), true),
    ("glass from inside", Make.glass(roughness: 0.8), false),
    ("coated", Make.coated(Make.plain(0.3, roughness: 0.9), roughness: 0.7), true),
  ]

  @Test(arguments: samplers) func `directions are drawn with the density that is claimed`(
    name: String, material: Scene.Material, front: Bool
  ) throws {
    let probe = try MaterialProbe()
    for cosine: Float in [0.9, 0.4] {
      let out = Make.viewer(cosine)
      let (cells, fine) = (16, 16 * 16)
      var expected = [Double](repeating: 0, count: cells * cells)
      func cell(_ d: SIMD3<Double>) -> Int {
        let row = min(max(Int((d.z + 1) / 2 * Double(cells)), 0), cells - 1)
        let turns = atan2(d.y, d.x) / (2 * .pi)
        return row * cells + min(Int((turns < 0 ? turns + 1 : turns) * Double(cells)), cells - 1)
      }
      let solidAngle = 4 * Double.pi / Double(fine * fine)
      for answer in try probe.sphere(material, out: out, front: front, columns: fine) {
        expected[cell(answer.direction)] += answer.density * solidAngle
      }
      let count = 1 << 16
      var found = [Double](repeating: 0, count: cells * cells)
      for answer in try probe.samples(material, out: out, front: front, count: count)
      where answer.direction.z != 0 {
        found[cell(answer.direction)] += 1
      }
      var (chiSquare, freedom) = (0.0, 0.0)
      for (e, f) in zip(expected, found) where e * Double(count) > 12 {
        // Quadrature's error is below a hundredth of a cell.
        let variance = e * Double(count) + 1e-4 * (e * Double(count)) * (e * Double(count))
        chiSquare += (f - e * Double(count)) * (f - e * Double(count)) / variance
        freedom += 1
      }
      #expect(freedom > 30)
      #expect(
        chiSquare < freedom + 5 * (2 * freedom).squareRoot(), "\(name) \(cosine): \(chiSquare) \(freedom)")
    }
  }

  @Test(arguments: samplers) func `kernel and reference are one model`(
    name: String, material: Scene.Material, front: Bool
  ) throws {
    let probe = try MaterialProbe()
    let out = Make.viewer(0.6)
    var truth = ReferenceMaterial()
    let alpha = Double(material.roughness * material.roughness)
    let strength = Double(material.anisotropy.strength)
    truth.base = SIMD3(repeating: Double(material.baseColor.x))
    truth.metallic = Double(material.metallic)
    truth.alpha = (alpha + (1 - alpha) * strength * strength, alpha)
    truth.specular.factor = Double(material.specular.factor)
    truth.transmission = (Double(material.transmission.factor), material.transmission.volume != nil)
    truth.isFront = front
    let coat = Double(material.clearcoat.roughness)
    truth.coat = (Double(material.clearcoat.factor), coat * coat)
    let bsdf = ReferenceBSDF(truth, out: SIMD3(Double(out.x), Double(out.y), Double(out.z)))
    for answer in try probe.sphere(material, out: out, front: front, columns: 32) {
      let expected = bsdf.value(answer.direction)
      let scale = 1e-3 * max(expected.max(), 0.01)
      #expect(abs(answer.value.x - expected.x) < scale, "\(name) \(answer.direction): \(answer) \(expected)")
    }
  }

  @Test func `smooth glass bends light by Snell's law and splits it by Fresnel's`() throws {
    let probe = try MaterialProbe()
    for (front, eta) in [(true, 1.5), (false, 1 / 1.5)] {
      for cosine: Float in [1, 0.9, 0.76, 0.3] {
        let out = Make.viewer(cosine)
        let answers = try probe.samples(Make.glass(roughness: 0), out: out, front: front, count: 1 << 14)
        let sine = Double(1 - cosine * cosine).squareRoot()
        let bent = sine / eta
        let passing = answers.filter { $0.direction.z < 0 }
        for answer in answers {
          #expect(answer.smooth != nil)
          let (d, o) = (answer.direction, SIMD3(Double(out.x), Double(out.y), Double(out.z)))
          let expected =
            d.z < 0
            ? SIMD3(-o.x / eta, -o.y / eta, -(1 - bent * bent).squareRoot()) : SIMD3(-o.x, -o.y, o.z)
          #expect(((d - expected) * (d - expected)).sum() < 1e-11)
        }
        let reflectance = 1 - Double(passing.count) / Double(answers.count)
        let far = bent < 1 ? (1 - bent * bent).squareRoot() : 0
        let (c, s) = (Double(cosine), (Double(cosine) - eta * far) / (Double(cosine) + eta * far))
        let p = (eta * c - far) / (eta * c + far)
        let exact = bent < 1 ? (s * s + p * p) / 2 : 1
        #expect(abs(reflectance - exact) < 0.012, "\(front) \(cosine): \(reflectance), \(exact)")
      }
    }
  }

  @Test func `albedos are those that other sampling gives, and the known ones`() {
    // Heitz 2014's form at alpha = 1 from straight above: 1 - ln 2.
    let (a, b) = ReferenceAlbedo.facets(cosine: 1, alpha: 1)
    #expect(abs(a + b - (1 - log(2))) < 2e-3)
    var random = ReferenceRandom(seed: 5)
    for (cosine, alpha) in [(0.9, 0.25), (0.5, 0.5), (0.25, 0.36), (0.6, 1.0), (0.15, 0.1)] {
      let facets = ReferenceAlbedo.facets(cosine: cosine, alpha: alpha)
      let other = ReferenceAlbedo.byNormals(cosine: cosine, alpha: alpha, &random)
      // The other way's standard error is at most 0.0034; the second part's, 0.0005.
      #expect(abs(facets.0 - other.0) < 0.013 && abs(facets.1 - other.1) < 3e-3, "\(cosine) \(alpha)")
    }
  }

  @Test func `Fresnel's reflectance has its known values and means`() {
    // At Brewster's angle one polarisation vanishes; diffuse light: Egan & Hilgeman 1979, table for n = 1.5.
    let brewster = 1 / (1 + 1.5 * 1.5).squareRoot()
    #expect(abs(ReferenceAlbedo.fresnel(brewster, 1.5) - 0.5 * pow(1.25 / 3.25, 2)) < 1e-9)
    #expect(abs(ReferenceAlbedo.fresnel(1, 1.5) - 0.04) < 1e-12)
    for (eta, diffuse) in [(1.5, 0.0918), (1 / 1.5, 0.5963)] {
      let steps = 20_000
      let mean = (0..<steps).reduce(0.0) { sum, i in
        let c = (Double(i) + 0.5) / Double(steps)
        return sum + 2 * c * ReferenceAlbedo.fresnel(c, eta) / Double(steps)
      }
      #expect(abs(mean - diffuse) < 5e-4, "\(eta): \(mean)")
    }
  }

  @Test func `a body takes light by the law of Beer and Lambert`() throws {
    // Index 1: nothing is reflected or bent; 2 m thick in the middle.
    var material = Make.glass(roughness: 0, ior: 1)
    material.transmission.volume?.attenuationColor = [0.5, 0.25, 1]
    material.transmission.volume?.attenuationDistanceM = 1
    let body = [
      KernelScenes.quad([-9, -9, 1], [18, 0, 0], [0, 18, 0], material: 0),
      KernelScenes.quad([-9, -9, -1], [0, 18, 0], [18, 0, 0], material: 0),
    ]
    let white = DeviceSceneFrames.environment(width: 4, height: 2, [Float](repeating: 1, count: 24))
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    try renderer.load(
      try KernelScenes.scene(body, materials: [material], environment: white, yFovRad: 0.002))
    let sums = try renderer.render(
      rect: .init(x: 0, y: 0, width: 4, height: 4), samples: 0..<4,
      settings: KernelScenes.settings(width: 4, height: 4, maxDepth: 4))
    for (channel, expected) in [0.25, 0.0625, 1].enumerated() {
      #expect(abs(sums.mean(channel: channel) - expected) < 1e-5)
    }
  }
}
