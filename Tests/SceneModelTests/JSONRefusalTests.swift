import SceneModel
import Testing

@Suite struct JSONRefusalTests {
  private func refusal(_ json: String) -> SceneError? {
    TriangleScene(json: json).refusal
  }

  private func refusal(bytes: [UInt8]) -> SceneError? {
    do {
      _ = try SceneReader.read("scene.gltf", from: MemoryFiles(files: ["scene.gltf": bytes]))
      return nil
    } catch {
      return error
    }
  }

  @Test func `malformed JSON is refused with byte, line and column`() {
    let error = refusal("{\"asset\":\n {\"version\": \"2.0\" x}}")
    #expect(error?.fault == .malformedJSON(byte: 29, line: 2, column: 20, expected: "',' or '}'"))
    #expect(error?.place == SceneError.Place(file: "scene.gltf"))
  }

  @Test(arguments: [
    ("", 0, "a value"), ("{", 1, "a member's name in quotes"), ("[1 2]", 3, "',' or ']'"),
    ("{\"a\" 1}", 5, "':'"),
    ("nul", 0, "a value"), ("[01]", 3, "a number without leading zeros"),
    ("[1.]", 3, "a digit after the point"),
    ("[1e]", 3, "a digit of the exponent"), ("[NaN]", 1, "a value"), ("[-Infinity]", 1, "a value"),
    ("[1e999]", 1, "a number within +-1.8e308"), ("\"a", 2, "'\"' at the end of a string"),
    ("\"\\x\"", 2, "one of \"\\/bfnrtu after '\\'"), ("\"\\u12g4\"", 5, "four hex digits"),
    ("\"\n\"", 1, "no control character in a string"), ("{} {}", 3, "the end of the file"),
    ("{\"a\":1,\"a\":2}", 7, "another name than \"a\", which this object has already"),
    ("[1,]", 3, "a value"),
  ])
  func `each rule of RFC 8259 is kept`(_ json: String, _ byte: Int, _ expected: String) {
    guard case .malformedJSON(byte, _, _, expected) = refusal(json)?.fault else {
      Issue.record("\(json): \(refusal(json)?.description ?? "read")")
      return
    }
  }

  @Test func `deep nesting is refused, not followed`() {
    let json = String(repeating: "[", count: 1_000_000)
    let expected = "at most \(SceneLimits.jsonDepthMax) levels of nesting"
    let byte = SceneLimits.jsonDepthMax + 1
    #expect(refusal(json)?.fault == .malformedJSON(byte: byte, line: 1, column: byte + 1, expected: expected))
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    guard case .malformedJSON? = refusal(bytes: [0x22, 0xff, 0xfe, 0x22])?.fault else {
      Issue.record("read")
      return
    }
  }

  @Test func `escapes and a byte order mark are read`() throws {
    let name = "\\u00e9\\ud83d\\ude00\\n\\\"\\/"
    var scene = TriangleScene().replacing("\"eye\"", "\"\(name)\"")
    scene.json = "\u{feff}" + scene.json
    #expect(try scene.read().nodes[1].name == "é😀\n\"/")
  }

  @Test(arguments: [
    ("[]", "an array", "an object", ""), ("{\"asset\": 2}", "a number", "an object", "/asset"),
    ("{\"asset\": {\"version\": 2}}", "a number", "a string", "/asset/version"),
    ("{\"asset\": {\"version\": \"2.0\"}, \"nodes\": {}}", "an object", "an array", "/nodes"),
  ])
  func `a value of another type is refused where it is`(
    _ json: String, _ found: String, _ expected: String, _ pointer: String
  ) {
    let place = SceneError.Place(file: "scene.gltf", pointer: pointer)
    #expect(refusal(json) == SceneError(.wrongType(found: found, expected: expected), at: place))
  }

  @Test func `no cut or flipped byte of a scene crashes the reader`() {
    let good = Array(TriangleScene().json.utf8)
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for round in 0..<2_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var json = good
      let at = Int(state >> 33) % json.count
      if round % 2 == 0 {
        json.removeSubrange(at...)
      } else {
        json[at] = UInt8(truncatingIfNeeded: state >> 20)
      }
      var files = TriangleScene().files
      files["scene.gltf"] = json
      // Reading or a refusal; a crash would end the test run.
      _ = try? SceneReader.read("scene.gltf", from: MemoryFiles(files: files))
    }
  }
}
