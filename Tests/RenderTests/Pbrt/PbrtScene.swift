import Foundation
import Render

/// A pbrt scene as a glTF scene of ours.
struct PbrtScene {
  struct Unsupported: Error { let what: String }

  private(set) var scene = CanonicalScene("pbrt")
  private var named: [String: PbrtFile.Directive] = [:]
  private var current = ""
  private var emission: SIMD3<Float>?
  private let folder: URL

  init(_ file: URL) throws {
    folder = file.deletingLastPathComponent()
    for directive in PbrtFile(try String(contentsOf: file, encoding: .utf8)).directives {
      try take(directive)
    }
    scene.root =
      ", \"extensionsUsed\": [\"KHR_materials_emissive_strength\", \"KHR_materials_transmission\", "
      + "\"KHR_materials_ior\", \"KHR_materials_volume\", \"KHR_materials_specular\"]"
  }

  private mutating func take(_ directive: PbrtFile.Directive) throws {
    switch directive.name {
    case "Transform": scene.cameraNode = try PbrtScene.camera(directive.numbers)
    case "Camera":
      let degrees = directive.floats("fov").first ?? 90
      scene.camera =
        "{\"type\": \"perspective\", \"perspective\": {\"yfov\": \(degrees / 180 * .pi), \"znear\": 0.01}}"
    case "MakeNamedMaterial": named[directive.words.first ?? ""] = directive
    case "NamedMaterial": current = directive.words.first ?? ""
    case "AreaLightSource": emission = directive.vectors("L").first
    case "AttributeEnd": emission = nil
    case "Shape": try add(directive)
    default: break  // Film, sampler, integrator: the test's own.
    }
  }

  /// `numbers`: camera from world, by columns, +Z forward. Ours looks along -Z and must not be mirrored.
  private static func camera(_ numbers: [Float]) throws -> String {
    guard numbers.count == 16 else { throw Unsupported(what: "a transform of \(numbers.count) numbers") }
    // Rigid, so the rows of its rotation are the camera's axes in the world.
    func row(_ i: Int) -> SIMD3<Float> { SIMD3(numbers[i], numbers[4 + i], numbers[8 + i]) }
    let (right, up, forward) = (row(0), row(1), row(2))
    let origin = -(right * numbers[12] + up * numbers[13] + forward * numbers[14])
    var columns: [Float] = []
    for (axis, w) in [(right, 0), (up, 0), (-forward, 0), (origin, 1)] as [(SIMD3<Float>, Float)] {
      columns += [axis.x, axis.y, axis.z, w]
    }
    return "\"matrix\": [\(columns.map { "\($0)" }.joined(separator: ", "))]"
  }

  private mutating func add(_ directive: PbrtFile.Directive) throws {
    var shape: CanonicalShape
    if directive.words.first == "plymesh" {
      let path = folder.appending(path: directive.word("filename") ?? "")
      shape = try PlyMesh(try Data(contentsOf: path)).shape
    } else {
      shape = CanonicalShape()
      shape.positions = directive.vectors("P")
      shape.normals = directive.vectors("N")
      shape.indices = directive.floats("indices").map { UInt32($0) }
    }
    shape.uvs = [SIMD2<Float>](repeating: .zero, count: shape.positions.count)
    PbrtScene.turn(&shape)
    scene.materials.append(try material())
    scene.add(shape, material: scene.materials.count - 1)
  }

  /// Without normals: flat ones. With: the winding follows them, because pbrt's lights shine to their side.
  private static func turn(_ shape: inout CanonicalShape) {
    let isFlat = shape.normals.isEmpty
    var flat = CanonicalShape()
    for first in stride(from: 0, to: shape.indices.count, by: 3) {
      let corners = (0..<3).map { Int(shape.indices[first + $0]) }
      let (a, b, c) = (shape.positions[corners[0]], shape.positions[corners[1]], shape.positions[corners[2]])
      let (u, v) = (b - a, c - a)
      let normal = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
      if isFlat {
        let square = (normal * normal).sum()
        if square == 0 { continue }
        flat.positions += [a, b, c]
        flat.normals += [SIMD3<Float>](repeating: normal / square.squareRoot(), count: 3)
        flat.indices += (0..<3).map { UInt32(flat.positions.count - 3 + $0) }
      } else if (normal * shape.normals[corners[0]]).sum() < 0 {
        shape.indices.swapAt(first + 1, first + 2)
      }
    }
    if isFlat {
      flat.uvs = [SIMD2<Float>](repeating: .zero, count: flat.positions.count)
      shape = flat
    }
  }

  /// The current material in glTF's terms. Diffuse is pure Lambert: no specular lobe.
  private func material() throws -> String {
    if let emission {
      let peak = max(emission.max(), 1e-6)
      let colour = emission / peak
      return "{\"emissiveFactor\": [\(colour.x), \(colour.y), \(colour.z)], \"pbrMetallicRoughness\": "
        + "{\"baseColorFactor\": [0, 0, 0, 1], \"metallicFactor\": 0}, \"extensions\": "
        + "{\"KHR_materials_emissive_strength\": {\"emissiveStrength\": \(peak)}, "
        + "\"KHR_materials_specular\": {\"specularFactor\": 0}}}"
    }
    guard let given = named[current] else { throw Unsupported(what: "material \(current)") }
    switch given.word("type") {
    case "diffuse":
      let c = given.vectors("reflectance").first ?? SIMD3(repeating: 0.5)
      return
        "{\"doubleSided\": true, \"pbrMetallicRoughness\": "
        + "{\"baseColorFactor\": [\(c.x), \(c.y), \(c.z), 1], "
        + "\"metallicFactor\": 0}, \"extensions\": {\"KHR_materials_specular\": {\"specularFactor\": 0}}}"
    case "conductor":
      let n: SIMD3<Float> = given.vectors("eta").first ?? .one
      let k: SIMD3<Float> = given.vectors("k").first ?? .one
      // Reflectance at normal incidence; glTF's roughness is the root of GGX's alpha.
      let (below, above): (SIMD3<Float>, SIMD3<Float>) = (n - 1, n + 1)
      let lost: SIMD3<Float> = k * k
      let f: SIMD3<Float> = (below * below + lost) / (above * above + lost)
      let roughness = (given.floats("uroughness").first ?? 0).squareRoot()
      return
        "{\"doubleSided\": true, \"pbrMetallicRoughness\": "
        + "{\"baseColorFactor\": [\(f.x), \(f.y), \(f.z), 1], "
        + "\"metallicFactor\": 1, \"roughnessFactor\": \(roughness)}}"
    case "dielectric":
      return "{\"pbrMetallicRoughness\": {\"metallicFactor\": 0, \"roughnessFactor\": 0}, \"extensions\": "
        + "{\"KHR_materials_transmission\": {\"transmissionFactor\": 1}, \"KHR_materials_volume\": "
        + "{\"thicknessFactor\": 1}, \"KHR_materials_ior\": {\"ior\": \(given.floats("eta").first ?? 1.5)}}}"
    default: throw Unsupported(what: "material type \(given.word("type") ?? "none")")
    }
  }
}
