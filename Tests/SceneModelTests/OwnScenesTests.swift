import Foundation
import SceneModel
import Testing

/// The scenes of this repository, `Scenes/`.
@Suite struct OwnScenesTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Scenes").standardizedFileURL.path

  private func read(_ name: String) throws(SceneError) -> Scene {
    try SceneReader.read("\(name).gltf", from: DirectoryFiles(root: Self.folder + "/" + name))
  }

  private func triangles(_ scene: Scene) throws -> Int {
    try scene.frame(timeS: 0, camera: nil).instances.reduce(0) {
      $0 + scene.primitives[$1.primitive].indices.count / 3
    }
  }

  @Test(arguments: ["cornell", "furnace", "materials", "orrery"])
  func `every scene reads, has a camera, and needs only what lies beside it`(_ name: String) throws {
    let scene = try read(name)
    #expect(try !scene.frame(timeS: 0, camera: nil).instances.isEmpty)
    #expect(scene.settings.widthPX != nil && scene.settings.samplesPerPixel != nil)
    let files = DirectoryFiles(root: Self.folder + "/" + name)
    let needed = try SceneReader.dependencies(of: "\(name).gltf", in: files)
    let present = try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/" + name)
    #expect(Set(needed) == Set(present), "nothing missing, nothing left over")
  }

  @Test func `the box has 5 walls, 2 blocks of 6 sides and a lamp that shines down`() throws {
    let scene = try read("cornell")
    #expect(try triangles(scene) == 2 * 5 + 12 * 2 + 2)
    let frame = try scene.frame(timeS: 0, camera: "camera")
    let lamps = frame.instances.filter {
      scene.materials[scene.primitives[$0.primitive].material].emission != .zero
    }
    #expect(lamps.count == 1)
    let down = try #require(lamps.first).worldFromObject.direction(SIMD3(0, 0, 1))
    #expect(close(down, SIMD3(0, -1, 0)))
  }

  @Test func `every closed surface of our scenes faces outwards`() throws {
    // The volume that a closed mesh encloses, by the divergence theorem, is positive exactly when its
    // triangles are counter-clockwise from outside.
    for name in ["cornell", "furnace", "materials", "orrery"] {
      let scene = try read(name)
      for node in scene.nodes {
        guard let mesh = node.mesh else { continue }
        for primitive in scene.meshes[mesh].map({ scene.primitives[$0] }) {
          var volume = 0.0
          var area = SIMD3<Double>.zero
          var faces = 0.0
          for t in stride(from: 0, to: primitive.indices.count, by: 3) {
            let p = (0..<3).map { SIMD3<Double>(primitive.positions[Int(primitive.indices[t + $0])]) }
            let (a, b, c) = (p[0], p[1], p[2])
            let normal = cross(b - a, c - a)
            volume += (a * cross(b, c)).sum() / 6
            area += normal / 2
            faces += (normal * normal).sum().squareRoot() / 2
          }
          let closed = (area * area).sum().squareRoot() < 1e-3 * faces
          if closed { #expect(volume > 0, "\(name): \(node.name)") }
        }
      }
    }
  }

  private func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  @Test func `normals lean to the side that triangles face`() throws {
    for name in ["furnace", "materials", "orrery"] {
      let scene = try read(name)
      for primitive in scene.primitives {
        for t in stride(from: 0, to: primitive.indices.count, by: 3) {
          let corner = (0..<3).map { Int(primitive.indices[t + $0]) }
          let p = corner.map { primitive.positions[$0] }
          let face = Vector.cross(p[1] - p[0], p[2] - p[0])
          let leaning = corner.filter { Vector.dot(face, primitive.normals[$0]) < 0 }
          #expect(
            leaning.isEmpty,
            "\(name), material \(scene.materials[primitive.material].name), triangle \(t / 3)")
          if !leaning.isEmpty { return }
        }
      }
    }
  }

  @Test func `the demo scene is small, moves and closes its loop`() throws {
    let scene = try read("orrery")
    #expect(try triangles(scene) < 60_000)
    let bytes = try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/orrery").reduce(0) {
      let path = Self.folder + "/orrery/" + $1
      return try $0 + ((FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
    }
    #expect(bytes < 3_000_000)
    let (start, middle, end) = try (
      scene.frame(timeS: 0, camera: nil), scene.frame(timeS: 0.7, camera: nil),
      scene.frame(timeS: 2, camera: nil)
    )
    var moved = 0
    for i in start.instances.indices {
      let (a, b) = (start.instances[i].worldFromObject, end.instances[i].worldFromObject)
      for p in [SIMD3<Float>(1, 0, 0), SIMD3(0, 1, 0), .zero] { #expect(close(a.point(p), b.point(p), 1e-4)) }
      if !close(a.point(SIMD3(1, 0, 0)), middle.instances[i].worldFromObject.point(SIMD3(1, 0, 0)), 0.01) {
        moved += 1
      }
    }
    #expect(moved >= 12)
    #expect(Set(scene.animations.flatMap(\.channels).map(\.interpolation)) == [.linear, .cubicSpline])
  }
}
