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
  let filter: PixelFilter
  let layers: LayerSet

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
    filter = try arguments.choice("--filter", default: settings.filter ?? .box)
    layers = try layerSet(arguments)
  }

  /// The file on this machine that stands for a path in `files`.
  func location(of path: String) -> String { elsewhere[path] ?? folder.appendingPathComponent(path).path }

  /// What decides the frame's bits besides the device scene.
  func settings(frame: UInt32, _ arguments: Arguments) throws -> RenderSettings {
    RenderSettings(
      widthPX: widthPX, heightPX: heightPX, samplesPerPixel: samplesPerPixel, maxDepth: maxDepth,
      transparentBackground: background == .transparent, seed: try seed(arguments), frame: frame,
      filter: filter, layers: layers)
  }

  private func seed(_ arguments: Arguments) throws -> Digest {
    guard let text = arguments.string("--seed") else { return RenderSettings.seed(number: 0) }
    if let digest = Digest(hex: text) { return digest }
    if let number = UInt64(text) { return RenderSettings.seed(number: number) }
    throw CommandFailure.usage("--seed \(text): expected a number or a job's 64 hex digits")
  }
}
