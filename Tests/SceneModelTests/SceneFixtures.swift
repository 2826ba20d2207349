import SceneModel
import Testing

/// Files that exist only in a test.
struct MemoryFiles: SceneFiles {
  var files: [String: [UInt8]]

  func bytes(at path: String) throws(SceneError) -> [UInt8] {
    guard let bytes = files[path] else {
      throw SceneError(.fileMissing, at: SceneError.Place(file: path))
    }
    return bytes
  }
}

/// A scene of one triangle and one camera, to be bent by tests.
struct TriangleScene {
  /// The JSON of `scene.gltf`.
  var json = """
    {"asset": {"version": "2.0"}, "scene": 0,
     "scenes": [{"nodes": [0, 1]}],
     "nodes": [{"mesh": 0}, {"name": "eye", "camera": 0, "translation": [0, 0, 5]}],
     "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
     "cameras": [{"type": "perspective", "perspective": {"yfov": 0.6, "znear": 0.1}}],
     "accessors": [
       {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
       {"bufferView": 1, "componentType": 5121, "count": 3, "type": "SCALAR"}],
     "bufferViews": [
       {"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 3}],
     "buffers": [{"uri": "t.bin", "byteLength": 39}]}
    """
  /// Every file but `scene.gltf`.
  var files: [String: [UInt8]] = [
    "t.bin": bytes([0, 0, 0, 1, 0, 0, 0, 1, 0] as [Float]) + [0, 1, 2]
  ]

  /// The scene with one piece of its JSON, which must be there once, replaced.
  func replacing(
    _ old: String, _ new: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> TriangleScene {
    var changed = self
    let parts = json.components(old)
    #expect(parts == 2, "\(old) occurs \(parts - 1) times", sourceLocation: sourceLocation)
    changed.json = json.replacing(old, with: new)
    return changed
  }

  /// The files a reader sees.
  var memory: MemoryFiles {
    var all = files
    all["scene.gltf"] = Array(json.utf8)
    return MemoryFiles(files: all)
  }

  func read(_ overrides: SceneOverrides = SceneOverrides()) throws(SceneError) -> Scene {
    try SceneReader.read("scene.gltf", from: memory, overrides: overrides)
  }

  /// The error that reading gives; nil when it reads.
  var refusal: SceneError? {
    do {
      _ = try read()
      return nil
    } catch {
      return error
    }
  }
}

extension String {
  fileprivate func components(_ separator: String) -> Int { ranges(of: separator).count + 1 }
}

/// Little-endian bytes of numbers.
func bytes(_ floats: [Float]) -> [UInt8] { floats.flatMap { bytes($0.bitPattern) } }

/// Little-endian bytes of an integer.
func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// Smallest things that start like an image.
let pngBytes: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]

/// Whether two vectors agree within `tolerance` in every component.
func close(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ tolerance: Float = 1e-6) -> Bool {
  let d = a - b
  return abs(d.x) <= tolerance && abs(d.y) <= tolerance && abs(d.z) <= tolerance
}
