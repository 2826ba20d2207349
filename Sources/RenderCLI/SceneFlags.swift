import Cryptography
import Foundation
import Imaging
import Render
import SceneModel
import Terminal

/// The flags that say what a frame looks like, shared by every command that takes a scene.
enum SceneFlags {
  static let look: [Flag] = [
    .value("--width", "W", "image width, pixels", default: "the scene's, or 960"),
    .value("--height", "H", "image height, pixels", default: "the scene's, or 540"),
    .value("--samples", "N", "samples of each pixel", default: "the scene's, or 64"),
    .value("--max-depth", "N", "most scattering events of a path", default: "8"),
    .value("--fps", "N", "frames a second of the animation's time", default: "24"),
    .value("--camera", "NAME", "camera node", default: "the scene's first"),
    .value("--environment", "FILE", "lat-long .hdr around the scene", default: "the scene's own"),
    .value("--environment-strength", "S", "factor on its radiance"),
    .value("--environment-rotation-deg", "D", "turn about +Y, counter-clockwise seen from above"),
    .value("--background", "KIND", "environment or transparent", default: "environment"),
  ]
  static let local: [Flag] = [
    .value("--eye", "X,Y,Z", "camera position, instead of a camera node"),
    .value("--look-at", "X,Y,Z", "point that --eye looks at"),
    .value("--up", "X,Y,Z", "upward direction for --eye", default: "0,1,0"),
    .value("--yfov-deg", "D", "vertical field of view for --eye", default: "40"),
    .value("--seed", "N", "a number, or a job's digest to repeat a farm frame bit for bit", default: "0"),
    .value("--device", "ID", "OpenCL device, see 'render devices'", default: "the fastest kind"),
    .value(
      "--view", "NAME", "view transform of PNG files: raw, standard, agx, aces, pbr-neutral", default: "agx"),
    .value("--exposure", "EV", "exposure of PNG files, stops", default: "0"),
  ]
}

/// A scene on this machine with everything the flags say about it.
struct LocalScene {
  enum Background: String, CaseIterable { case environment, transparent }

  /// Where the scene's files are, and the environment that `--environment` names, wherever it is.
  let files: OverlaidFiles
  /// The scene file's path in `files`.
  let path: String
  let overrides: SceneOverrides
  let scene: Scene
  let widthPX: Int
  let heightPX: Int
  let samplesPerPixel: Int
  let maxDepth: Int
  let framesPerSecond: Int
  let camera: String?
  let background: Background

  init(_ arguments: Arguments) throws {
    let file = URL(fileURLWithPath: arguments.positionals[0])
    let environment = arguments.string("--environment").map { URL(fileURLWithPath: $0) }
    files = OverlaidFiles(root: file.deletingLastPathComponent(), environment: environment)
    path = file.lastPathComponent
    overrides = SceneOverrides(
      environmentFile: environment == nil ? nil : OverlaidFiles.environmentPath(environment),
      environmentStrength: try arguments.number("--environment-strength", in: 0...1e6),
      environmentRotationDeg: try arguments.number("--environment-rotation-deg", in: -360...360))
    scene = try SceneReader.read(path, from: files, overrides: overrides)
    let settings = scene.settings
    widthPX = try arguments.integer("--width", in: 1...16_384, default: settings.widthPX ?? 960)
    heightPX = try arguments.integer("--height", in: 1...16_384, default: settings.heightPX ?? 540)
    samplesPerPixel = try arguments.integer(
      "--samples", in: 1...65_536, default: settings.samplesPerPixel ?? 64)
    maxDepth = try arguments.integer("--max-depth", in: 1...64, default: 8)
    framesPerSecond = try arguments.integer("--fps", in: 1...1_000, default: 24)
    camera = arguments.string("--camera")
    background = try arguments.choice("--background", default: .environment)
  }

  /// The scene at a frame's time, seen by the chosen camera or by `--eye`.
  func frame(_ number: UInt32, _ arguments: Arguments) throws -> FrameScene {
    let timeS = Float(number - 1) / Float(framesPerSecond)
    guard let eye = try arguments.numbers("--eye", count: 3) else {
      return try scene.frame(timeS: timeS, camera: camera)
    }
    guard let target = try arguments.numbers("--look-at", count: 3) else {
      throw CommandFailure.usage("--eye needs --look-at")
    }
    let up = try arguments.numbers("--up", count: 3) ?? [0, 1, 0]
    let yFovDeg = try arguments.number("--yfov-deg", in: 1...170) ?? 40
    let view = FrameScene.View(
      eye: SIMD3(eye[0], eye[1], eye[2]), lookAt: SIMD3(target[0], target[1], target[2]),
      up: SIMD3(up[0], up[1], up[2]), yFovDeg: yFovDeg)
    guard let view else { throw CommandFailure.usage("--eye, --look-at and --up do not make a direction") }
    return try scene.frame(timeS: timeS, view: view)
  }

  /// What decides the frame's bits besides the device scene.
  func settings(frame: UInt32, _ arguments: Arguments) throws -> RenderSettings {
    RenderSettings(
      widthPX: widthPX, heightPX: heightPX, samplesPerPixel: samplesPerPixel, maxDepth: maxDepth,
      transparentBackground: background == .transparent, seed: try seed(arguments), frame: frame)
  }

  private func seed(_ arguments: Arguments) throws -> Digest {
    guard let text = arguments.string("--seed") else { return RenderSettings.seed(number: 0) }
    if let digest = Digest(hex: text) { return digest }
    if let number = UInt64(text) { return RenderSettings.seed(number: number) }
    throw CommandFailure.usage("--seed \(text): expected a number or a job's 64 hex digits")
  }
}

/// The files beside a scene, and one environment that may lie anywhere.
struct OverlaidFiles: SceneFiles {
  private let beside: DirectoryFiles
  private let environment: URL?

  init(root: URL, environment: URL?) {
    beside = DirectoryFiles(root: root)
    self.environment = environment
  }

  /// The name under which `--environment FILE` appears beside the scene, and in a bundle.
  static func environmentPath(_ file: URL?) -> String { "environment/\(file?.lastPathComponent ?? "")" }

  func bytes(at path: String) throws -> [UInt8] {
    if let environment, path == Self.environmentPath(environment) {
      return [UInt8](try Data(contentsOf: environment))
    }
    return try beside.bytes(at: path)
  }
}
