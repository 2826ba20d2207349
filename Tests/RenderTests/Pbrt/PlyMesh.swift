import Foundation
import Render

/// A binary little-endian PLY mesh of triangles: float vertex properties, faces as counted lists.
struct PlyMesh {
  struct Malformed: Error {}

  private(set) var shape = CanonicalShape()

  init(_ data: Data) throws {
    guard let end = data.range(of: Data("end_header\n".utf8))?.upperBound else { throw Malformed() }
    let header = String(decoding: data[..<end], as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    guard header.contains(["format", "binary_little_endian", "1.0"]) else { throw Malformed() }
    func count(_ element: String) -> Int {
      header.first { $0.starts(with: ["element", element]) }.flatMap { Int($0[2]) } ?? 0
    }
    let names = header.filter { $0.starts(with: ["property", "float"]) }.map { $0[2] }
    let body = [UInt8](data[end...])
    var offset = 0
    func word() throws -> UInt32 {
      guard offset + 4 <= body.count else { throw Malformed() }
      defer { offset += 4 }
      return (0..<4).reduce(0) { $0 | UInt32(body[offset + $1]) << UInt32(8 * $1) }
    }
    for _ in 0..<count("vertex") {
      var values: [String: Float] = [:]
      for name in names { values[name] = Float(bitPattern: try word()) }
      func vector(_ x: String, _ y: String, _ z: String) -> SIMD3<Float> {
        SIMD3(values[x] ?? 0, values[y] ?? 0, values[z] ?? 0)
      }
      shape.positions.append(vector("x", "y", "z"))
      if names.contains("nx") { shape.normals.append(vector("nx", "ny", "nz")) }
    }
    for _ in 0..<count("face") {
      guard offset < body.count, body[offset] == 3 else { throw Malformed() }
      offset += 1
      for _ in 0..<3 { shape.indices.append(try word()) }
    }
  }
}
