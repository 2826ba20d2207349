import Kernels
import Render
import SceneModel
import Testing

/// What is kept from frame to frame changes no byte.
struct ScenePreparationTests {
  /// Frames of one scene: the camera moves (also far away, which changes the boxes), then an object, a mesh
  /// deforms, one more copy is shown, and all is as in the beginning.
  private static let frames: [FrameScene] = {
    var first = InstanceScenes.frame(seed: 4, copies: 6, emission: [1, 1, 1])
    first.instances[4].isMoving = true
    var camera = first
    camera.view = DeviceSceneFrames.view(distance: 7)
    var far = first
    far.view = DeviceSceneFrames.view(distance: 30)
    var object = first
    object.instances[4].worldFromObject.origin += [0.3, 0.2, 9]
    var deformed = first
    let ball = first.scene.primitives[0]
    deformed.instances[2].deformed = 0
    deformed.deformed = [
      FrameScene.Vertices(positions: ball.positions.map { $0 * 1.5 }, normals: ball.normals)
    ]
    var bent = deformed
    bent.deformed[0].positions = ball.positions.map { $0 * SIMD3(2, 1, 0.5) }
    var copied = first
    copied.instances.append(first.instances[3])
    return [first, camera, far, object, deformed, bent, copied, first]
  }()

  @Test func `frames prepared one after another are those prepared afresh, to the byte`() throws {
    for copiesMax in [0, 1 << 17] {
      var kept = ScenePreparation(copiesMax: copiesMax)
      for (i, frame) in Self.frames.enumerated() {
        var fresh = ScenePreparation(copiesMax: copiesMax)
        #expect(try kept.prepare(frame).digest == fresh.prepare(frame).digest, "frame \(i)")
      }
    }
  }

  @Test func `triangles and blocks stay where they are while only camera and objects move`() throws {
    var kept = ScenePreparation()
    let scenes = try Self.frames.map { try kept.prepare($0) }
    for i in 1...3 {
      #expect(scenes[i].triangles.triangles === scenes[0].triangles.triangles, "\(i)")
      #expect(scenes[i].blocks === scenes[0].blocks, "\(i)")
    }
    #expect(scenes[4].triangles.triangles !== scenes[3].triangles.triangles)
    #expect(Set(scenes[..<7].map(\.digest)).count == 7)
  }

  @Test func `another material or environment is not taken for the last one`() throws {
    var kept = ScenePreparation()
    var frame = DeviceSceneFrames.frame(
      environment: DeviceSceneFrames.environment(width: 2, height: 1, [1, 1, 1, 0, 0, 1]))
    _ = try kept.prepare(frame)
    frame.scene.materials[0].roughness = 0.5
    #expect(try kept.prepare(frame).materials[0].roughness == 0.5)
    frame.scene.environment?.strength = 2
    #expect(try kept.prepare(frame).environmentRadiance[0] == 2)
    frame.scene.primitives[0].positions[1] = [3, 0, 0]
    #expect(try kept.prepare(frame).triangles[0].position.1 == (3, 0, 0))
  }
}
