extension GLTFReader {
  /// The camera that the index at `cursor` names (section 3.10). The image decides the aspect ratio, and
  /// nothing is clipped near or far.
  func camera(_ cursor: JSONCursor) throws(SceneError) -> Scene.Camera {
    let entry = try document.entry(cursor, of: .cameras)
    var camera = Scene.Camera(try projection(entry))
    // Extras may be anything; only an object can hold ours.
    if let extras = try entry.member("extras"), case .object = extras.value {
      camera.lens = try lens(extras, of: camera)
    }
    return camera
  }

  private func projection(_ entry: JSONCursor) throws(SceneError) -> Scene.Camera.Projection {
    let type = try entry.required("type")
    switch try type.string() {
    case "perspective":
      let yFov = try entry.required("perspective").required("yfov")
      let angle = try yFov.float()
      guard angle > 0, angle < ExactMath.pi else {
        let high = Double(ExactMath.pi)
        throw SceneError(.outOfRange(value: Double(angle), low: 0, high: high), at: yFov.place)
      }
      return .perspective(yFovRad: angle)
    case "orthographic":
      return .orthographic(halfHeight: try size(try entry.required("orthographic").required("ymag")))
    case let other:
      throw SceneError(
        .wrongType(found: "\"\(other)\"", expected: "\"perspective\" or \"orthographic\""), at: type.place)
    }
  }

  /// The lens that extras describe: `focusDistance` with `apertureRadius`, metres, or `fNumber`.
  private func lens(
    _ extras: JSONCursor, of camera: Scene.Camera
  ) throws(SceneError) -> Scene.Camera.Lens? {
    let radius = try extras.member("apertureRadius")
    let fNumber = try extras.member("fNumber")
    guard radius != nil || fNumber != nil else { return nil }
    let focusDistance = try size(try extras.required("focusDistance"))
    if let radius {
      let value = try radius.float() == 0 ? 0 : size(radius)
      return Scene.Camera.Lens(apertureRadius: value, focusDistance: focusDistance)
    }
    guard let fNumber, let value = camera.apertureRadius(fNumber: try size(fNumber)) else {
      // An orthographic camera has no focal length that an f-number could be about.
      throw SceneError(.missingMember("apertureRadius"), at: extras.place)
    }
    return Scene.Camera.Lens(apertureRadius: value, focusDistance: focusDistance)
  }

  /// A number that single precision can trace with.
  private func size(_ cursor: JSONCursor) throws(SceneError) -> Float {
    let value = try cursor.float()
    let (low, high) = (SceneLimits.cameraSizeMin, SceneLimits.cameraSizeMax)
    guard value >= low, value <= high else {
      throw SceneError(
        .outOfRange(value: Double(value), low: Double(low), high: Double(high)), at: cursor.place)
    }
    return value
  }
}
