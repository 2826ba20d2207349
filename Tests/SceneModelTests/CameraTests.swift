import Foundation
import SceneModel
import Testing

/// Cameras as files describe them.
struct CameraTests {
  private func scene(_ camera: String) -> TriangleScene {
    TriangleScene().replacing(
      "{\"type\": \"perspective\", \"perspective\": {\"yfov\": 0.6, \"znear\": 0.1}}", camera)
  }
  private static let perspective = "\"type\": \"perspective\", \"perspective\": {\"yfov\": 0.6}"
  private static let parallel = "\"type\": \"orthographic\", \"orthographic\": {\"xmag\": 9, \"ymag\": 2.5}"

  @Test func `an orthographic camera shows twice its ymag in height`() throws {
    let frame = try scene("{\(CameraTests.parallel)}").read().frame(timeS: 0, camera: nil)
    #expect(frame.view.camera == Scene.Camera(.orthographic(halfHeight: 2.5)))
  }

  @Test func `extras describe a lens by its opening or by the f-number`() throws {
    let opening = try scene(
      "{\(CameraTests.perspective), \"extras\": {\"apertureRadius\": 0.02, \"focusDistance\": 3}}"
    ).read().cameras[0]
    #expect(opening.lens == Scene.Camera.Lens(apertureRadius: 0.02, focusDistance: 3))
    let number = try scene(
      "{\(CameraTests.perspective), \"extras\": {\"fNumber\": 1.4, \"focusDistance\": 3}}"
    ).read().cameras[0]
    // A film of 24 mm under 0.6 radians has a focal length of 38.8 mm.
    let radius = 0.012 / tan(0.3) / (2 * 1.4)
    #expect(abs(Double(try #require(number.lens).apertureRadius) - radius) < 1e-8)
    let parallel = try scene(
      "{\(CameraTests.parallel), \"extras\": {\"apertureRadius\": 0.02, \"focusDistance\": 3}}"
    ).read().cameras[0]
    #expect(parallel.lens == opening.lens)
    let none = try scene("{\(CameraTests.perspective), \"extras\": {\"focusDistance\": 3}}").read().cameras[0]
    #expect(none.lens == nil, "without an opening it is a pinhole")
    #expect(try scene("{\(CameraTests.perspective), \"extras\": [1]}").read().cameras[0].lens == nil)
  }

  @Test(arguments: [
    (
      "{\"type\": \"fisheye\"}",
      SceneError.Fault.wrongType(found: "\"fisheye\"", expected: "\"perspective\" or \"orthographic\""),
      "/type"
    ),
    ("{\"type\": \"orthographic\"}", .missingMember("orthographic"), ""),
    (
      "{\"type\": \"orthographic\", \"orthographic\": {\"ymag\": 0}}",
      .outOfRange(value: 0, low: Double(SceneLimits.cameraSizeMin), high: 1e6), "/orthographic/ymag"
    ),
    ("{\(perspective), \"extras\": {\"fNumber\": 2}}", .missingMember("focusDistance"), "/extras"),
    (
      "{\(perspective), \"extras\": {\"fNumber\": \"2\", \"focusDistance\": 1}}",
      .wrongType(found: "a string", expected: "a number"), "/extras/fNumber"
    ),
    (
      "{\(parallel), \"extras\": {\"fNumber\": 2, \"focusDistance\": 1}}",
      .missingMember("apertureRadius"), "/extras"
    ),
  ])
  func `a camera that makes no sense is refused where it is`(
    _ json: String, _ fault: SceneError.Fault, _ pointer: String
  ) throws {
    let error = try #require(scene(json).refusal)
    #expect(error.fault == fault)
    #expect(error.place == SceneError.Place(file: "scene.gltf", pointer: "/cameras/0" + pointer))
  }
}
