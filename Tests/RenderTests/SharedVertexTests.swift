import Kernels
import Render
import SceneModel
import Testing

/// Triangles share the vertices of their mesh where that saves memory, and are the same as without.
@Suite struct SharedVertexTests {
  private typealias Frames = DeviceSceneFrames

  private static let ball = KernelScenes.sphere([0.3, 0, 0], radius: 1, rings: 8, material: 0)
  /// With all that a vertex can have.
  private static let painted: Scene.Primitive = {
    var ball = Self.ball
    ball.uvs1 = ball.uvs.map { SIMD2($0.y, 2 * $0.x) }
    ball.colors = ball.positions.map { SIMD4($0.x * $0.x, 0.5, $0.z * $0.z, 1) }
    ball.tangents = ball.normals.map { SIMD4($0.z, $0.x, $0.y, $0.x < 0 ? -1 : 1) }
    return ball
  }()
  /// Turned, mirrored, stretched.
  private static let placement = Frames.Placement(
    xAxis: [0, 0, -1], yAxis: [0, 2, 0], zAxis: [-3, 0.5, 0], origin: [1, 2, 3])

  /// Every corner with a vertex of its own.
  private static func unshared(_ primitive: Scene.Primitive) -> Scene.Primitive {
    let corners = primitive.indices.map(Int.init)
    return Scene.Primitive(
      positions: corners.map { primitive.positions[$0] }, normals: corners.map { primitive.normals[$0] },
      uvs: corners.map { primitive.uvs[$0] },
      uvs1: primitive.uvs1.isEmpty ? [] : corners.map { primitive.uvs1[$0] },
      tangents: primitive.tangents.isEmpty ? [] : corners.map { primitive.tangents[$0] },
      colors: primitive.colors.isEmpty ? [] : corners.map { primitive.colors[$0] },
      indices: corners.indices.map(UInt32.init), material: primitive.material)
  }

  /// All that its corners have.
  private static func words(_ triangle: SceneTriangle) -> [Float] {
    let words = withUnsafeBytes(of: (triangle.position, triangle.normal, triangle.uv)) {
      Array($0.bindMemory(to: Float.self))
    }
    guard let details = triangle.details else { return words }
    return words + withUnsafeBytes(of: details) { Array($0.bindMemory(to: Float.self)) }
  }

  private static func scene(
    _ primitive: Scene.Primitive, copiesMax: Int = .max, placements: Int = 1
  ) throws -> DeviceScene {
    var preparation = ScenePreparation(copiesMax: copiesMax)
    return try preparation.prepare(
      Frames.frame([primitive], placements: Array(repeating: (0, placement), count: placements)))
  }

  @Test(arguments: [.max, 0]) func `a smooth mesh has its own vertices, and the corners that it had`(
    copiesMax: Int
  ) throws {
    let shared = try Self.scene(Self.ball, copiesMax: copiesMax, placements: 2)
    let apart = try Self.scene(Self.unshared(Self.ball), copiesMax: copiesMax, placements: 2)
    let shownTimes = shared.instances.isEmpty ? 2 : 1
    #expect(shared.triangles.vertices.count == shownTimes * Self.ball.positions.count)
    #expect(apart.triangles.vertices.count == shownTimes * Self.ball.indices.count)
    #expect(Self.ball.indices.count > 4 * Self.ball.positions.count)
    #expect(shared.triangles.count == apart.triangles.count)
    for (one, other) in zip(shared.triangles, apart.triangles) {
      #expect(Self.words(one) == Self.words(other))
    }
    #expect(shared.blocks.map { BlockView($0).corners } == apart.blocks.map { BlockView($0).corners })
  }

  @Test(arguments: [.max, 0]) func `so do tangents, colours and second coordinates`(copiesMax: Int) throws {
    let shared = try Self.scene(Self.painted, copiesMax: copiesMax, placements: 2)
    let apart = try Self.scene(Self.unshared(Self.painted), copiesMax: copiesMax, placements: 2)
    #expect(shared.triangles.details.count == shared.triangles.vertices.count)
    #expect(apart.triangles.details.count == 3 * apart.triangles.count)
    for (one, other) in zip(shared.triangles, apart.triangles) {
      #expect(Self.words(one).count == 54 && Self.words(one) == Self.words(other))
    }
  }

  @Test func `a mirror swaps them with the corners, for the reference too`() throws {
    let instanced = try Self.scene(Self.painted, copiesMax: 0, placements: 2).placedTriangles
    let copied = try Self.scene(Self.painted, placements: 2).triangles
    #expect(instanced.count == copied.count)
    for (one, other) in zip(instanced, copied) {
      let (a, b) = (try #require(one.details), try #require(other.details))
      #expect(a.0.color == b.0.color && a.1.color == b.1.color && a.2.color == b.2.color)
      #expect(a.0.uv == b.0.uv && a.1.uv == b.1.uv && a.2.uv == b.2.uv)
      #expect(one.uv.1 == other.uv.1 && one.uv.2 == other.uv.2)
    }
  }

  @Test func `meshes with and without them stand side by side`() throws {
    let alone = try Self.scene(Self.painted)
    let mixed = try DeviceScene(
      Frames.frame(
        [Self.ball, Self.painted, Frames.triangle()],
        placements: [(0, Frames.inPlace), (1, Self.placement), (2, Frames.inPlace)]))
    let count = alone.triangles.count
    for i in 0..<count {
      #expect(Self.words(mixed.triangles[i]).count == 24)
      #expect(Self.words(mixed.triangles[count + i]) == Self.words(alone.triangles[i]))
    }
    #expect(mixed.triangles[2 * count].details == nil)
  }

  @Test func `few triangles of a large buffer take no more than their corners`() throws {
    var few = Self.ball
    few.indices = Array(few.indices[300..<309])
    let scene = try Self.scene(few)
    #expect(scene.triangles.count == 3 && scene.triangles.vertices.count == 9)
    let whole = try Self.scene(Self.ball)
    for i in 0..<3 { #expect(Self.words(scene.triangles[i]) == Self.words(whole.triangles[100 + i])) }
  }

  @Test func `a corner without a normal has that of each triangle`() throws {
    // Two triangles with a common edge, at right angles to each other.
    let corners: [SIMD3<Float>] = [[0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    let primitive = Scene.Primitive(
      positions: corners, normals: [.zero, .zero, [0, 0, 1], [0, 0, 1]],
      uvs: [SIMD2<Float>](repeating: .zero, count: 4), indices: [0, 2, 1, 0, 1, 3], material: 0)
    let scene = try DeviceScene(Frames.frame([primitive]))
    #expect(scene.triangles.vertices.count == 6)
    #expect(scene.triangles[0].normal.0 == (0, 0, 1) && scene.triangles[0].normal.2 == (0, 0, 1))
    #expect(scene.triangles[1].normal.0 == (1, 0, 0) && scene.triangles[1].normal.1 == (1, 0, 0))
    #expect(scene.triangles[1].normal.2 == (0, 0, 1))
  }
}
