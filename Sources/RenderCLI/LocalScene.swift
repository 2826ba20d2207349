import Cryptography
import Foundation
import Imaging
import Render
import SceneModel
import Terminal

/// A scene on this machine with everything the flags say about it.
struct LocalScene {
  enum Background: String, CaseIterable { case environment, transparent }

  /// The folder beside the scene file, and over it the environment that `--environment` names, wherever it
  /// is.
  let files: OverlaidFiles<MappedFiles, DirectoryFiles>
  /// Path in `files` -> file on this machine, for files that are not simply beside the scene.
  private let elsewhere: [String: String]
  private let folder: URL
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
    folder = file.deletingLastPathComponent()
    path = file.lastPathComponent
    let environment = arguments.string("--environment").map { URL(fileURLWithPath: $0) }
    let environmentPath = environment.map { "environment/\($0.lastPathComponent)" }
    elsewhere = environmentPath.map { [$0: environment?.path ?? ""] } ?? [:]
    files = OverlaidFiles(MappedFiles(elsewhere), over: DirectoryFiles(root: folder.path))
    overrides = SceneOverrides(
      environmentFile: environmentPath,
      environmentStrength: try arguments.number("--environment-strength", in: 0...1e6),
      environmentRotationDeg: try arguments.number("--environment-rotation-deg", in: -360...360) ?? 0)
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

  /// The file on this machine that stands for a path in `files`.
  func location(of path: String) -> String { elsewhere[path] ?? folder.appendingPathComponent(path).path }

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
      up: SIMD3(up[0], up[1], up[2]), yFovRad: yFovDeg * ExactMath.pi / 180)
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
