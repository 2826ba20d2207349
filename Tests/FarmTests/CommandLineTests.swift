import Foundation
import Testing

/// Refusals as a person meets them: one line of what, where and what to do, and the promised exit code.
@Suite(.serialized)
struct CommandLineTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("cli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func file(_ name: String, _ text: String) throws -> String {
    let path = folder.appendingPathComponent(name)
    try text.write(to: path, atomically: true, encoding: .utf8)
    return path.path
  }

  private let cornell = Programs.root.appendingPathComponent("Scenes/cornell/cornell.gltf").path

  @Test(arguments: ["render", "render-worker", "render-coordinator"])
  func `help names the commands and succeeds`(program: String) throws {
    let outcome = try Programs.run(program, ["--help"])
    #expect(outcome.exit == 0)
    #expect(outcome.output.contains(program))
  }

  @Test func `a misspelt command or flag is a usage error with a suggestion`() throws {
    let command = try Programs.run("render", ["fram"])
    #expect(command.exit == 2)
    #expect(command.notes.contains("did you mean 'render frame'"))
    let flag = try Programs.run("render", ["frame", cornell, "-o", "x.exr", "--sample", "4"])
    #expect(flag.exit == 2)
    #expect(flag.notes.contains("--samples"))
  }

  @Test(arguments: ["cornell", "materials", "orrery"])
  func `a compiler that never saw the kernels has no warning for a person`(scene: String) throws {
    let caches = ["POCL_CACHE_DIR", "XDG_CACHE_HOME"].map { ($0, folder.path) }
    let file = Programs.root.appendingPathComponent("Scenes/\(scene)/\(scene).gltf").path
    let image = folder.appendingPathComponent("x.png").path
    let outcome = try Programs.run(
      "render", ["frame", file, "-o", image, "--width", "8", "--height", "8"],
      environment: Dictionary(uniqueKeysWithValues: caches))
    #expect(outcome.exit == 0 && !outcome.notes.contains("warning"), "\(outcome.notes)")
  }

  @Test func `half of the kernels is compiled for another process, and left in the cache`() throws {
    let caches = ["POCL_CACHE_DIR", "XDG_CACHE_HOME"].map { ($0, folder.path) }
    func compile(_ flags: [String]) throws -> Int32 {
      try Programs.run(
        "render", ["compile-shading"] + flags, environment: Dictionary(uniqueKeysWithValues: caches)
      ).exit
    }
    #expect(try compile(["--device", "99.0", "--features", "0"]) == 1)
    #expect(try compile(["--device", "0.0", "--features", "0"]) == 0)
    let kept = try FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent("render-farm").path)
    #expect(kept.count == 1 && kept.allSatisfy { $0.hasSuffix(".clbin") }, "\(kept)")
  }

  @Test func `a scene that is not there or not JSON is named`() throws {
    let absent = try Programs.run("render", ["frame", "nowhere.gltf", "-o", "x.exr"])
    #expect(absent.exit == 1)
    #expect(absent.notes.contains("nowhere.gltf"))
    let broken = try Programs.run("render", ["frame", file("broken.gltf", "{\"asset\": "), "-o", "x.exr"])
    #expect(broken.exit == 1)
    #expect(broken.notes.contains("broken.gltf"))
  }

  @Test(arguments: [
    (["--tile", "0,0,97,1"], "not inside the image, 96x96"), (["--tile", "0,0,1e9,1"], "X,Y,W,H"),
    (["--tile", "1,2,3"], "X,Y,W,H"), (["--focus-distance", "2"], "--f-number or --aperture-radius"),
    (["--f-number", "2"], "--focus-distance"), (["--f-number", "0"], "expected a number from"),
    (["--f-number", "2", "--aperture-radius", "1"], "give one of them"), (["--filter", "tent"], "box"),
    (["--yfov-deg", "30"], "needs --eye"), (["--eye", "0,0,1"], "--eye needs --look-at"),
    (["--eye", "0,0,1", "--look-at", "0,0,1"], "do not make a direction"),
    (["--eye", "0,0,1", "--look-at", "0,0,0", "--camera", "camera"], "give one of them"),
    (["--view", "filmic"], "pbr-neutral"), (["--exposure", "99"], "--exposure 99"),
    (["--layers", "albedo,z"], "known are beauty"), (["--png", "12"], "8, 16, hdr"),
    (["--png", "hdr", "--view", "agx"], "--png 8 or 16"),
  ])
  func `flags that make no sense are refused with what to give`(flags: [String], remedy: String) throws {
    let image = folder.appendingPathComponent("x.exr").path
    let size = ["--width", "96", "--height", "96", "--samples", "1"]
    let outcome = try Programs.run("render", ["frame", cornell, "-o", image] + size + flags)
    #expect(outcome.exit == 2)
    #expect(outcome.notes.contains(remedy), "\(outcome.notes)")
  }

  @Test func `layers without a file that can hold them are refused`() throws {
    let image = folder.appendingPathComponent("x.png").path
    let outcome = try Programs.run("render", ["frame", cornell, "-o", image, "--layers", "depth"])
    #expect(outcome.exit == 2)
    #expect(outcome.notes.contains("write an .exr"))
  }

  @Test func `a sequence goes on where it was interrupted, and its last line is JSON`() throws {
    let frames = folder.appendingPathComponent("frames")
    let command =
      ["sequence", cornell, "--frames", "1-3", "-o", frames.path, "--width", "16", "--height", "16"]
      + ["--samples", "1", "--json"]
    let first = try Programs.run("render", command)
    #expect(first.exit == 0)
    #expect(first.output.split(separator: "\n").count == 3)
    let keys = ["prep_s", "render_s", "render_cpu_s", "rays", "samples", "device", "digest"]
    for key in keys { #expect(first.lastLine.contains("\"\(key)\":"), "\(first.lastLine)") }
    try FileManager.default.removeItem(at: frames.appendingPathComponent("frame.0002.exr"))
    let again = try Programs.run("render", command)
    #expect(again.exit == 0)
    #expect(again.output.split(separator: "\n").count == 1)
    for number in [1, 3] { #expect(again.notes.contains("frame \(number): already there")) }
    #expect(first.output.contains(again.lastLine.split(separator: "\"digest\":")[1].prefix(66)))
  }

  @Test func `without an OpenCL device the remedy is named`() throws {
    let outcome = try Programs.run(
      "render", ["frame", cornell, "-o", folder.appendingPathComponent("x.exr").path],
      environment: ["OCL_ICD_VENDORS": folder.path])
    #expect(outcome.exit == 1)
    #expect(outcome.notes.contains("pocl-opencl-icd"))
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: simulator), "no Oclgrind: apt-get install oclgrind"))
  func `a simulator is listed, and checked only when it is named`() throws {
    _ = try file("simulator.icd", Self.simulator)
    let outcome = try Programs.run(
      "render", ["devices", "--check"], environment: ["OCL_ICD_VENDORS": folder.path])
    #expect(outcome.exit == 0)
    #expect(outcome.output.contains("not checked") && outcome.output.contains("--device 0.0"))
  }

  private static let simulator = "/usr/lib/oclgrind/liboclgrind-rt-icd.so"

  @Test func `a farm that is not there is named`() throws {
    let outcome = try Programs.run(
      "render",
      ["jobs", "--coordinator", "http://127.0.0.1:9", "--key", folder.appendingPathComponent("k").path])
    #expect(outcome.exit == 1)
    #expect(outcome.notes.contains("127.0.0.1:9"))
  }

  @Test func `two coordinators share neither a port nor a data folder`() async throws {
    let farm = try await Farm()
    let listen = String(farm.url.dropFirst("http://".count))
    let samePort = try Programs.run(
      "render-coordinator",
      ["serve", "--data", folder.appendingPathComponent("other").path, "--listen", listen])
    #expect(samePort.exit == 1)
    #expect(samePort.notes.contains(listen))
    let sameData = try Programs.run(
      "render-coordinator", ["serve", "--data", farm.data.path, "--listen", "127.0.0.1:0"])
    #expect(sameData.exit == 1)
    #expect(sameData.notes.contains(farm.data.path))
  }

  @Test func `a job that the account cannot pay is refused with the figures`() async throws {
    let farm = try await Farm()
    let poor = folder.appendingPathComponent("poor.key").path
    let outcome = try Programs.run(
      "render", ["submit", cornell, "--coordinator", farm.url, "--key", poor] + smallJob)
    #expect(outcome.exit == 3)
    #expect(outcome.notes.contains("credits"))
  }

  @Test func `a budget too small for any ray still says what the job needs`() async throws {
    let farm = try await Farm()
    let outcome = try Programs.run(
      "render",
      ["submit", cornell, "--coordinator", farm.url, "--key", farm.animatorKey, "--budget", "0"] + smallJob)
    #expect(outcome.exit == 2)
    #expect(outcome.notes.contains("--budget"))
  }

  @Test func `half a certificate, and a name that no URL has, are usage errors`() throws {
    let data = folder.appendingPathComponent("open").path
    for (arguments, word) in [
      (["--tls-cert", "x.pem"], "--tls-key"), (["--names", "https://farm.example"], "--names"),
    ] {
      let outcome = try Programs.run(
        "render-coordinator", ["serve", "--data", data, "--listen", "0.0.0.0:0"] + arguments)
      #expect(outcome.exit == 2)
      #expect(outcome.notes.contains(word))
    }
  }
}
