import Imaging
import Kernels
import SceneModel

/// All uses of textures by materials: each image decoded once, its texels shared by the uses of it.
struct TextureTable: Sendable {
  /// Most texels over all images: 4 GiB.
  static let texelCountMax = 1 << 30

  /// How a texel's red, green and blue become numbers.
  enum Decoding: Int32 { case srgb = 0, linear = 256 }

  private(set) var textures: [DeviceTexture] = []
  /// 0xAABBGGRR, image after image in the order in which materials name them.
  let texels: DeviceArray<UInt32>

  private struct Key: Hashable {
    var use: Scene.TextureUse
    var decoding: Decoding
  }
  private let scene: Scene
  private var known: [Key: Int32] = [:]
  /// Of images: where their texels are, and their sides.
  private let places: [Int: DeviceTexture]

  /// Decodes the images that materials use, on all cores, each to where it stays.
  init(_ scene: Scene) throws(DeviceSceneError) {
    self.scene = scene
    var (places, order, count) = ([Int: DeviceTexture](), [Int](), 0)
    for index in TextureTable.images(of: scene) where places[index] == nil {
      let place = try TextureTable.place(scene.images[index], first: count)
      places[index] = place
      order.append(index)
      count += Int(place.width) * Int(place.height)
      guard count <= TextureTable.texelCountMax else {
        throw .tooManyTexels(count: count, limit: TextureTable.texelCountMax)
      }
    }
    self.places = places
    let growing = GrowingDeviceArray<UInt32>(count: count)
    var failures = [DeviceSceneError?](repeating: nil, count: order.count)
    failures.withUnsafeMutableBufferPointer { failures in
      for run in TextureTable.sideBySide(order.compactMap { places[$0] }) {
        ParallelLoop.run(run.count) { i in
          let (at, index) = (run.lowerBound + i, order[run.lowerBound + i])
          failures[at] = TextureTable.decode(scene.images[index], places[index], into: growing.values)
        }
      }
    }
    for case .some(let failure) in failures { throw failure }
    texels = growing.finished()
  }

  /// Index in `textures` of a use; `noTexture` for none.
  mutating func index(_ use: Scene.TextureUse?, _ decoding: Decoding) -> Int32 {
    guard let use else { return DeviceScene.noTexture }
    let key = Key(use: use, decoding: decoding)
    if let index = known[key] { return index }
    let texture = scene.textures[use.texture]
    guard var entry = places[texture.image] else { preconditionFailure("no material uses \(use)") }
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

  /// Runs of images with no more texels than one may have: a decoder keeps up to six bytes of a progressive
  /// JPEG's, and there may be many cores.
  private static func sideBySide(_ places: [DeviceTexture]) -> [Range<Int>] {
    var (runs, first, count) = ([Range<Int>](), 0, 0)
    for (i, place) in places.enumerated() {
      let own = Int(place.width) * Int(place.height)
      if count + own > ImageDecoder.pixelsMax {
        runs.append(first..<i)
        (first, count) = (i, 0)
      }
      count += own
    }
    return runs + [first..<places.count]
  }

  /// Those that materials use, in their order; some several times.
  private static func images(of scene: Scene) -> [Int] {
    scene.materials.flatMap(\.textureSlots).compactMap { $0.use.map { scene.textures[$0.texture].image } }
  }

  private static func place(_ image: Scene.Image, first: Int) throws(DeviceSceneError) -> DeviceTexture {
    var place = DeviceTexture()
    do throws(ImagingError) {
      let (width, height) = try ImageDecoder.size(image.bytes)
      place.first_texel = UInt32(first)
      place.width = Int32(width)
      place.height = Int32(height)
    } catch {
      throw .image(source: image.source, reason: error)
    }
    return place
  }

  /// Writes an image's texels; what is wrong with it.
  private static func decode(
    _ image: Scene.Image, _ place: DeviceTexture?, into texels: UnsafeMutableBufferPointer<UInt32>
  ) -> DeviceSceneError? {
    guard let place else { return nil }
    let first = Int(place.first_texel)
    let own = texels[first..<first + Int(place.width) * Int(place.height)]
    do throws(ImagingError) {
      // Bytes in the file's order are the texel's number: every host of this farm is little-endian.
      try ImageDecoder.decode(
        image.bytes, into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: own)))
      return nil
    } catch {
      return .image(source: image.source, reason: error)
    }
  }
}
