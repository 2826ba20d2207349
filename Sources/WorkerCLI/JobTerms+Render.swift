import FarmProtocol
import Render
import SceneModel
import Settlement

/// What a job's terms mean to the renderer. Whoever renders a frame of a job must do exactly this: with the
/// bundle's bytes it decides every bit.
extension JobTerms {
  /// What decides a frame's bits besides its device scene.
  func renderSettings(frame: UInt32) -> RenderSettings {
    RenderSettings(
      widthPX: Int(widthPX), heightPX: Int(heightPX), samplesPerPixel: Int(samplesPerPixel),
      maxDepth: Int(maxDepth), transparentBackground: background == .transparent, seed: id.digest,
      frame: frame, filter: film?.filter == .blackmanHarris ? .blackmanHarris : .box, layers: layers)
  }

  /// What goes over the scene file's own words.
  var sceneOverrides: SceneOverrides {
    SceneOverrides(
      environmentFile: environmentFile.isEmpty ? nil : environmentFile,
      environmentStrength: environmentStrength,
      environmentRotationDeg: environmentRotationDeg)
  }

  /// A frame's time in the scene's animation, seconds: one division, rounded once.
  func timeS(frame: UInt32) -> Float { Float(frame - 1) / Float(framesPerSecond) }

  /// The scene at a frame's time, seen by the job's camera and lens.
  func frameScene(_ scene: Scene, frame: UInt32) throws(SceneError) -> FrameScene {
    var frame = try scene.frame(timeS: timeS(frame: frame), camera: camera.isEmpty ? nil : camera)
    if let lens = film?.lens {
      frame.view.camera.lens = Scene.Camera.Lens(
        apertureRadius: lens.apertureRadius, focusDistance: lens.focusDistance)
    }
    return frame
  }
}
