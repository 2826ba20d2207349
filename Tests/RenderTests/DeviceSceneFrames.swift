import Cryptography
import Imaging
import Kernels
import Render
import SceneModel

/// Frame scenes made by hand.
enum DeviceSceneFrames {
  typealias Placement = Transform<ObjectSpace, WorldSpace>

  static let inPlace = Placement(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: .zero)

  /// One triangle in the xy plane, front towards +Z, area 0.5.
  static func triangle(material: Int = 0) -> Scene.Primitive {
    Scene.Primitive(
      positions: [[0, 0, 0], [1, 0, 0], [0, 1, 0]], normals: [[0, 0, 1], [0, 0, 1], [0, 0, 1]],
      uvs: [[0, 0], [1, 0], [0, 1]], indices: [0, 1, 2], material: material)
  }

  /// The view from (0, 0, `distance`) towards -Z.
  static func view(distance: Float = 5, yFovRad: Float = 0.8) -> FrameScene.View {
    FrameScene.View(
      worldFromCamera: Transform(
        xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: [0, 0, distance]),
      yFovRad: yFovRad)
  }

  static func frame(
    _ primitives: [Scene.Primitive] = [triangle()], materials: [Scene.Material] = [Scene.Material()],
    placements: [(primitive: Int, Placement)] = [(0, inPlace)], textures: [Scene.Texture] = [],
    images: [Scene.Image] = [], environment: Scene.Environment? = nil
  ) -> FrameScene {
    let scene = Scene(
      nodes: [], meshes: [], primitives: primitives, materials: materials, textures: textures, images: images,
      environment: environment)
    return FrameScene(
      scene: scene,
      instances: placements.map { FrameScene.Instance(primitive: $0.primitive, worldFromObject: $0.1) },
      view: view())
  }

  /// A .hdr file with those texels, three floats each.
  static func environment(
    width: Int, height: Int, strength: Float = 1, rotationDeg: Float = 0, _ rgb: [Float]
  ) -> Scene.Environment {
    let bytes = RadianceHDR.encode(HDRImage(width: width, height: height, rgb: rgb))
    return Scene.Environment(source: "sky.hdr", bytes: bytes, strength: strength, rotationDeg: rotationDeg)
  }

  /// A PNG of 2 x 2: ff0000ff 00800040 / 01020304 fafbfcfd.
  static let png: [UInt8] = [UInt8](hex: pngHex) ?? []
  private static let pngHex =
    "89504e470d0a1a0a0000000d494844520000000200000002080600000072b60d240000001a4944415478da63f8"
    + "cfc0f09fa181c18181918999e5d7ef3f7f01317d06b7015b56de0000000049454e44ae426082"
}
