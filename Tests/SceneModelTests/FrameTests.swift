import Foundation
import SceneModel
import Testing

@Suite struct FrameTests {
  /// One node driven by one channel.
  private func scene(
    _ path: Animation.Path, _ kind: Animation.Interpolation, _ times: [Float], _ values: [SIMD4<Float>],
    pose: Pose = .identity
  ) -> Scene {
    Scene(
      nodes: [Scene.Node(name: "eye", pose: pose, mesh: 0, camera: 0)], meshes: [[0]],
      primitives: [Scene.Primitive(positions: [], normals: [], uvs: [], indices: [], material: 0)],
      materials: [Scene.Material()], cameras: [Scene.Camera(yFovRad: 1)],
      animations: [
        Animation(channels: [
          Animation.Channel(node: 0, path: path, interpolation: kind, timesS: times, values: values)
        ])
      ])
  }

  private func place(_ scene: Scene, _ time: Float) throws -> Transform<ObjectSpace, WorldSpace> {
    try #require(try scene.frame(timeS: time, camera: nil).instances.first).worldFromObject
  }

  @Test func `a step holds its value until the next key`() throws {
    let moved = scene(.translation, .step, [1, 2], [SIMD4(1, 0, 0, 0), SIMD4(5, 0, 0, 0)])
    for (time, x) in [(-1, 1), (1, 1), (1.999, 1), (2, 5), (9, 5)] as [(Float, Float)] {
      #expect(try place(moved, time).origin.x == x, "at \(time) s")
    }
  }

  @Test func `a line goes straight from key to key and stops at its ends`() throws {
    let moved = scene(.translation, .linear, [1, 3], [SIMD4(0, 0, 0, 0), SIMD4(4, -8, 2, 0)])
    for (time, share) in [(0, 0), (1, 0), (1.5, 0.25), (2, 0.5), (3, 1), (7, 1)] as [(Float, Float)] {
      #expect(try place(moved, time).origin == SIMD3(4, -8, 2) * share, "at \(time) s")
    }
  }

  @Test func `a cubic spline through a cubic polynomial is that polynomial`() throws {
    // x(t) = t^3 - 2 t^2 + 3, at keys 0 and 2 with its true slopes.
    func x(_ t: Float) -> Float { t * t * t - 2 * t * t + 3 }
    func slope(_ t: Float) -> Float { 3 * t * t - 4 * t }
    let values = [0, 2].flatMap { (t: Float) in
      [SIMD4(slope(t), 0, 0, 0), SIMD4(x(t), 0, 0, 0), SIMD4(slope(t), 0, 0, 0)]
    }
    let moved = scene(.translation, .cubicSpline, [0, 2], values)
    for t in stride(from: Float(0), through: 2, by: 0.125) {
      #expect(abs(try place(moved, t).origin.x - x(t)) < 1e-6, "at \(t) s")
    }
    #expect(try place(moved, 5).origin.x == x(2))
  }

  @Test func `a turn goes at even speed the short way round`() throws {
    let quarter = Quaternion.rotation(about: SIMD3(0, 0, 1), angleRad: ExactMath.pi / 2)
    for end in [quarter, -quarter] {
      let turned = scene(.rotation, .linear, [0, 1], [Quaternion.identity, end])
      for share in stride(from: Float(0), through: 1, by: 0.1) {
        let angle = Double(share) * Double.pi / 2
        let axis = try place(turned, share).xAxis
        #expect(close(axis, SIMD3(Float(cos(angle)), Float(sin(angle)), 0)), "\(share) of the way")
      }
    }
  }

  @Test func `animations play together and a matrix stays as it is`() throws {
    var moved = scene(.translation, .linear, [0, 1], [SIMD4(1, 0, 0, 0), SIMD4(1, 0, 0, 0)])
    let scaling = scene(.scale, .step, [0], [SIMD4(3, 3, 3, 0)])
    moved.animations += scaling.animations
    #expect(try place(moved, 0).xAxis == SIMD3(3, 0, 0))
    #expect(try place(moved, 0).origin == SIMD3(1, 0, 0))

    let matrix = Transform<ObjectSpace, ObjectSpace>(
      xAxis: SIMD3(1, 0, 0), yAxis: SIMD3(1, 1, 0), zAxis: SIMD3(0, 0, 1), origin: SIMD3(7, 8, 9))
    moved.nodes[0].pose = Pose(matrix: matrix)
    #expect(try place(moved, 0).origin == SIMD3(7, 8, 9))
    #expect(try place(moved, 0).yAxis == SIMD3(1, 1, 0))
  }

  @Test func `a child follows its parent`() throws {
    var family = scene(.translation, .step, [0], [SIMD4(10, 0, 0, 0)])
    let quarter = Quaternion.rotation(about: SIMD3(0, 0, 1), angleRad: ExactMath.pi / 2)
    family.nodes[0].pose.rotation = quarter
    family.nodes.append(
      Scene.Node(name: "child", parent: 0, pose: Pose(translation: SIMD3(2, 0, 0)), mesh: 0))
    let placed = try family.frame(timeS: 0, camera: "eye").instances
    #expect(placed.count == 2)
    #expect(close(placed[1].worldFromObject.origin, SIMD3(10, 2, 0)))
  }

  @Test func `a scaled and sheared camera sees with right angles`() throws {
    var tilted = scene(.scale, .step, [0], [SIMD4(2, 0.5, -3, 0)])
    tilted.nodes[0].pose.rotation = Quaternion.normalised(SIMD4(0.1, 0.3, -0.2, 0.9))
    let axes = try tilted.frame(timeS: 0, camera: nil).view.worldFromCamera
    for (a, b, expected) in [
      (axes.xAxis, axes.xAxis, 1), (axes.yAxis, axes.yAxis, 1), (axes.zAxis, axes.zAxis, 1),
      (axes.xAxis, axes.yAxis, 0), (axes.yAxis, axes.zAxis, 0), (axes.zAxis, axes.xAxis, 0),
    ] as [(SIMD3<Float>, SIMD3<Float>, Float)] {
      #expect(abs(Vector.dot(a, b) - expected) < 1e-6)
    }
    #expect(axes.determinant > 0.999)
  }

  @Test func `a camera is found by its node's name or is the first`() throws {
    var two = scene(.scale, .step, [0], [SIMD4(1, 1, 1, 0)])
    two.nodes.append(Scene.Node(name: "other", pose: Pose(translation: SIMD3(0, 0, 4)), camera: 1))
    two.cameras.append(Scene.Camera(yFovRad: 0.5))
    #expect(try two.frame(timeS: 0, camera: nil).view.camera == Scene.Camera(yFovRad: 1))
    #expect(try two.frame(timeS: 0, camera: "").view.camera == Scene.Camera(yFovRad: 1))
    #expect(try two.frame(timeS: 0, camera: "other").view.camera == Scene.Camera(yFovRad: 0.5))
    do throws(SceneError) {
      _ = try two.frame(timeS: 0, camera: "third")
      Issue.record("found")
    } catch {
      #expect(error.fault == .cameraNotFound(name: "third", cameras: ["eye", "other"]))
    }
  }

  @Test func `a scene without a camera says how to give a view`() throws {
    var blind = scene(.scale, .step, [0], [SIMD4(1, 1, 1, 0)])
    blind.nodes[0].camera = nil
    do throws(SceneError) {
      _ = try blind.frame(timeS: 0, camera: nil)
      Issue.record("seen")
    } catch {
      #expect(error.fault == .noCamera)
      #expect(error.description.contains("--eye"))
    }
    let view = try #require(
      FrameScene.View(eye: SIMD3(0, 0, 5), lookAt: SIMD3(0, 0, 0), yFovRad: 1))
    #expect(view.worldFromCamera.direction(SIMD3(0, 0, -1)) == SIMD3(0, 0, -1))
    #expect(try blind.frame(timeS: 0, view: view).view == view)
    #expect(
      FrameScene.View(eye: SIMD3(0, 5, 0), lookAt: .zero, yFovRad: 1) == nil, "up points along the view")
    #expect(FrameScene.View(eye: .zero, lookAt: .zero, yFovRad: 1) == nil)
  }

  @Test func `a camera scaled flat and a node thrown to infinity are refused`() {
    let flat = scene(.scale, .step, [0], [SIMD4(0, 0, 0, 0)])
    let far = scene(
      .scale, .step, [0], [SIMD4(3e38, 1, 1, 0)],
      pose: Pose(rotation: Quaternion.normalised(SIMD4(0.1, 0.7, 0.2, 0.3)), scale: SIMD3(repeating: 1)))
    var deep = far
    deep.nodes.append(Scene.Node(name: "", parent: 0, pose: Pose(scale: SIMD3(repeating: 3e38))))
    for (scene, expected) in [
      (flat, SceneError.Fault.cameraFlattened(node: 0)), (deep, .notFinite(element: 1)),
    ] {
      do throws(SceneError) {
        _ = try scene.frame(timeS: 0, camera: nil)
        Issue.record("framed")
      } catch {
        #expect(error.fault == expected)
      }
    }
  }
}
