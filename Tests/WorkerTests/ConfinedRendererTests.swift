import FarmProtocol
import Foundation
import Settlement
import Synchronization
import Testing
import Transport
import Worker

/// The renderer child as it is confined: that it still does its work, and that it says what is missing.
@Suite(.timeLimit(.minutes(10)), .serialized) struct ConfinedRendererTests {
  let folder = TemporaryFolder()
  let scenes = TileServerTests()

  private func child(_ words: [String], says log: Lines = Lines()) throws -> RendererProcess {
    try RendererProcess(
      executable: "/usr/bin/env", arguments: words + [TileServerTests.program] + scenes.serving
    ) { log.add($0) }
  }

  /// The bits of the first tile.
  private func tile(of child: RendererProcess) async throws -> [UInt8] {
    let scene = try scenes.scene(try await child.describe().kernelSet)
    _ = try await child.load(scene)
    let rect = scene.terms.tile(TileIndex(0)).rect
    return try await child.render(tile: TileIndex(0), rect: rect, attempt: 0).fragment
  }

  @Test func `kernels that nobody compiled here before render the same bits, and so do kept ones`()
    async throws
  {
    let usual = try child([])
    let expected = try await tile(of: usual)
    usual.terminate()
    for _ in 0..<2 {
      let log = Lines()
      let cold = try child(["-u", "POCL_CACHE_DIR", "XDG_CACHE_HOME=\(folder.path)"], says: log)
      #expect(try await tile(of: cold) == expected)
      #expect(log.values.contains { $0.hasPrefix("confined: network none") }, "\(log.values)")
      cold.terminate()
    }
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/render-farm"), "the folder was not used")
  }

  @Test func `a folder where compiled kernels cannot be kept is named`() async throws {
    let child = try child(["XDG_CACHE_HOME=/proc/nowhere", "POCL_CACHE_DIR=\(folder.path)"])
    let error = await #expect(throws: TransportError.self) { try await child.describe() }
    #expect(error?.description.contains("/proc/nowhere/render-farm") ?? false, "\(String(describing: error))")
  }

  @Test func `files outside of the scene's folder are not read`() async throws {
    let child = try child([])
    var scene = try scenes.scene(try await child.describe().kernelSet)
    let outside = folder.url.appendingPathComponent("outside.bin")
    try Data(TileServerTests.triangle).write(to: outside)
    _ = try await child.load(scene)
    scene.files["triangle.bin"] = outside.path
    scene.terms.bundle = .zero
    let refusal = await #expect(throws: Refusal.self) { try await child.load(scene) }
    #expect(refusal?.message.contains("triangle.bin") ?? false, "\(String(describing: refusal))")
    child.terminate()
  }

  @Test func `what this system lacks is said, and refused when the whole sandbox is required`() async throws {
    let probe = TileServerTests.program.replacingOccurrences(of: "render-worker", with: "ConfinementProbe")
    let words = ["hide-landlock", TileServerTests.program] + scenes.serving
    let log = Lines()
    let lenient = try RendererProcess(executable: probe, arguments: words) { log.add($0) }
    _ = try await lenient.describe()
    #expect(log.values.contains { $0.contains("missing: Landlock: this kernel has none") }, "\(log.values)")
    lenient.terminate()
    let strict = try RendererProcess(executable: probe, arguments: words + ["--require-sandbox"])
    let error = await #expect(throws: TransportError.self) { try await strict.describe() }
    #expect(error?.description.contains("cannot confine it: missing Landlock") ?? false)
  }

  @Test func `a scene that needs more memory than allowed ends the renderer, not the machine`() async throws {
    func load(maxMemoryGB: String) async throws {
      let words = ["tile-server", "--scene-files", scenes.folder.path, "--max-memory-gb", maxMemoryGB]
      let child = try RendererProcess(executable: TileServerTests.program, arguments: words)
      defer { child.terminate() }
      let scene = try scenes.scene(try await child.describe().kernelSet)
      // Far longer than the scene says, and nothing but a hole on the disk.
      #expect(truncate(scene.files["triangle.bin"] ?? "", 900 << 20) == 0)
      _ = try await child.load(scene)
    }
    try await load(maxMemoryGB: "4")
    let error = await #expect(throws: TransportError.self) { try await load(maxMemoryGB: "0.3") }
    #expect(error?.description.contains("was ended by signal") ?? false, "\(String(describing: error))")
  }
}

/// Lines from another thread.
private final class Lines: Sendable {
  private let list = Mutex<[String]>([])
  func add(_ line: String) { list.withLock { $0.append(line) } }
  var values: [String] { list.withLock { $0 } }
}
