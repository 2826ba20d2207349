import Kernels
import SceneModel

/// Texture and environment look-ups, after the format's definitions.
struct ReferenceLookup: Sendable {
  private let scene: DeviceScene

  init(_ scene: DeviceScene) { self.scene = scene }

  /// Sine and cosine of a number of full turns, of unit length to double precision.
  static func sincos(turns: Double) -> (sin: Double, cos: Double) {
    let (s, c) = ExactMath.sincos(Float(2 * Double.pi * turns))
    let (sine, cosine) = (Double(s), Double(c))
    let length = (sine * sine + cosine * cosine).squareRoot()
    return (sine / length, cosine / length)
  }

  /// Base colour of a material at (u, v), linear.
  func baseColor(_ material: DeviceMaterial, u: Double, v: Double) -> SIMD3<Double> {
    let (r, g, b, _) = material.base_color
    let factor = SIMD3<Double>((r, g, b))
    guard material.base_color_texture >= 0 else { return factor }
    return factor * color(scene.textures[Int(material.base_color_texture)], u, v)
  }

  private func color(_ texture: DeviceTexture, _ u: Double, _ v: Double) -> SIMD3<Double> {
    let (width, height) = (Int(texture.width), Int(texture.height))
    func texel(_ x: Int, _ y: Int) -> SIMD3<Double> {
      let column = ReferenceLookup.wrapped(x, width, texture.wrap_s)
      let row = ReferenceLookup.wrapped(y, height, texture.wrap_t)
      let bits = scene.texels[Int(texture.first_texel) + row * width + column]
      let table = DeviceScene.srgbToLinear
      return SIMD3<Double>(
        (table[Int(bits & 255)], table[Int(bits >> 8 & 255)], table[Int(bits >> 16 & 255)]))
    }
    let (s, t) = (u * Double(width), v * Double(height))
    if texture.nearest != 0 { return texel(Int(s.rounded(.down)), Int(t.rounded(.down))) }
    return ReferenceLookup.bilinear(s - 0.5, t - 0.5, texel)
  }

  /// Index of the texel that repetition, clamping or mirroring puts there.
  private static func wrapped(_ i: Int, _ count: Int, _ wrap: Int32) -> Int {
    switch wrap {
    case 1: return min(max(i, 0), count - 1)
    case 2:
      let folded = ((i % (2 * count)) + 2 * count) % (2 * count)
      return folded < count ? folded : 2 * count - 1 - folded
    default: return ((i % count) + count) % count
    }
  }

  private static func bilinear(
    _ s: Double, _ t: Double, _ texel: (Int, Int) -> SIMD3<Double>
  ) -> SIMD3<Double> {
    let (x, y) = (s.rounded(.down), t.rounded(.down))
    let (right, below) = (s - x, t - y)
    let (i, j) = (Int(x), Int(y))
    let top = texel(i, j) * (1 - right) + texel(i + 1, j) * right
    let bottom = texel(i, j + 1) * (1 - right) + texel(i + 1, j + 1) * right
    return top * (1 - below) + bottom * below
  }

  /// Radiance that arrives from direction `d`, world space, unit length.
  func environment(_ d: SIMD3<Double>) -> SIMD3<Double> {
    let (width, height) = (Int(scene.header.environment_width), Int(scene.header.environment_height))
    guard width > 0 else { return .zero }
    let (c, s) = (Double(scene.header.environment_cos), Double(scene.header.environment_sin))
    // The image is turned by the angle about +Y; look it up with the direction turned back.
    let x = d.x * c - d.z * s
    let z = d.x * s + d.z * c
    let around = Double(ExactMath.atan2(Float(x), Float(-z))) / (2 * Double.pi) + 0.5
    let down = Double(ExactMath.atan2(Float((x * x + z * z).squareRoot()), Float(d.y))) / Double.pi
    return ReferenceLookup.bilinear(around * Double(width) - 0.5, down * Double(height) - 0.5) { i, j in
      let row = min(max(j, 0), height - 1)
      let at = 3 * (row * width + ((i % width) + width) % width)
      let texels = scene.environmentRadiance
      return SIMD3<Double>((texels[at], texels[at + 1], texels[at + 2]))
    }
  }
}
