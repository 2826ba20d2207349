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

  /// Texture `slot` (TEXTURE_...) of a material there: red, green, blue, alpha; nil where it has none.
  func texel(_ material: DeviceMaterial, _ slot: Int32, _ place: ReferencePlace) -> SIMD4<Double>? {
    let index = withUnsafeBytes(of: material.texture) { $0.bindMemory(to: Int32.self)[Int(slot)] }
    guard index >= 0 else { return nil }
    let texture = scene.textures[Int(index)]
    let (s, t) = place.coordinates(scene, set: texture.uv_set)
    let (u, v) = (SIMD3<Double>(texture.place_u), SIMD3<Double>(texture.place_v))
    let at = SIMD3(s, t, 1)
    return texel(texture, u.dot(at), v.dot(at))
  }

  private func texel(_ texture: DeviceTexture, _ u: Double, _ v: Double) -> SIMD4<Double> {
    let (width, height) = (Int(texture.width), Int(texture.height))
    func texel(_ x: Int, _ y: Int) -> SIMD4<Double> {
      let column = ReferenceLookup.wrapped(x, width, texture.wrap_s)
      let row = ReferenceLookup.wrapped(y, height, texture.wrap_t)
      let bits = scene.texels[Int(texture.first_texel) + row * width + column]
      func decoded(_ code: UInt32) -> Double {
        Double(texture.decoding == 0 ? DeviceScene.srgbToLinear[Int(code)] : Float(code) / 255)
      }
      return SIMD4(
        decoded(bits & 255), decoded(bits >> 8 & 255), decoded(bits >> 16 & 255), Double(bits >> 24) / 255)
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
    _ s: Double, _ t: Double, _ texel: (Int, Int) -> SIMD4<Double>
  ) -> SIMD4<Double> {
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
    let found = ReferenceLookup.bilinear(around * Double(width) - 0.5, down * Double(height) - 0.5) { i, j in
      let row = min(max(j, 0), height - 1)
      let at = 3 * (row * width + ((i % width) + width) % width)
      let texels = scene.environmentRadiance
      return SIMD4(Double(texels[at]), Double(texels[at + 1]), Double(texels[at + 2]), 1)
    }
    return SIMD3(found.x, found.y, found.z)
  }
}

/// A place on a triangle, and what varies over it.
struct ReferencePlace {
  let triangle: SceneTriangle
  /// Of the vertices a, b, c.
  let weights: SIMD3<Double>

  init(_ triangle: SceneTriangle, _ hit: ReferenceHit) {
    self.triangle = triangle
    weights = SIMD3(1 - hit.weightB - hit.weightC, hit.weightB, hit.weightC)
  }

  /// Texture coordinates of a set.
  func coordinates(_ scene: DeviceScene, set: Int32) -> (u: Double, v: Double) {
    let (a, b, c) = triangle.uv(ofSet: set)
    return (
      SIMD3<Double>((a.0, b.0, c.0)).dot(weights), SIMD3<Double>((a.1, b.1, c.1)).dot(weights)
    )
  }

  /// A mean of values at the vertices.
  func blend(_ values: (SIMD4<Double>, SIMD4<Double>, SIMD4<Double>)) -> SIMD4<Double> {
    (values.0 * weights.x + values.1 * weights.y) + values.2 * weights.z
  }
}
