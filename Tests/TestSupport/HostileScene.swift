import Foundation

/// A small scene with everything that has a reader of its own: buffers, a PNG, a JPEG, an environment, an
/// animation, a skin, a morph target, lights. Whole, or damaged from a seed.
public struct HostileScene: Sendable {
  /// What is damaged.
  public enum Part: String, CaseIterable, Sendable {
    case text = "scene.gltf, by bytes"
    case numbers = "scene.gltf, by numbers"
    case words = "scene.gltf, by words"
    case buffer = "scene.bin"
    case png = "a.png"
    case pngFields = "a.png, with right checksums"
    case jpeg = "b.jpg"
    case environment = "sky.hdr"
    case exrEnvironment = "sky.exr"
    case container = "scene.glb"
  }

  /// Path in the bundle -> bytes.
  public private(set) var files: [String: [UInt8]]
  /// The one to be read first.
  public private(set) var main = "scene.gltf"

  /// One file in place of another, or beside them.
  public func with(_ path: String, _ bytes: [UInt8]) -> HostileScene {
    var scene = self
    scene.files[path] = bytes
    return scene
  }

  /// With some words of the scene file replaced.
  public func replacing(_ words: String, by others: String) -> HostileScene {
    let text = String(decoding: files["scene.gltf"] ?? [], as: UTF8.self)
    precondition(text.contains(words), "no \(words)")
    return with("scene.gltf", Array(text.replacingOccurrences(of: words, with: others).utf8))
  }

  /// As it should be.
  public static func whole(repository root: URL) throws -> HostileScene {
    func file(_ path: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: root.appendingPathComponent("Scenes/\(path)")))
    }
    return HostileScene(files: [
      "scene.gltf": Array(text.utf8), "scene.bin": buffer, "a.png": try file("orrery/backdrop.png"),
      "b.jpg": jpeg, "sky.hdr": try file("furnace/white.hdr"),
    ])
  }

  /// Damaged in one part.
  public func damaged(_ part: Part, _ random: inout Seeded) -> HostileScene {
    var scene = self
    func change(_ path: String, _ work: ([UInt8], inout Seeded) -> [UInt8]) {
      scene.files[path] = work(files[path] ?? [], &random)
    }
    switch part {
    case .text: change("scene.gltf", Damage.bytes)
    case .numbers: change("scene.gltf", Damage.numbers)
    case .words: change("scene.gltf", Damage.words)
    case .buffer: change("scene.bin", Damage.floats)
    case .png: change("a.png", Damage.bytes)
    case .pngFields: change("a.png", Damage.pngFields)
    case .jpeg: change("b.jpg", Damage.bytes)
    case .environment: change("sky.hdr", Damage.bytes)
    case .exrEnvironment:
      scene = replacing("sky.hdr", by: "sky.exr")
      scene.files["sky.exr"] = Damage.bytes(HostileScene.exr, &random)
    case .container:
      scene.main = "scene.glb"
      scene.files["scene.glb"] = Damage.bytes(HostileScene.container, &random)
    }
    return scene
  }

  /// A glTF binary of the same scene.
  private static var container: [UInt8] {
    func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    func chunk(_ type: String, _ bytes: [UInt8], _ filler: UInt8) -> [UInt8] {
      let padded = bytes + [UInt8](repeating: filler, count: (4 - bytes.count % 4) % 4)
      return little(padded.count) + Array(type.utf8) + padded
    }
    let json = text.replacingOccurrences(of: "\"uri\": \"scene.bin\", ", with: "")
    let body = chunk("JSON", Array(json.utf8), 0x20) + chunk("BIN\0", buffer, 0)
    return Array("glTF".utf8) + little(2) + little(12 + body.count) + body
  }

  /// Four corners of a square, normals, texture coordinates, weights, joints, two triangles, two keys of an
  /// animation, a morph target, the inverse of a bind pose.
  private static let buffer: [UInt8] = {
    func floats(_ values: [Float]) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }
    let corners: [Float] = [-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]
    let normals: [Float] = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    let weights: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    let indices: [UInt8] = [0, 0, 1, 0, 2, 0, 0, 0, 2, 0, 3, 0]
    let identity: [Float] = (0..<16).map { $0 % 5 == 0 ? 1 : 0 }
    let joints = [UInt8](repeating: 0, count: 16)
    let animation: [Float] = [0, 1, 0, 0, 0, 0.2, 0, 0]
    var bytes = floats(corners + normals + [0, 0, 1, 0, 1, 1, 0, 1] + weights)
    bytes += joints
    bytes += indices
    bytes += floats(animation + corners.map { $0 * 0.1 } + identity)
    return bytes
  }()

  /// 16 x 16, 4:4:4; written by FFmpeg.
  private static let jpeg = [UInt8](
    Data(
      base64Encoded: """
        /9j/2wBDAAgEBAQEBAUFBQUFBQYGBgYGBgYGBgYGBgYHBwcICAgHBwcGBgcHCAgICAkJCQgICAgJCQoKCgwMCwsODg4RERT/xABb\
        AAEBAAAAAAAAAAAAAAAAAAAHBgEBAQEBAAAAAAAAAAAAAAAABgUDBxAAAgMBAAAAAAAAAAAAAAAAAAahBSIyEQACAQUBAAAAAAAA\
        AAAAAAAABSIGMgQxUUH/wAARCAAQABADARIAAhIAAxIA/9oADAMBAAIRAxEAPwA/qVTnECXUqnOIEmY43IK5jjcjGm39kuAqm31k\
        uek3UqnOIEupVOcQVMxxuQVzHG5Hdabf2S4CqbfWS56f/9k=
        """) ?? Data())

  private static let exr = [UInt8](
    Data(base64Encoded: EXRFiles.rle, options: .ignoreUnknownCharacters) ?? Data())

  private static let text = """
    {"asset": {"version": "2.0"}, "scene": 0,
     "extensionsUsed": ["KHR_lights_punctual", "KHR_materials_transmission"],
     "extensions": {"KHR_lights_punctual": {"lights": [
       {"type": "spot", "intensity": 40, "range": 20, "spot": {"innerConeAngle": 0.2, "outerConeAngle": 0.6}},
       {"type": "point", "intensity": 30, "color": [1, 0.5, 0.25]}]}},
     "scenes": [{"nodes": [0, 1, 2, 3, 4],
       "extras": {"environment": "sky.hdr", "environmentStrength": 0.5, "width": 24, "samples": 2}}],
     "nodes": [{"mesh": 0, "skin": 0}, {"camera": 0, "translation": [0, 0.3, 3]},
       {"translation": [0, 0, 0]}, {"extensions": {"KHR_lights_punctual": {"light": 0}},
        "translation": [0, 0, 3]},
       {"mesh": 1, "rotation": [0, 0.1, 0, 0.995], "scale": [0.5, 0.5, 0.5],
        "extensions": {"KHR_lights_punctual": {"light": 1}}}],
     "skins": [{"joints": [2], "inverseBindMatrices": 8}],
     "animations": [{"channels": [{"sampler": 0, "target": {"node": 2, "path": "translation"}}],
       "samplers": [{"input": 6, "output": 7, "interpolation": "LINEAR"}]}],
     "cameras": [{"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}],
     "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2, "WEIGHTS_0": 3,
        "JOINTS_0": 4}, "indices": 5, "material": 0, "targets": [{"POSITION": 9}]}], "weights": [0.5]},
       {"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 2}, "indices": 5, "material": 1}]}],
     "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "roughnessFactor": 0.4},
        "doubleSided": true, "emissiveFactor": [0.1, 0.1, 0.1], "normalTexture": {"index": 1, "scale": 0.5}},
       {"pbrMetallicRoughness": {"baseColorTexture": {"index": 1}}, "alphaMode": "MASK", "alphaCutoff": 0.1,
        "extensions": {"KHR_materials_transmission": {"transmissionFactor": 0.3}}}],
     "textures": [{"source": 0, "sampler": 0}, {"source": 1}],
     "samplers": [{"magFilter": 9729, "wrapS": 33071, "wrapT": 10497}],
     "images": [{"uri": "a.png"}, {"uri": "b.jpg"}],
     "accessors": [
       {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [-1, -1, 0],
        "max": [1, 1, 0]},
       {"bufferView": 0, "byteOffset": 48, "componentType": 5126, "count": 4, "type": "VEC3"},
       {"bufferView": 0, "byteOffset": 96, "componentType": 5126, "count": 4, "type": "VEC2"},
       {"bufferView": 0, "byteOffset": 128, "componentType": 5126, "count": 4, "type": "VEC4"},
       {"bufferView": 0, "byteOffset": 192, "componentType": 5121, "count": 4, "type": "VEC4"},
       {"bufferView": 0, "byteOffset": 208, "componentType": 5123, "count": 6, "type": "SCALAR"},
       {"bufferView": 0, "byteOffset": 220, "componentType": 5126, "count": 2, "type": "SCALAR",
        "min": [0], "max": [1]},
       {"bufferView": 0, "byteOffset": 228, "componentType": 5126, "count": 2, "type": "VEC3"},
       {"bufferView": 0, "byteOffset": 300, "componentType": 5126, "count": 1, "type": "MAT4"},
       {"bufferView": 0, "byteOffset": 252, "componentType": 5126, "count": 4, "type": "VEC3",
        "min": [-0.1, -0.1, 0], "max": [0.1, 0.1, 0]}],
     "bufferViews": [{"buffer": 0, "byteLength": 364}],
     "buffers": [{"uri": "scene.bin", "byteLength": 364}]}
    """
}
