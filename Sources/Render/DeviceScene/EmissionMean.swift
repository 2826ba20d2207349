import Kernels

/// Mean radiance of emissive triangles, textures included: how strong a light is in the choice among all. A
/// black spot or a hot one between the places looked at costs noise, never light.
struct EmissionMean {
  let materials: [DeviceMaterial]
  private let textures: [DeviceTexture]
  private let texels: DeviceArray<UInt32>

  init(_ array: MaterialArray) {
    materials = array.materials
    textures = array.textures.textures
    texels = array.textures.texels
  }

  /// Whether a texture decides what the material emits.
  func isTextured(_ material: DeviceMaterial) -> Bool { material.texture.3 >= 0 }

  /// Over the triangle: the factor times the mean of the nearest texels at the middles of n^2 equal parts, n
  /// as the triangle's extent in the image asks for, at most 32.
  func mean(_ triangle: SceneTriangle) -> (Float, Float, Float) {
    let material = materials[Int(triangle.material)]
    guard isTextured(material) else { return material.emission }
    let texture = textures[Int(material.texture.3)]
    let (a, b, c) = corners(triangle, texture)
    let (ab, ac) = (b - a, c - a)
    let area = 0.5 * abs(ab.x * ac.y - ab.y * ac.x)
    let parts = area < 512 ? max(1, Int((2 * area).squareRoot().rounded(.up))) : 32
    let step = 1 / Double(parts)
    var sum = SIMD3<Double>.zero
    var count = 0.0
    for i in 0..<parts {
      for j in 0..<parts - i {
        // The part itself, and the one beyond its long edge.
        for third in 1...(i + j + 1 < parts ? 2 : 1) {
          let (u, v) = (Double(i) + Double(third) / 3, Double(j) + Double(third) / 3)
          sum += texel(texture, a + ab * (u * step) + ac * (v * step))
          count += 1
        }
      }
    }
    return (SIMD3<Double>(material.emission) * (sum / count)).tuple
  }

  /// The vertices in the image, in texels.
  private func corners(
    _ triangle: SceneTriangle, _ texture: DeviceTexture
  ) -> (SIMD2<Double>, SIMD2<Double>, SIMD2<Double>) {
    let uv = triangle.uv(ofSet: texture.uv_set)
    let (u, v) = (SIMD3<Double>(texture.place_u), SIMD3<Double>(texture.place_v))
    func corner(_ at: (Float, Float)) -> SIMD2<Double> {
      let place = SIMD3(Double(at.0), Double(at.1), 1)
      return SIMD2(u.dot(place) * Double(texture.width), v.dot(place) * Double(texture.height))
    }
    return (corner(uv.0), corner(uv.1), corner(uv.2))
  }

  /// Colour of the texel at a place in texels, linear; places far outside count as the first texel.
  private func texel(_ texture: DeviceTexture, _ place: SIMD2<Double>) -> SIMD3<Double> {
    let x = EmissionMean.wrapped(place.x, Int(texture.width), texture.wrap_s)
    let y = EmissionMean.wrapped(place.y, Int(texture.height), texture.wrap_t)
    let bits = texels[Int(texture.first_texel) + y * Int(texture.width) + x]
    func linear(_ code: UInt32) -> Double {
      texture.decoding == 0 ? Double(DeviceScene.srgbToLinear[Int(code)]) : Double(code) / 255
    }
    return SIMD3(linear(bits & 255), linear(bits >> 8 & 255), linear(bits >> 16 & 255))
  }

  /// Repeat, clamp or mirror.
  private static func wrapped(_ x: Double, _ count: Int, _ wrap: Int32) -> Int {
    guard abs(x) < 1e9 else { return 0 }
    let i = Int(x.rounded(.down))
    if wrap == 1 { return min(max(i, 0), count - 1) }
    let period = wrap == 2 ? 2 * count : count
    let folded = ((i % period) + period) % period
    return folded < count ? folded : period - 1 - folded
  }
}
