import Imaging
import Kernels
import Render
import SceneModel
import Testing

/// Images become texels side by side, each at its place.
@Suite struct TextureDecodingTests {
  private typealias Frames = DeviceSceneFrames

  /// An image of its number, of another size than the others.
  private static func image(_ number: Int) -> Scene.Image {
    let (width, height) = (1 + number % 7, 1 + number % 5)
    let texels: [UInt8] = (0..<width * height).flatMap { [UInt8(number), UInt8($0), 7, 255] }
    var image = PNGTexture.image(width: width, height: height, texels)
    image.source = "\(number).png"
    return image
  }

  /// Each image as one material's base colour, in that order.
  private static func frame(_ images: [Scene.Image], order: [Int]) -> FrameScene {
    Frames.frame(
      materials: order.map { Scene.Material(baseColorTexture: Scene.TextureUse($0)) },
      textures: images.indices.map { Scene.Texture(image: $0) }, images: images)
  }

  @Test func `every image lies where its texture says, in the order of the materials`() throws {
    let images = (0..<60).map(Self.image)
    let order = (0..<60).map { $0 * 7 % 60 }
    let scene = try DeviceScene(Self.frame(images, order: order))
    var first = 0
    for (texture, number) in zip(scene.textures, order) {
      let size = (1 + number % 7) * (1 + number % 5)
      #expect(Int(texture.first_texel) == first && Int(texture.width * texture.height) == size)
      for i in 0..<size {
        #expect(scene.texels[first + i] == 0xff07_0000 | UInt32(i) << 8 | UInt32(number), "\(number), \(i)")
      }
      first += size
    }
    #expect(scene.texels.count == first)
  }

  @Test func `of several broken images the one that a material names first is named`() throws {
    var images = (0..<12).map(Self.image)
    for broken in [3, 5, 9] { images[broken].bytes.removeLast(20) }
    for order in [[1, 9, 2, 5, 3], [5, 3, 9, 1], [0, 3, 9, 5]] {
      #expect {
        _ = try DeviceScene(Self.frame(images, order: order))
      } throws: { error in
        guard case .image(let source, _)? = error as? DeviceSceneError else { return false }
        return source == "\(order.first { [3, 5, 9].contains($0) } ?? -1).png"
      }
    }
    #expect(try DeviceScene(Self.frame(images, order: [0, 1, 2, 4])).textures.count == 4)
  }

  @Test func `images too large together are refused by their headers`() {
    // Nine times 2^27 texels, of which none is there.
    let images = [Scene.Image](repeating: PNGTexture.empty(width: 16384, height: 8192), count: 9)
    #expect {
      _ = try DeviceScene(Self.frame(images, order: Array(images.indices)))
    } throws: { error in
      guard case .tooManyTexels(let count, let limit)? = error as? DeviceSceneError else { return false }
      return count == 9 << 27 && limit == 1 << 30
    }
  }
}
