import Foundation
import SceneModel
import Testing

private let models = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../../shared/assets/models").standardizedFileURL.path
private let haveModels = FileManager.default.fileExists(atPath: models)

/// Skins and morph targets.
struct DeformationTests {
  private static let view = FrameScene.View(
    eye: SIMD3(0, 0, 5), lookAt: SIMD3(0, 0, 0), yFovRad: 0.8)

  private func vertices(_ scene: Scene, timeS: Float) throws -> FrameScene.Vertices {
    let frame = try scene.frame(timeS: timeS, view: #require(Self.view))
    return frame.deformed[try #require(frame.instances[0].deformed)]
  }

  private func read(_ path: String) throws -> Scene {
    let file = URL(filePath: models + "/" + path)
    return try SceneReader.read(
      file.lastPathComponent, from: DirectoryFiles(root: file.deletingLastPathComponent().path))
  }

  private func expect(_ found: SIMD3<Float>, _ x: Float, _ y: Float, _ z: Float, within error: Float = 2e-6) {
    #expect(Vector.length(found - SIMD3(x, y, z)) < error, "\(found), not \(x) \(y) \(z)")
  }

  /// A triangle that hangs on two joints, the second one a metre up and turning about it, at half weight on
  /// one corner; its first corner morphs along +X, in a quarter of a second to weight 0.5.
  private func scene() -> Scene {
    var primitive = Scene.Primitive(
      positions: [[0, 0, 0], [1, 1, 0], [0, 2, 0]],
      normals: [SIMD3<Float>](repeating: [0, 0, 1], count: 3),
      uvs: [SIMD2<Float>](repeating: .zero, count: 3), indices: [0, 1, 2], material: 0)
    typealias Influence = Scene.Deformation.Influence
    primitive.deformation = Scene.Deformation(
      targets: [Scene.Deformation.Target(positions: [[2, 0, 0], .zero, .zero], normals: [])],
      influences: [
        Influence(joint: 0, weight: 1), Influence(joint: 1, weight: 0), Influence(joint: 0, weight: 0.5),
        Influence(joint: 1, weight: 0.5), Influence(joint: 0, weight: 0), Influence(joint: 1, weight: 1),
      ], influencesPerVertex: 2, vertices: [0, 1, 2])
    let half = Float(0.5).squareRoot()
    let turn = Animation.Channel(
      node: 2, path: .rotation, interpolation: .linear, timesS: [0, 1],
      values: [[0, 0, 0, 1], [0, 0, half, half]])
    let morph = Animation.WeightChannel(
      node: 0, interpolation: .linear, timesS: [0, 0.5], values: [0, 1])
    return Scene(
      nodes: [
        Scene.Node(
          name: "mesh", pose: Pose(translation: SIMD3(7, 7, 7)), mesh: 0, skin: 0, weights: [0]),
        Scene.Node(name: "root"),
        Scene.Node(name: "bone", parent: 1, pose: Pose(translation: SIMD3(0, 1, 0))),
      ], meshes: [[0]], primitives: [primitive], materials: [Scene.Material()],
      skins: [
        Scene.Skin(
          joints: [1, 2],
          jointFromObject: [
            .identity,
            Transform(
              xAxis: SIMD3(1, 0, 0), yAxis: SIMD3(0, 1, 0), zAxis: SIMD3(0, 0, 1), origin: SIMD3(0, -1, 0)),
          ])
      ],
      animations: [Animation(channels: [turn], weights: [morph])])
  }

  @Test func `vertices go with their joints, by weight, and not with the mesh's node`() throws {
    let rest = try vertices(scene(), timeS: 0)
    #expect(rest.positions == [[0, 0, 0], [1, 1, 0], [0, 2, 0]])
    let turned = try vertices(scene(), timeS: 1)
    // The bone has turned by a right angle about (0, 1, 0): (1, 1) goes to (0, 2), (0, 2) to (-1, 1).
    expect(turned.positions[0], 2, 0, 0)
    expect(turned.positions[1], 0.5, 1.5, 0)
    expect(turned.positions[2], -1, 1, 0)
    for normal in turned.normals { expect(normal, 0, 0, 1) }
    let frame = try scene().frame(timeS: 1, view: #require(Self.view))
    #expect(frame.instances[0].worldFromObject == .inPlace)
  }

  @Test func `morph weights move vertices between keys and hold beyond them`() throws {
    expect(try vertices(scene(), timeS: 0.25).positions[0], 1, 0, 0)
    expect(try vertices(scene(), timeS: 9).positions[0], 2, 0, 0)
  }

  @Test func `a mesh without normals has those of its moved triangles`() throws {
    var flat = scene()
    flat.primitives[0].deformation?.isFlat = true
    flat.primitives[0].deformation?.targets[0].positions[0] = [0, 0, 3]
    let vertices = try vertices(flat, timeS: 0.5)
    let (a, b, c) = (vertices.positions[0], vertices.positions[1], vertices.positions[2])
    let face = try #require(Vector.normalised(Vector.cross(b - a, c - a)))
    for normal in vertices.normals { expect(normal, face.x, face.y, face.z) }
    #expect(abs(face.z) < 0.9)
  }

  @Test func `a mesh whose weights are 0 and stay so is as modelled`() throws {
    var still = scene()
    still.animations = []
    still.nodes[0].skin = nil
    let frame = try still.frame(timeS: 1, view: #require(Self.view))
    #expect(frame.deformed.isEmpty && frame.instances[0].deformed == nil)
  }

  /// Positions by an independent program in double precision.
  @Test(
    .enabled(if: haveModels, "no third-party models in ../shared/assets/models"),
    arguments: [
      ("SimpleSkin/glTF/SimpleSkin.gltf", 1, [-0.5, 0, 0, 0.5, 0.75, 0, -1, 1.5, 0]),
      (
        "RiggedSimple/glTF-Binary/RiggedSimple.glb", 1,
        [0, -4.575077, 1, -0.831469, -4.575077, 0.555571, 2.34424, 3.949417, 0.41582]
      ),
      (
        "AnimatedMorphCube/glTF-Binary/AnimatedMorphCube.glb", 1.3,
        [-0.01, 0.01, 0.01, -0.01, 0.01, 0.01, -0.01, 0.01, 0.01]
      ),
    ] as [(String, Float, [Float])])
  func `first, middle and last vertex of a model are where they are known to be`(
    _ path: String, _ timeS: Float, _ expected: [Float]
  ) throws {
    let positions = try ordered(read(path), timeS: timeS)
    for (i, place) in [0, positions.count / 3, positions.count - 1].enumerated() {
      expect(
        positions[place], expected[3 * i], expected[3 * i + 1], expected[3 * i + 2], within: 1e-4)
    }
  }

  /// By the vertices of the file; a mesh without normals has each several times.
  private func ordered(_ scene: Scene, timeS: Float) throws -> [SIMD3<Float>] {
    let vertices = try vertices(scene, timeS: timeS)
    let sources = try #require(scene.primitives[0].deformation).vertices
    var positions = [SIMD3<Float>](repeating: .zero, count: Int(sources.max() ?? 0) + 1)
    for (i, source) in sources.enumerated() { positions[Int(source)] = vertices.positions[i] }
    return positions
  }
}
