import SceneModel
import Terminal

extension LocalScene {
  /// The scene at a frame's time, seen by the chosen camera or by `--eye`, through the lens that the flags
  /// ask for.
  func frame(_ number: UInt32, _ arguments: Arguments) throws -> FrameScene {
    let timeS = Float(number - 1) / Float(framesPerSecond)
    var frame =
      if let view = try view(arguments) {
        try scene.frame(timeS: timeS, view: view)
      } else {
        try scene.frame(timeS: timeS, camera: camera)
      }
    frame.view.camera.lens = try lens(of: frame.view.camera, arguments)
    return frame
  }

  /// The camera of `--eye`; nil without that flag.
  private func view(_ arguments: Arguments) throws(CommandFailure) -> FrameScene.View? {
    guard let eye = try arguments.numbers("--eye", count: 3) else {
      for name in ["--look-at", "--up", "--yfov-deg"] where arguments.string(name) != nil {
        throw .usage("\(name) needs --eye", remedy: "give --eye X,Y,Z, or leave the scene's camera as it is")
      }
      return nil
    }
    guard camera == nil else {
      throw .usage("--camera and --eye are two cameras", remedy: "give one of them")
    }
    guard let target = try arguments.numbers("--look-at", count: 3) else {
      throw .usage("--eye needs --look-at", remedy: "give --look-at X,Y,Z, the point to look at")
    }
    let up = try arguments.numbers("--up", count: 3) ?? [0, 1, 0]
    let yFovDeg = try arguments.number("--yfov-deg", in: 1...170) ?? 40
    let view = FrameScene.View(
      eye: SIMD3(eye[0], eye[1], eye[2]), lookAt: SIMD3(target[0], target[1], target[2]),
      up: SIMD3(up[0], up[1], up[2]), yFovRad: yFovDeg * ExactMath.pi / 180)
    guard let view else {
      throw .usage(
        "--eye, --look-at and --up do not make a direction",
        remedy: "look at another point than the eye's, and not along --up")
    }
    return view
  }

  /// The camera's own lens, or what the flags make of it.
  func lens(
    of camera: Scene.Camera, _ arguments: Arguments
  ) throws(CommandFailure) -> Scene.Camera.Lens? {
    let sizes = SceneLimits.cameraSizeMin...SceneLimits.cameraSizeMax
    let focusDistance = try arguments.number("--focus-distance", in: sizes)
    let fNumber = try arguments.number("--f-number", in: sizes)
    var radius = try arguments.number("--aperture-radius", in: 0...SceneLimits.cameraSizeMax)
    guard focusDistance != nil || fNumber != nil || radius != nil else { return camera.lens }
    if let fNumber {
      guard radius == nil else {
        throw .usage("--f-number and --aperture-radius say the same", remedy: "give one of them")
      }
      guard let ofNumber = camera.apertureRadius(fNumber: fNumber) else {
        throw .usage(
          "--f-number \(fNumber): an orthographic camera has no focal length",
          remedy: "give --aperture-radius")
      }
      radius = ofNumber
    }
    guard let radius = radius ?? camera.lens?.apertureRadius else {
      throw .usage(
        "--focus-distance: the camera is a pinhole", remedy: "give --f-number or --aperture-radius, too")
    }
    guard let focusDistance = focusDistance ?? camera.lens?.focusDistance else {
      throw .usage("the lens needs --focus-distance", remedy: "give the metres to what shall be sharp")
    }
    return Scene.Camera.Lens(apertureRadius: radius, focusDistance: focusDistance)
  }
}
