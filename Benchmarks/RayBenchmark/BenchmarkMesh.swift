import Render
import SceneModel

/// Hills with spheres on them, of about as many triangles as asked: half the area is smooth, half is clutter.
struct BenchmarkMesh {
  private(set) var positions: [SIMD3<Float>] = []
  private(set) var indices: [UInt32] = []
  private var random = ReferenceRandom(seed: 7)

  /// A square of 20 m of `cells`^2 pairs of triangles, and `spheres` of 4 `rings`^2 triangles.
  init(cells: Int, spheres: Int, rings: Int) {
    for row in 0...cells {
      for column in 0...cells {
        let x = Float(column) / Float(cells) * 20 - 10
        let z = Float(row) / Float(cells) * 20 - 10
        positions.append(SIMD3(x, BenchmarkMesh.height(x, z), z))
      }
    }
    for row in 0..<cells {
      for column in 0..<cells {
        let a = UInt32(row * (cells + 1) + column)
        let b = a + UInt32(cells + 1)
        indices += [a, b, a + 1, a + 1, b, b + 1]
      }
    }
    for _ in 0..<spheres {
      let x = Float(random.unit() * 19 - 9.5)
      let z = Float(random.unit() * 19 - 9.5)
      let radius = Float(0.06 + 0.35 * random.unit() * random.unit())
      let center = SIMD3(x, BenchmarkMesh.height(x, z) + 0.6 * radius, z)
      let shape = CanonicalShape.sphere(center, radius: radius, rings: rings)
      let first = UInt32(positions.count)
      positions += shape.positions
      indices += shape.indices.map { $0 + first }
    }
  }

  var triangleCount: Int { indices.count / 3 }

  /// Seven octaves of waves.
  private static func height(_ x: Float, _ z: Float) -> Float {
    var sum: Float = 0
    var size: Float = 0.6
    var frequency: Float = 0.5
    for octave in 0..<7 {
      let turn = Float(octave) * 1.7
      let wave = ExactMath.sin(x * frequency + turn) * ExactMath.sin(z * frequency * 1.13 + turn * 2)
      sum += size * wave
      size *= 0.48
      frequency *= 2.03
    }
    return sum
  }

  /// The corners, three a triangle.
  var corners: [SIMD3<Float>] { indices.map { positions[Int($0)] } }

  /// The mesh as a scene.
  func deviceScene() throws -> DeviceScene {
    let normals = [SIMD3<Float>](repeating: [0, 1, 0], count: positions.count)
    let uvs = [SIMD2<Float>](repeating: .zero, count: positions.count)
    let primitive = Scene.Primitive(
      positions: positions, normals: normals, uvs: uvs, indices: indices, material: 0)
    let scene = Scene(
      nodes: [Scene.Node(name: "mesh", mesh: 0), Scene.Node(name: "eye", camera: 0)], meshes: [[0]],
      primitives: [primitive], materials: [Scene.Material()],
      cameras: [Scene.Camera(yFovRad: 0.8)])
    return try DeviceScene(scene.frame(timeS: 0, camera: nil))
  }
}
