import Imaging
import Kernels
import SceneModel

/// All textures of a scene: each image decoded once, its texels shared by the textures that use it.
struct TextureTable {
  /// Most texels over all images: 4 GiB.
  static let texelCountMax = 1 << 30

  private(set) var textures: [DeviceTexture] = []
  /// 0xAABBGGRR.
  private(set) var texels: [UInt32] = []

  init(_ scene: Scene) throws(DeviceSceneError) {
    var decoded: [Int: DeviceTexture] = [:]
    for texture in scene.textures {
      var entry: DeviceTexture
      if let known = decoded[texture.image] {
        entry = known
      } else {
        entry = try append(scene.images[texture.image])
        decoded[texture.image] = entry
      }
      entry.wrap_s = texture.wrapS.rawValue
      entry.wrap_t = texture.wrapT.rawValue
      entry.nearest = texture.nearest ? 1 : 0
      textures.append(entry)
    }
  }

  private mutating func append(_ image: Scene.Image) throws(DeviceSceneError) -> DeviceTexture {
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
    for i in 0..<count {
      let red = UInt32(pixels.rgba8[4 * i])
      let green = UInt32(pixels.rgba8[4 * i + 1])
      let blue = UInt32(pixels.rgba8[4 * i + 2])
      let alpha = UInt32(pixels.rgba8[4 * i + 3])
      texels.append(red | green << 8 | blue << 16 | alpha << 24)
    }
    return entry
  }
}
