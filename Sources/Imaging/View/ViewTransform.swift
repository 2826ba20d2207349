/// How scene-linear Rec.709 radiance becomes what a display shows.
public enum ViewTransform: String, CaseIterable, Sendable {
  /// The linear values themselves, clipped at 1: for data and comparisons.
  case raw
  /// The sRGB transfer function, clipped at 1.
  case standard
  /// AgX (T. Sobotka), in the minimal fit of B. Wrensch, "Minimal AgX Implementation", 2023, without a look.
  case agx
  /// The ACES reference rendering and sRGB output transforms in the fit of S. Hill (BakingLab, ACES.hlsl,
  /// 2016).
  case aces
  /// Khronos PBR Neutral tone mapper, specification of 2024: keeps base colours as authored up to 0.8 and
  /// compresses highlights only.
  case pbrNeutral = "pbr-neutral"

  /// What tools use when nothing is asked for: colours of products and characters look as authored.
  public static let `default` = ViewTransform.pbrNeutral

  /// The displayed value, 0 ... 1 a channel, of one linear colour (not premultiplied, exposure applied).
  package func display(_ linear: SIMD3<Float>) -> SIMD3<Float> {
    // Beyond the largest half there is nothing to tell apart, and infinity must not become NaN.
    let colour = linear.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 65504))
    switch self {
    case .raw: return colour.clamped(lowerBound: .zero, upperBound: .one)
    case .standard: return ViewTransform.srgb(colour)
    case .agx: return ToneMap.agx(colour)
    case .aces: return ViewTransform.srgb(ToneMap.acesHill(colour))
    case .pbrNeutral: return ViewTransform.srgb(ToneMap.pbrNeutral(colour))
    }
  }

  private static func srgb(_ linear: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(SRGB.encode(linear.x), SRGB.encode(linear.y), SRGB.encode(linear.z))
  }

  /// The code points of the PNG cICP chunk (ITU-T H.273): BT.709 primaries; linear or sRGB; RGB; full range.
  var cicp: [UInt8] { [1, self == .raw ? 8 : 13, 0, 1] }
}
