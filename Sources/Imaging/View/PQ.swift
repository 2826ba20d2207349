/// The perceptual quantiser of HDR displays (SMPTE ST 2084; ITU-R BT.2100, table 4), for BT.2020 primaries.
package enum PQ {
  /// Luminance of radiance 1, cd/m2: reference white (ITU-R BT.2408).
  static let whiteNits = 203.0

  /// Linear Rec.709 (1 is reference white) to encoded BT.2020, 0 ... 1; what a display cannot show is clipped
  /// at 10,000 cd/m2.
  package static func encode(_ linear: SIMD3<Float>) -> SIMD3<Float> {
    // ITU-R BT.2087, section 2.
    let (r, g, b) = (Double(linear.x), Double(linear.y), Double(linear.z))
    let wide = [
      0.6274 * r + 0.3293 * g + 0.0433 * b, 0.0691 * r + 0.9195 * g + 0.0114 * b,
      0.0164 * r + 0.0880 * g + 0.8956 * b,
    ].map { Float(signal(nits: whiteNits * $0)) }
    return SIMD3(wide[0], wide[1], wide[2])
  }

  /// The signal for a luminance, 0 ... 1.
  package static func signal(nits: Double) -> Double {
    let y = Elementary.power(min(max(nits / 10_000, 0), 1), 2610.0 / 16_384)
    return Elementary.power((0.835_937_5 + 18.851_562_5 * y) / (1 + 18.6875 * y), 2523.0 / 32)
  }

  /// The code points of the PNG cICP chunk (ITU-T H.273): BT.2020 primaries, PQ, RGB, full range.
  static let cicp: [UInt8] = [9, 16, 0, 1]
}
