import Imaging
import Kernels
import SceneModel

/// All uses of textures by materials: each image decoded once, its texels shared by the uses of it.
struct TextureTable {
  /// Most texels over all images: 4 GiB.
  static let texelCountMax = 1 << 30

  /// How a texel's red, green and blue become numbers.
  enum Decoding: Int32 { case srgb = 0, linear = 256 }

  private(set) var textures: [DeviceTexture] = []
  /// 0xAABBGGRR.
  private(set) var texels: [UInt32] = []

  private struct Key: Hashable {
    var use: Scene.TextureUse
    var decoding: Decoding
  }
  private let scene: Scene
  private var known: [Key: Int32] = [:]
  /// Of images: texels and sides.
  private var decoded: [Int: DeviceTexture] = [:]

  init(_ scene: Scene) { self.scene = scene }

  /// Index in `textures` of a use; `noTexture` for none.
  mutating func index(
    _ use: Scene.TextureUse?, _ decoding: Decoding
  ) throws(DeviceSceneError) -> Int32 {
    guard let use else { return DeviceScene.noTexture }
    let key = Key(use: use, decoding: decoding)
    if let index = known[key] { return index }
    let texture = scene.textures[use.texture]
    var entry = try image(texture.image)
    entry.wrap_s = texture.wrapS.rawValue
    entry.wrap_t = texture.wrapT.rawValue
    entry.nearest = texture.nearest ? 1 : 0
    entry.decoding = decoding.rawValue
    entry.uv_set = Int32(use.uvSet)
    entry.place_u = (use.uAxis.x, use.vAxis.x, use.offset.x)
    entry.place_v = (use.uAxis.y, use.vAxis.y, use.offset.y)
    textures.append(entry)
    known[key] = Int32(textures.count - 1)
    return Int32(textures.count - 1)
  }

  private mutating func image(_ index: Int) throws(DeviceSceneError) -> DeviceTexture {
    if let known = decoded[index] { return known }
    let image = scene.images[index]
    let pixels: DecodedImage
    do throws(ImagingError) { pixels = try ImageDecoder.decode(image.bytes) } catch {
      throw .image(source: image.source, reason: error)
    }
    let count = pixels.width * pixels.height
    guard texels.count + count <= TextureTable.texelCountMax else {
      throw .tooManyTexels(count: texels.count + count, limit: TextureTable.texelCountMax)
    }
    var entry = DeviceTexture()
    entry.first_texel = UInt32(texels.count)
    entry.width = Int32(pixels.width)
    entry.height = Int32(pixels.height)
    texels.reserveCapacity(texels.count + count)
    pixels.rgba8.withUnsafeBytes { raw in
      for i in 0..<count {
        texels.append(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))
      }
    }
    decoded[index] = entry
    return entry
  }
}
