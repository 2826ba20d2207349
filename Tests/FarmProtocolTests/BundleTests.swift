import FarmProtocol
import Testing

struct BundleTests {
  @Test(arguments: [
    ("", "empty"), ("/etc/passwd", "absolute"), ("a/../b", "\"..\""), ("..", "\"..\""), ("./a", "\".\""),
    ("a/./b", "\".\""), ("a//b", "empty component"), ("a/", "empty component"), ("a\\b", "backslash"),
    ("c:/x", "colon"), ("a\nb", "control"), ("a\u{0}b", "control"), ("a\u{7f}", "control"),
    ("a\u{85}b", "control"), ("e\u{301}.png", "normal form C"),
    (String(repeating: "a", count: 513), "513 bytes"),
  ])
  func `path that could lead astray is refused`(path: String, why: String) throws {
    let reason = try #require(BundlePath.check(path))
    #expect(reason.contains(why))
  }

  @Test(arguments: ["a", "a/b.c", "...", "..a/b", ".hidden", "\u{e9}.png", "a b", "日本.gltf"])
  func `plain relative path is fine`(path: String) {
    #expect(BundlePath.check(path) == nil)
  }

  @Test func `longest path is fine`() {
    #expect(BundlePath.check(String(repeating: "a", count: Limits.pathBytesMax)) == nil)
  }

  @Test func `good manifest passes`() throws { try Fixtures.manifest().validate() }

  private func manifest(_ paths: [String], bytes: UInt64 = 1) throws -> BundleManifest {
    var manifest = BundleManifest(files: [])
    manifest.files = try paths.map { .init(path: $0, digest: try Fixtures.digest(1), bytes: bytes) }
    return manifest
  }

  @Test(arguments: [
    ([], "no files"), (["a", "../b"], "bundle file 1"), (["b", "a"], "not after \"b\""),
    (["a", "a"], "not after \"a\""), (["A.png", "a.png"], "collides with \"A.png\""),
    (["a", "a/b"], "collides with \"a\""), (["A/x", "a"], "collides with \"A/x\""),
  ])
  func `manifest that no machine should unpack is refused`(paths: [String], why: String) throws {
    let manifest = try manifest(paths)
    let refusal = try refusal { try manifest.validate() }
    #expect(refusal.code == .bundleInvalid)
    #expect(refusal.message.contains(why))
  }

  @Test func `two files of one folder do not collide`() throws {
    try manifest(["a/b", "a/c", "ab"]).validate()
  }

  @Test func `file and bundle sizes are bounded`() throws {
    let large = try manifest(["a"], bytes: UInt64(Limits.blobBytesMax) + 1)
    #expect(try refusal { try large.validate() }.message.contains("1073741825 bytes"))
    let many = try manifest((1...9).map { "\($0)" }, bytes: UInt64(Limits.blobBytesMax))
    #expect(try refusal { try many.validate() }.message.contains("the bundle has \(9 << 30) bytes"))
    try manifest((1...8).map { "\($0)" }, bytes: UInt64(Limits.blobBytesMax)).validate()
  }

  @Test func `sum of absurd sizes saturates`() throws {
    #expect(try manifest(["a", "b"], bytes: .max).totalBytes == .max)
  }

  @Test func `too many files are refused before they are looked at`() throws {
    let manifest = try manifest((0...Limits.bundleFilesMax).map { _ in "/" })
    #expect(try refusal { try manifest.validate() }.message.contains("20001 files"))
  }
}
