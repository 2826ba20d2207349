/// Published tone curves. Input: linear Rec.709, 0 ... 65504.
enum ToneMap {
  /// AgX, minimal fit: B. Wrensch, "Minimal AgX Implementation", iolite-engine.com, 2023. The result is
  /// encoded for an sRGB display already.
  static func agx(_ linear: SIMD3<Float>) -> SIMD3<Float> {
    let inset = agxInset(linear)
    let minEV: Float = -12.47393
    let maxEV: Float = 4.026069
    var log = SIMD3(log2(inset.x), log2(inset.y), log2(inset.z))
    log = log.clamped(lowerBound: SIMD3(repeating: minEV), upperBound: SIMD3(repeating: maxEV))
    let x = (log - minEV) / (maxEV - minEV)
    let x2 = x * x
    let x4 = x2 * x2
    let high = 15.5 * x4 * x2 - 40.14 * x4 * x + 31.96 * x4
    let low = -6.868 * x2 * x + 0.4298 * x2 + 0.1191 * x - 0.00232
    return agxOutset(high + low).clamped(lowerBound: .zero, upperBound: .one)
  }

  private static func agxInset(_ c: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3<Float>(0.842479062253094, 0.0423282422610123, 0.0423756549057051) * c.x
      + SIMD3<Float>(0.0784335999999992, 0.878468636469772, 0.0784336) * c.y
      + SIMD3<Float>(0.0792237451477643, 0.0791661274605434, 0.879142973793104) * c.z
  }

  private static func agxOutset(_ c: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3<Float>(1.19687900512017, -0.0528968517574562, -0.0529716355144438) * c.x
      + SIMD3<Float>(-0.0980208811401368, 1.15190312990417, -0.0980434501171241) * c.y
      + SIMD3<Float>(-0.0990297440797205, -0.0989611768448433, 1.15107367264116) * c.z
  }

  /// ACES: S. Hill's fit of the reference rendering transform and the sRGB output transform, in
  /// TheRealMJP/BakingLab, ACES.hlsl, 2016. The result is linear.
  static func acesHill(_ linear: SIMD3<Float>) -> SIMD3<Float> {
    let v =
      SIMD3<Float>(0.59719, 0.07600, 0.02840) * linear.x + SIMD3<Float>(0.35458, 0.90834, 0.13383) * linear.y
      + SIMD3<Float>(0.04823, 0.01566, 0.83777) * linear.z
    let a = v * (v + 0.0245786) - 0.000090537
    let b = v * (0.983729 * v + 0.4329510) + 0.238081
    let fit = a / b
    return SIMD3<Float>(1.60475, -0.10208, -0.00327) * fit.x + SIMD3<Float>(-0.53108, 1.10813, -0.07276)
      * fit.y
      + SIMD3<Float>(-0.07367, -0.00605, 1.07602) * fit.z
  }

  /// Khronos PBR Neutral: KhronosGroup/ToneMapping, PBR_Neutral, 2024. The result is linear, at most 1.
  static func pbrNeutral(_ linear: SIMD3<Float>) -> SIMD3<Float> {
    let startCompression: Float = 0.8 - 0.04
    let desaturation: Float = 0.15
    let least = linear.min()
    let offset = least < 0.08 ? least - 6.25 * least * least : 0.04
    let colour = linear - offset
    let peak = colour.max()
    if peak < startCompression { return colour }
    let range = 1 - startCompression
    let newPeak = 1 - range * range / (peak + range - startCompression)
    let compressed = colour * (newPeak / peak)
    let whiteness = 1 - 1 / (desaturation * (peak - newPeak) + 1)
    return compressed * (1 - whiteness) + newPeak * whiteness
  }

  /// Binary logarithm; 0 gives -infinity.
  static func log2(_ x: Float) -> Float { x > 0 ? Float(Elementary.log2(Double(x))) : -.infinity }
}
