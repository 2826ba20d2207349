import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement
import TestSupport
import Testing

@Suite struct SceneCheckTests {
  private func refusal(ofShell script: String, timeoutMS: Int = 20_000) async -> Refusal? {
    let check = ChildSceneCheck(executable: "/bin/sh", arguments: ["-c", script], timeoutMS: timeoutMS)
    do {
      try await check.check(smallTerms(), files: ["scene.gltf": "/nowhere"])
      return nil
    } catch { return error as? Refusal }
  }

  @Test func `a child that lets the scene through is believed`() async {
    #expect(await refusal(ofShell: "cat > /dev/null; echo '{}'") == nil)
  }

  @Test func `a child that refuses is quoted`() async {
    let said = #"{"refusal":{"code":"scene_invalid","message":"a#/b: c","remedy":"d"}}"#
    let refusal = await refusal(ofShell: "cat > /dev/null; echo '\(said)'")
    #expect(refusal == Refusal(.sceneInvalid, "a#/b: c", remedy: "d"))
  }

  @Test(arguments: [
    ("kill -SEGV $$", "scene.gltf: reading it was ended by signal 11"),
    ("exit 3", "scene.gltf: reading it failed with status 3"), ("echo nonsense", "scene.gltf: reading it"),
  ])
  func `a child that dies or babbles is a refusal`(script: String, start: String) async {
    let refusal = await refusal(ofShell: script)
    #expect(refusal?.code == .sceneInvalid)
    #expect(refusal?.message.hasPrefix(start) ?? false)
  }

  @Test func `a child that never stops talking is refused, and ended`() async {
    let refusal = await refusal(ofShell: "cat > /dev/null; exec yes")
    #expect(refusal?.code == .sceneInvalid)
  }

  @Test func `no more children run at a time than may`() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("turns-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Each counts who is there with it, itself included.
    let script =
      "cat > /dev/null; touch \(folder.path)/$$; sleep 0.2; n=$(ls \(folder.path) | wc -l); "
      + "rm \(folder.path)/$$; echo \"{\\\"refusal\\\":{\\\"code\\\":\\\"busy\\\",\\\"message\\\":\\\"$n\\\","
      + "\\\"remedy\\\":\\\"\\\"}}\""
    let check = ChildSceneCheck(executable: "/bin/sh", arguments: ["-c", script], timeoutMS: 20_000)
    let counts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<3 * Limits.sceneChecksMax {
        group.addTask {
          do {
            try await check.check(smallTerms(), files: [:])
            return 0
          } catch { return (error as? Refusal).flatMap { Int($0.message) } ?? 0 }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts.allSatisfy { (1...Limits.sceneChecksMax).contains($0) }, "\(counts)")
    #expect(counts.max() ?? 0 > 1, "one after the other")
  }

  @Test func `a child that hangs is ended and refused`() async {
    let refusal = await refusal(ofShell: "exec sleep 600", timeoutMS: 300)
    #expect(refusal?.code == .sceneInvalid)
    #expect(refusal?.message.contains("took more than") ?? false)
  }

  @Test func `a broken scene is refused with its file and place`() throws {
    let path = NSTemporaryDirectory() + "scene-\(UInt64.random(in: 0 ... .max)).gltf"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(#"{"asset":{"version":"2.0"},"scenes":[{"nodes":[7]}],"scene":0}"#.utf8)
      .write(to: URL(fileURLWithPath: path))
    let broken = SceneCheck.refusal(of: smallTerms(), files: ["scene.gltf": path])
    #expect(broken?.code == .sceneInvalid)
    #expect(broken?.message.hasPrefix("scene.gltf#/scenes/0/nodes") ?? false)
    let missing = SceneCheck.refusal(of: smallTerms(), files: [:])
    #expect(missing?.message == "scene.gltf: no such file")
  }

  @Test(arguments: [EXRFiles.uncompressed, EXRFiles.rle, EXRFiles.zips, EXRFiles.zip, EXRFiles.piz])
  func `an OpenEXR environment is let through, and refused by name when it is damaged`(base64: String) throws
  {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sky-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (scene, sky) = (folder.appendingPathComponent("scene"), folder.appendingPathComponent("sky"))
    let text =
      #"{"asset":{"version":"2.0"},"scene":0,"nodes":[{"camera":0}],"cameras":"#
      + #"[{"type":"perspective","perspective":{"yfov":1,"znear":1}}],"#
      + #""scenes":[{"nodes":[0],"extras":{"environment":"sky.exr"}}]}"#
    try Data(text.utf8).write(to: scene)
    let whole = try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters))
    let files = ["scene.gltf": scene.path, "sky.exr": sky.path]
    try whole.write(to: sky)
    #expect(SceneCheck.refusal(of: smallTerms(), files: files) == nil)
    try whole.prefix(whole.count - 9).write(to: sky)
    let damaged = SceneCheck.refusal(of: smallTerms(), files: files)
    #expect(damaged?.code == .sceneInvalid)
    #expect(damaged?.message.hasPrefix("sky.exr: ") ?? false, "\(damaged?.message ?? "")")
  }
}
