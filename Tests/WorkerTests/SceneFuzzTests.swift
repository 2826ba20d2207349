import Cryptography
import FarmProtocol
import Foundation
import Settlement
import TestSupport
import Testing
import Transport

/// Damaged scenes in a real, confined renderer: each ends in a refusal with its place or in a picture, and
/// the renderer lives on.
@Suite(.timeLimit(.minutes(10)), .serialized) struct SceneFuzzTests {
  let folder = TemporaryFolder()
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// `FARM_FUZZ_ROUNDS` for a longer hunt, `FARM_FUZZ_SEED` for another.
  private static func setting(_ name: String, _ fallback: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? fallback
  }
  private let rounds = setting("FARM_FUZZ_ROUNDS", 300)
  private let seed = setting("FARM_FUZZ_SEED", 1)

  private func child() throws -> RendererProcess {
    // A scene that takes a minute is one that hangs.
    try RendererProcess(
      executable: TileServerTests.program,
      arguments: ["tile-server", "--scene-files", folder.path, "--max-memory-gb", "4"],
      deadlines: .init(loadMS: 60_000, renderMS: 60_000))
  }

  /// The scene as a job of one 8 x 8 tile. No two have the same bundle: a renderer keeps what it has read.
  private func request(_ scene: HostileScene, _ kernelSet: Digest, round: UInt64) throws -> RendererScene {
    var files: [String: String] = [:]
    for (path, bytes) in scene.files {
      files[path] = folder.url.appendingPathComponent(path).path
      try Data(bytes).write(to: URL(fileURLWithPath: files[path] ?? ""))
    }
    var terms = Samples.terms(frames: 2)
    terms.bundle = Digest(of: withUnsafeBytes(of: round) { Array($0) })
    (terms.kernelSet, terms.sceneFile) = (kernelSet, scene.main)
    (terms.widthPX, terms.heightPX, terms.samplesPerPixel) = (8, 8, 2)
    return RendererScene(terms: terms, frame: 2, files: files)
  }

  private func render(_ scene: RendererScene, in child: RendererProcess) async throws {
    _ = try await child.load(scene)
    let rect = scene.terms.tile(TileIndex(1)).rect
    _ = try await child.render(tile: TileIndex(1), rect: rect, attempt: 0)
  }

  /// Whether it begins with a file, and a JSON pointer where there is one, or with an instance of a mesh.
  private static func isLocated(_ refusal: Refusal) -> Bool {
    let words = refusal.message.split(separator: " ").prefix(2)
    return words.contains { $0.hasSuffix(":") } || (words.first == "instance" && Int(words[1]) != nil)
  }

  @Test func `the scene is sound before it is damaged`() async throws {
    let child = try child()
    let kernelSet = try await child.describe().kernelSet
    let whole = try HostileScene.whole(repository: Self.root)
    try await render(try request(whole, kernelSet, round: 0), in: child)
    child.terminate()
  }

  @Test(arguments: HostileScene.Part.allCases)
  func `damage ends in a refusal or a picture`(part: HostileScene.Part) async throws {
    var child = try child()
    let kernelSet = try await child.describe().kernelSet
    let whole = try HostileScene.whole(repository: Self.root)
    var random = Seeded(seed: seed)
    var refusals: [String: Int] = [:]
    for round in 1...rounds {
      let scene = whole.damaged(part, &random)
      do {
        try await render(try request(scene, kernelSet, round: round), in: child)
      } catch let refusal as Refusal {
        #expect(refusal.code == .sceneInvalid || refusal.code == .tooLarge, "round \(round): \(refusal)")
        #expect(SceneFuzzTests.isLocated(refusal), "round \(round) names no place: \(refusal)")
        refusals[refusal.message, default: 0] += 1
      } catch {
        Issue.record("\(part.rawValue), FARM_FUZZ_SEED=\(seed), round \(round): \(error)")
        keep(scene, part, round: round)
        child = try self.child()
      }
    }
    #expect(!refusals.isEmpty, "no damage was found")
    child.terminate()
  }

  /// Leaves what brought a renderer down where it can be looked at.
  private func keep(_ scene: HostileScene, _ part: HostileScene.Part, round: UInt64) {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(part)-\(round)")
    try? FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for (path, bytes) in scene.files { try? Data(bytes).write(to: place.appendingPathComponent(path)) }
  }
}
