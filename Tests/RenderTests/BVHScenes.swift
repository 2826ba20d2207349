import Kernels
import Render
import TestSupport

/// Random numbers for scenes.
struct SceneRandom {
  private var source: Seeded
  init(seed: UInt64) { source = Seeded(seed: seed) }

  mutating func bits() -> UInt64 { source.next() }
  /// In 0 ..< 1.
  mutating func unit() -> Float { Float(bits() >> 40) / Float(1 << 24) }
  /// In a cube of that half side.
  mutating func point(_ half: Float) -> SIMD3<Float> {
    SIMD3(unit() * 2 - 1, unit() * 2 - 1, unit() * 2 - 1) * half
  }
}

/// Triangles for tests: material 0, no emitter, flat normals along +Z where nothing else is said.
enum BVHScenes {
  static func triangle(
    _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>, material: Int32 = 0
  ) -> SceneTriangle {
    var triangle = SceneTriangle()
    triangle.position = ((a.x, a.y, a.z), (b.x, b.y, b.z), (c.x, c.y, c.z))
    triangle.normal = ((0, 0, 1), (0, 0, 1), (0, 0, 1))
    triangle.material = material
    return triangle
  }

  /// Small triangles in a cube of half side 1.
  static func soup(_ count: Int, seed: UInt64, size: Float = 0.1) -> [SceneTriangle] {
    var random = SceneRandom(seed: seed)
    return (0..<count).map { _ in
      let centre = random.point(1)
      return triangle(centre + random.point(size), centre + random.point(size), centre + random.point(size))
    }
  }

  /// Sizes and places that shrink geometrically: deep trees.
  static func vortex(_ count: Int) -> [SceneTriangle] {
    var scale: Float = 1
    return (0..<count).map { _ in
      scale *= 0.97
      return triangle([scale, 0, 0], [scale, scale, 0], [scale, 0, scale])
    }
  }

  /// A regular height field in y, `side` x `side` quads.
  static func terrain(_ side: Int) -> [SceneTriangle] {
    func point(_ x: Int, _ z: Int) -> SIMD3<Float> {
      let height = Float((x * 7919 + z * 104729) % 97) / 970
      return SIMD3(Float(x) / Float(side), height, Float(z) / Float(side))
    }
    return (0..<side * side).flatMap { i -> [SceneTriangle] in
      let (x, z) = (i % side, i / side)
      let (a, b, c, d) = (point(x, z), point(x, z + 1), point(x + 1, z + 1), point(x + 1, z))
      return [triangle(a, b, c), triangle(a, c, d)]
    }
  }

  /// Triangles and slivers whose edges are about as long as single precision resolves: rounding alone makes
  /// their edge functions, so that rays far beside them seem to hit.
  static func dust(_ count: Int) -> [SceneTriangle] {
    var random = SceneRandom(seed: 14)
    return (0..<count).map { i in
      let centre = random.point(1)
      let along = random.point(i % 3 == 0 ? 0.3 : 1e-7)
      return triangle(centre, centre + along, centre + along * random.unit() + random.point(1e-7))
    }
  }

  static func corners(_ t: SceneTriangle) -> [SIMD3<Float>] {
    [t.position.0, t.position.1, t.position.2].map { SIMD3($0.0, $0.1, $0.2) }
  }

  /// From around the scene or from inside, half of them aimed at a vertex or an edge of some triangle.
  static func ray(_ random: inout SceneRandom, _ corners: [[SIMD3<Float>]]) -> RayTracer.Ray {
    let origin = random.point(random.unit() < 0.5 ? 3 : 1)
    let aim = random.unit()
    guard aim < 0.5 else { return RayTracer.Ray(origin: origin, direction: random.point(1)) }
    let target = corners[Int(random.bits() % UInt64(corners.count))]
    let along = aim < 0.25 ? 0 : random.unit()
    return RayTracer.Ray(
      origin: origin, direction: (target[0] + (target[1] - target[0]) * along) - origin)
  }

  /// Nothing but triangles; material 0 is there, too.
  static func scene(_ triangles: [SceneTriangle]) -> DeviceScene {
    let bvh = BVH(triangles, reach: 3)
    var header = DeviceSceneHeader()
    header.triangle_count = Int32(triangles.count)
    header.node_count = Int32(bvh.nodes.count)
    header.box_padding = bvh.padding
    return DeviceScene(
      header: header, nodes: bvh.nodes, blocks: bvh.blocks, triangles: TriangleMesh(triangles),
      materials: [DeviceMaterial()], textures: [], texels: DeviceArray([]),
      emitters: [],
      lightNodes: [], environmentRadiance: DeviceArray([]), environmentCDF: DeviceArray([]),
      tables: DeviceScene.decoding,
      instances: [])
  }

  /// What the invariants are checked on.
  static let all: [(name: String, triangles: [SceneTriangle])] = [
    ("one", soup(1, seed: 1)),
    ("two", soup(2, seed: 2)),
    ("eight", soup(8, seed: 3)),
    ("nine", soup(9, seed: 4)),
    ("soup", soup(3000, seed: 5)),
    ("long slivers", soup(1500, seed: 6, size: 3)),
    ("coincident", [SceneTriangle](repeating: soup(1, seed: 7)[0], count: 2000)),
    ("points", (0..<1000).map { _ in triangle(.zero, .zero, .zero) }),
    ("flat", soup(1500, seed: 8).map { flattened($0) }),
    ("terrain", terrain(40)),
    ("vortex", vortex(3000)),
    ("huge", soup(1500, seed: 9).map { scaled($0, 1e28) }),
    ("tiny", soup(1500, seed: 10).map { scaled($0, 1e-28) }),
    ("below resolution", dust(1500) + soup(20, seed: 15, size: 1)),
    ("two scales", soup(700, seed: 11) + soup(700, seed: 12).map { scaled($0, 1e9) }),
    ("deferred subtrees", soup(20000, seed: 13)),
    ("several pieces", soup(70_000, seed: 14)),
  ]

  static func scaled(_ t: SceneTriangle, _ factor: Float) -> SceneTriangle {
    mapped(t) { $0 * factor }
  }
  static func flattened(_ t: SceneTriangle) -> SceneTriangle { mapped(t) { SIMD3($0.x, 0.5, $0.z) } }

  static func mapped(_ t: SceneTriangle, _ map: (SIMD3<Float>) -> SIMD3<Float>) -> SceneTriangle {
    let (a, b, c) = t.position
    return triangle(map([a.0, a.1, a.2]), map([b.0, b.1, b.2]), map([c.0, c.1, c.2]), material: t.material)
  }
}
