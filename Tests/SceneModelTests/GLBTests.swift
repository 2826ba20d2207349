import SceneModel
import Testing

@Suite struct GLBTests {
  /// A .glb of chunks, with true lengths.
  private func container(_ chunks: [(type: UInt32, body: [UInt8])]) -> [UInt8] {
    let body = chunks.flatMap { bytes(UInt32($0.body.count)) + bytes($0.type) + $0.body }
    return Array("glTF".utf8) + bytes(UInt32(2)) + bytes(UInt32(12 + body.count)) + body
  }

  /// The triangle with its buffer in the binary chunk, as exporters pad it.
  private var triangle: [UInt8] {
    let fixture = TriangleScene()
    var json = Array(fixture.replacing("\"uri\": \"t.bin\", ", "").json.utf8)
    while json.count % 4 != 0 { json.append(0x20) }
    return container([(0x4e4f_534a, json), (0x004e_4942, (fixture.files["t.bin"] ?? []) + [0])])
  }

  private func fault(_ bytes: [UInt8]) -> SceneError.Fault? {
    do {
      _ = try SceneReader.read("a.glb", from: MemoryFiles(files: ["a.glb": bytes]))
      return nil
    } catch {
      return error.fault
    }
  }

  @Test func `a binary scene reads like its text`() throws {
    let scene = try SceneReader.read("a.glb", from: MemoryFiles(files: ["a.glb": triangle]))
    let text = try TriangleScene().read()
    #expect(scene.primitives[0].positions == text.primitives[0].positions)
  }

  @Test func `chunks of unknown type are skipped`() {
    var chunked = triangle + bytes(UInt32(4)) + Array("xtra".utf8) + [1, 2, 3, 4]
    chunked.replaceSubrange(8..<12, with: bytes(UInt32(chunked.count)))
    #expect(fault(chunked) == nil)
  }

  @Test func `a broken frame is refused with its numbers`() {
    #expect(fault(Array(triangle.prefix(15))) == .badContainer(.headerCut(bytes: 15)))

    var version = triangle
    version[4] = 1
    #expect(fault(version) == .badContainer(.version(1)))

    let cut = Array(triangle.dropLast(4))
    #expect(fault(cut) == .badContainer(.length(declared: triangle.count, bytes: triangle.count - 4)))

    var long = triangle
    long.replaceSubrange(12..<16, with: bytes(UInt32.max))
    let end = 20 + Int(UInt32.max)
    #expect(fault(long) == .badContainer(.chunkOverrun(chunk: 0, end: end, bytes: triangle.count)))

    var tail = triangle + [0, 0, 0, 0]
    tail.replaceSubrange(8..<12, with: bytes(UInt32(tail.count)))
    #expect(fault(tail) == .badContainer(.chunkHeaderCut(chunk: 2, bytes: 4)))

    let wrongFirst = container([(0x004e_4942, [0, 0, 0, 0])])
    #expect(fault(wrongFirst) == .badContainer(.firstChunkNotJSON(type: 0x004e_4942)))
  }

  @Test func `no prefix of a binary scene reads`() {
    for count in 0..<triangle.count { #expect(fault(Array(triangle.prefix(count))) != nil) }
  }
}
