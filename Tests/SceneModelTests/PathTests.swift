import Foundation
import SceneModel
import Testing

@Suite struct PathTests {
  @Test(arguments: [
    ("../x.bin", SceneError.PathFault.climbs), ("a/../../x.bin", .climbs), ("%2e%2e/x.bin", .climbs),
    ("..%2fx.bin", .climbs), ("/etc/passwd", .absolute), ("%2Fetc/passwd", .absolute),
    ("//host/x", .absolute),
    ("C:\\\\x.bin", .backslash), ("..\\\\x.bin", .backslash), ("C:x.bin", .scheme),
    ("http://host/x.bin", .scheme),
    ("file:///etc/passwd", .scheme), ("", .empty), (".", .empty), ("a%00.bin", .controlCharacter),
    ("%ff.bin", .notUTF8), (String(repeating: "a", count: 513), .tooLong(bytes: 513, max: 512)),
  ])
  func `a path that leads elsewhere is refused before a file is touched`(
    _ uri: String, _ expected: SceneError.PathFault
  ) throws {
    let error = try #require(TriangleScene().replacing("\"t.bin\"", "\"\(uri)\"").refusal)
    guard case .pathRefused(_, expected) = error.fault else {
      Issue.record("\(uri): \(error)")
      return
    }
    #expect(error.place.pointer == "/buffers/0/uri")
  }

  @Test(arguments: [
    ("my%20mesh.bin", "my mesh.bin"), ("my mesh.bin", "my mesh.bin"), ("./sub/./t.bin", "sub/t.bin"),
    ("100%.bin", "100%.bin"), ("%C3%A9.bin", "é.bin"), ("a..b.bin", "a..b.bin"),
  ])
  func `an encoded path names its file beside the scene`(_ uri: String, _ file: String) throws {
    let fixture = TriangleScene().replacing("\"t.bin\"", "\"\(uri)\"")
    let files = MemoryFiles(files: [
      "shots/a/scene.gltf": Array(fixture.json.utf8), "shots/a/" + file: fixture.files["t.bin"] ?? [],
    ])
    #expect(try SceneReader.read("shots/a/scene.gltf", from: files).primitives.count == 1)
    #expect(
      try SceneReader.dependencies(of: "shots/a/scene.gltf", in: files) == [
        "shots/a/scene.gltf", "shots/a/" + file,
      ])
  }

  /// A folder with a scene, and beside it a file that no scene may reach.
  private func withFolder(_ body: (_ root: String, _ outside: String) throws -> Void) throws {
    let top = FileManager.default.temporaryDirectory.appendingPathComponent("scene-\(UUID().uuidString)")
    let root = top.appendingPathComponent("root")
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("sub"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: top) }
    let outside = top.appendingPathComponent("outside.bin")
    try Data([1, 2, 3]).write(to: outside)
    try Data([4, 5]).write(to: root.appendingPathComponent("sub/in.bin"))
    try body(root.path, outside.path)
  }

  private func fault(_ files: some SceneFiles, _ path: String) -> SceneError.Fault? {
    do {
      _ = try files.bytes(at: path)
      return nil
    } catch {
      return error.fault
    }
  }

  @Test func `a folder gives its files and nothing outside it`() throws {
    try withFolder { (root: String, outside: String) throws in
      let files = DirectoryFiles(root: root)
      try FileManager.default.createSymbolicLink(
        atPath: root + "/inner.bin", withDestinationPath: "sub/in.bin")
      try FileManager.default.createSymbolicLink(atPath: root + "/outer.bin", withDestinationPath: outside)
      try FileManager.default.createSymbolicLink(atPath: root + "/up", withDestinationPath: "..")
      #expect(try files.bytes(at: "sub/in.bin") == [4, 5])
      #expect(try files.bytes(at: "inner.bin") == [4, 5])
      #expect(fault(files, "outer.bin") == .pathRefused(path: "outer.bin", .leavesFolder))
      #expect(fault(files, "up/outside.bin") == .pathRefused(path: "up/outside.bin", .leavesFolder))
      #expect(fault(files, "../outside.bin") == .pathRefused(path: "../outside.bin", .climbs))
      #expect(fault(files, "sub") == .pathRefused(path: "sub", .notAFile))
      #expect(fault(files, "none.bin") == .fileMissing)
      #expect(fault(files, "sub/in.bin/x") == .fileMissing)
    }
  }

  @Test func `a pipe is refused, not waited for`() throws {
    try withFolder { (root: String, _: String) throws in
      #expect(mkfifo(root + "/pipe", 0o600) == 0)
      #expect(fault(DirectoryFiles(root: root), "pipe") == .pathRefused(path: "pipe", .notAFile))
    }
  }

  @Test func `a bundle gives only the paths it maps, and lies over a folder`() throws {
    try withFolder { (root: String, outside: String) throws in
      let bundle = MappedFiles(["env.hdr": outside])
      #expect(try bundle.bytes(at: "env.hdr") == [1, 2, 3])
      #expect(fault(bundle, "sub/in.bin") == .fileMissing)
      let both = OverlaidFiles(bundle, over: DirectoryFiles(root: root))
      #expect(try both.bytes(at: "env.hdr") == [1, 2, 3])
      #expect(try both.bytes(at: "sub/in.bin") == [4, 5])
      #expect(fault(both, "none") == .fileMissing)
    }
  }
}
