import Foundation
import Imaging
import TestSupport
import Testing

/// Views against their published formulas, written out again in double precision with the system's functions.
struct ViewTransformTests {
  static let colours: [SIMD3<Float>] = {
    var random = Seeded(seed: 60)
    let fixed: [SIMD3<Float>] = [.zero, .one, SIMD3(repeating: 0.18), SIMD3(1, 0, 0), SIMD3(0, 0, 65504)]
    return fixed
      + (0..<2000).map { _ in
        let scale = exp2(Float.random(in: -12...8, using: &random))
        return SIMD3(
          .random(in: 0...1, using: &random), .random(in: 0...1, using: &random),
          .random(in: 0...1, using: &random))
          * scale
      }
  }()

  static func srgb(_ x: Double) -> Double {
    let x = min(max(x, 0), 1)
    return x <= 0.003_130_8 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055
  }

  static func multiply(_ rows: [[Double]], _ v: [Double]) -> [Double] {
    rows.map { row in zip(row, v).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  static func expected(_ view: ViewTransform, _ c: SIMD3<Float>) -> [Double] {
    let v = [Double(c.x), Double(c.y), Double(c.z)]
    switch view {
    case .raw: return v.map { min($0, 1) }
    case .standard: return v.map(srgb)
    case .agx: return agx(v)
    case .aces: return aces(v).map(srgb)
    case .pbrNeutral: return pbrNeutral(v).map(srgb)
    }
  }

  static func agx(_ v: [Double]) -> [Double] {
    let inset = multiply(
      [
        [0.842479062253094, 0.0784335999999992, 0.0792237451477643],
        [0.0423282422610123, 0.878468636469772, 0.0791661274605434],
        [0.0423756549057051, 0.0784336, 0.879142973793104],
      ], v)
    let curve = inset.map { value -> Double in
      let x = (min(max(log2(value), -12.47393), 4.026069) + 12.47393) / (4.026069 + 12.47393)
      return 15.5 * pow(x, 6) - 40.14 * pow(x, 5) + 31.96 * pow(x, 4) - 6.868 * pow(x, 3) + 0.4298 * x * x
        + 0.1191 * x - 0.00232
    }
    return multiply(
      [
        [1.19687900512017, -0.0980208811401368, -0.0990297440797205],
        [-0.0528968517574562, 1.15190312990417, -0.0989611768448433],
        [-0.0529716355144438, -0.0980434501171241, 1.15107367264116],
      ], curve
    ).map { min(max($0, 0), 1) }
  }

  static func aces(_ v: [Double]) -> [Double] {
    let inset = multiply(
      [[0.59719, 0.35458, 0.04823], [0.076, 0.90834, 0.01566], [0.0284, 0.13383, 0.83777]], v)
    let fit = inset.map {
      ($0 * ($0 + 0.0245786) - 0.000090537) / ($0 * (0.983729 * $0 + 0.432951) + 0.238081)
    }
    return multiply(
      [[1.60475, -0.53108, -0.07367], [-0.10208, 1.10813, -0.00605], [-0.00327, -0.07276, 1.07602]], fit)
  }

  static func pbrNeutral(_ v: [Double]) -> [Double] {
    let x = v.reduce(.infinity, min)
    let offset = x < 0.08 ? x - 6.25 * x * x : 0.04
    let shifted = v.map { $0 - offset }
    let peak = shifted.reduce(0, max)
    if peak < 0.76 { return shifted }
    let newPeak = 1 - 0.24 * 0.24 / (peak + 0.24 - 0.76)
    let g = 1 / (0.15 * (peak - newPeak) + 1)
    return shifted.map { $0 * newPeak / peak * g + newPeak * (1 - g) }
  }

  @Test(arguments: ViewTransform.allCases)
  func `a view is its published formula`(view: ViewTransform) {
    for colour in ViewTransformTests.colours {
      let found = view.display(colour)
      let expected = ViewTransformTests.expected(view, colour)
      for channel in 0..<3 {
        #expect(abs(Double(found[channel]) - expected[channel]) < 3e-5, "\(colour)")
      }
    }
  }

  @Test(arguments: ViewTransform.allCases)
  func `gray stays between black and white, and brighter is never darker`(view: ViewTransform) {
    var last: Float = -1
    for bits in UInt16(0)...Half.maxBits {
      let shown = view.display(SIMD3(repeating: Half.float(bits)))
      #expect(shown.min() >= 0 && shown.max() <= 1)
      // AgX's polynomial has a dip of a few thousandths at its ends.
      #expect(shown.y >= last - 0.004, "\(Half.float(bits))")
      last = max(last, shown.y)
    }
    #expect(view.display(.zero).max() < 0.002)
    #expect(view.display(SIMD3(repeating: 65504)).min() > 0.99)
  }

  @Test func `PBR neutral keeps the colour of dielectrics under its shoulder`() {
    // Base colour plus 4% reflection in, base colour out: the specification's purpose.
    let base = SIMD3<Float>(0.5, 0.25, 0.125)
    let shown = ViewTransform.pbrNeutral.display(base + 0.04)
    let plain = ViewTransform.standard.display(base)
    #expect((shown - plain).max() < 1e-6 && (plain - shown).max() < 1e-6)
  }

  @Test func `infinite light is white, not undefined`() {
    for view in ViewTransform.allCases {
      #expect(view.display(SIMD3(repeating: .infinity)).min() > 0.99)
    }
  }
}
