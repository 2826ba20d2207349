import Cryptography
import Foundation
import Imaging
import SceneModel

/// A small scene made in code, as the glTF text that a user would write: the reader, the scene's preparation
/// and the kernels are all on the way from it to the bits.
package struct CanonicalScene: Sendable {
  /// A mesh and where it stands.
  package struct Object: Sendable {
    package var shape: CanonicalShape
    package var material: Int
    /// JSON members of one node each; several are instances. "" is the mesh as it is.
    package var nodes = [""]
  }

  /// What a failure is reported by: the code path that it is there for.
  package internal(set) var name: String
  package var objects: [Object] = []
  /// JSON objects, as are the following.
  package var materials: [String] = []
  var textures: [String] = []
  var samplers: [String] = []
  /// Nodes without a mesh, lights for instance.
  var nodes: [String] = []
  /// Members of the document's root, each with a comma before it.
  package var root = ""
  /// Members of the camera's node.
  package var cameraNode = "\"translation\": [0, 0, 4]"
  package var camera = "{\"type\": \"perspective\", \"perspective\": {\"yfov\": 0.8, \"znear\": 0.1}}"
  var hasSky = false
  var environmentRotationDeg: Float = 0
  var maxDepth = 8
  var filter = PixelFilter.box
  var isTransparent = false
  /// Beside colour.
  var layers: LayerSet = []
  /// Whether what is shown more than once keeps a hierarchy of its own.
  var isInstanced = false

  package init(_ name: String) { self.name = name }

  /// Image width and height, pixels.
  package static let sidePX = 48
  /// Samples of each pixel.
  package static let samples = 2

  /// What decides the bits besides the scene.
  package var settings: RenderSettings {
    RenderSettings(
      widthPX: CanonicalScene.sidePX, heightPX: CanonicalScene.sidePX,
      samplesPerPixel: CanonicalScene.samples,
      maxDepth: maxDepth, transparentBackground: isTransparent, seed: RenderSettings.seed(number: 3),
      frame: 1, filter: filter, layers: layers)
  }

  /// The scene as a device takes it.
  package func deviceScene() throws -> DeviceScene {
    var preparation = preparation
    return try preparation.prepare(frameScene())
  }

  /// The scene as it is read.
  package func frameScene() throws -> FrameScene {
    var overrides = SceneOverrides()
    overrides.environmentRotationDeg = environmentRotationDeg
    return try SceneReader.read("scene.gltf", from: files(), overrides: overrides)
      .frame(timeS: 0, camera: nil)
  }

  /// What prepares it.
  package var preparation: ScenePreparation {
    isInstanced ? ScenePreparation(copiesMax: 0) : ScenePreparation()
  }

  /// Adds a mesh.
  package mutating func add(_ shape: CanonicalShape, material: Int, nodes: [String] = [""]) {
    objects.append(Object(shape: shape, material: material, nodes: nodes))
  }

  /// SHA-256 of a render's sums and work, and of its layers where there are any, big-endian.
  package static func digest(_ sums: SampleSums) -> Digest {
    var writer = CanonicalWriter(type: "canonical-render")
    for sum in sums.rgba { writer.write(sum) }
    for rays in sums.work { writer.write(rays) }
    for sum in sums.layers?.sums ?? [] { writer.write(sum) }
    for word in sums.layers?.points ?? [] { writer.write(word) }
    return Digest(of: writer.bytes)
  }

  private func files() -> CanonicalFiles {
    var buffer = CanonicalBuffer()
    let meshes = objects.map { object in
      let attributes = buffer.append(object.shape)
      return "{\"primitives\": [{\(attributes), \"material\": \(object.material)}]}"
    }
    let meshNodes = objects.enumerated().flatMap { index, object in
      object.nodes.map { "{\"mesh\": \(index)\($0.isEmpty ? "" : ", \($0)")}" }
    }
    let all = ["{\"camera\": 0, \(cameraNode)}"] + meshNodes + nodes
    let extras = hasSky ? ", \"extras\": {\"environment\": \"sky.hdr\"}" : ""
    let lists = [
      ("nodes", all), ("meshes", meshes), ("materials", materials), ("textures", textures),
      ("samplers", samplers), ("cameras", [camera]), ("accessors", buffer.accessors),
      ("bufferViews", buffer.views),
      ("images", textures.isEmpty ? [] : ["{\"uri\": \"checks.png\"}"]),
      ("buffers", ["{\"uri\": \"scene.bin\", \"byteLength\": \(buffer.bytes.count)}"]),
    ].filter { !$0.1.isEmpty }.map { ", \"\($0.0)\": [\($0.1.joined(separator: ", "))]" }
    let roots = all.indices.map(String.init).joined(separator: ", ")
    let json =
      "{\"asset\": {\"version\": \"2.0\"}, \"scene\": 0, \"scenes\": [{\"nodes\": [\(roots)]\(extras)}]"
      + lists.joined() + root + "}"
    return CanonicalFiles(files: [
      "scene.gltf": Array(json.utf8), "scene.bin": buffer.bytes, "sky.hdr": CanonicalFiles.sky,
      "checks.png": CanonicalFiles.checks,
    ])
  }
}

/// The buffer of a scene, and what the document says about its parts.
private struct CanonicalBuffer {
  var bytes: [UInt8] = []
  var views: [String] = []
  var accessors: [String] = []

  /// The members of a primitive that shows `shape`.
  mutating func append(_ shape: CanonicalShape) -> String {
    let position = append(shape.positions.flatMap { [$0.x, $0.y, $0.z] }.map(\.bitPattern), "VEC3", 5126)
    let normal = append(shape.normals.flatMap { [$0.x, $0.y, $0.z] }.map(\.bitPattern), "VEC3", 5126)
    let uv = append(shape.uvs.flatMap { [$0.x, $0.y] }.map(\.bitPattern), "VEC2", 5126)
    let indices = append(shape.indices, "SCALAR", 5125)
    return "\"attributes\": {\"POSITION\": \(position), \"NORMAL\": \(normal), \"TEXCOORD_0\": \(uv)}, "
      + "\"indices\": \(indices)"
  }

  private mutating func append(_ words: [UInt32], _ type: String, _ componentType: Int) -> Int {
    let width = ["SCALAR": 1, "VEC2": 2, "VEC3": 3][type] ?? 1
    views.append(
      "{\"buffer\": 0, \"byteOffset\": \(bytes.count), \"byteLength\": \(4 * words.count)}")
    accessors.append(
      "{\"bufferView\": \(views.count - 1), \"componentType\": \(componentType), \"type\": \"\(type)\", "
        + "\"count\": \(words.count / width)}")
    for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    return accessors.count - 1
  }
}

/// Files in memory.
private struct CanonicalFiles: SceneFiles {
  let files: [String: [UInt8]]

  func bytes(at path: String) throws(SceneError) -> [UInt8] {
    guard let bytes = files[path] else { throw SceneError(.fileMissing, at: SceneError.Place(file: path)) }
    return bytes
  }

  /// A lat-long sky of 8 x 4: blue above, dark below, one bright texel.
  static let sky: [UInt8] = {
    var rgb: [Float] = []
    for row in 0..<4 {
      for column in 0..<8 {
        let level = Float(4 - row) * 0.1
        rgb += row == 1 && column == 5 ? [60, 50, 30] : [level, level + 0.05, level * Float(column) * 0.5]
      }
    }
    return RadianceHDR.encode(HDRImage(width: 8, height: 4, rgb: rgb))
  }()

  /// A PNG of 8 x 8 uneven checks with 8-bit alpha.
  static let checks: [UInt8] = [UInt8](hex: checksHex) ?? []
  private static let checksHex =
    "89504e470d0a1a0a0000000d4948445200000008000000080806000000c40fbe8b000001134944415478da010801f7fe"
    + "002c33acffe3e14f00344c9e40cecc54ff144c8080d7b63ac8233295ffefb547ff00dcaf51ff123d8e80d8e03bc80f53"
    + "81ffd5d64aff212b85ffcdaf300036308740000f3591ffd9d14eff2d3088fff9bb3b0018249440e7b92cff15279280e0"
    + "d548c800cdd54e0032388140e0c536ff234f9180d8cd41c8322e80ffddb052ff1b3c7eff0028559780e4c748c8053f7f"
    + "fffaba4aff112aadffdccc390025399e40dde040ff00d3d452ff363a8fffcfca280012389d40f4c62cff1a34a980efb4"
    + "36c8303790ff001028a540d6dd4fff18418780fbb228c82b4596ffcfbe52ff2b398dffead83d0000d6b24bc8074292ff"
    + "dab751ff292ba5ffffc929000f3e9440d6b23dff172c9a803eb0862d1deb741c0000000049454e44ae426082"
}
