import Foundation
import SceneModel
import Testing

/// `docs/schemas/render.schema.json` against the reader: what it allows is read, what it does not is refused.
struct SettingsSchemaTests {
  private func properties() throws -> [String: [String: Any]] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/schemas/render.schema.json")
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    return try #require(schema?["properties"] as? [String: [String: Any]])
  }

  private func isRead(_ name: String, _ json: String) -> Bool {
    var fixture = TriangleScene()
    fixture.files["e.hdr"] = Array("#?RADIANCE\n".utf8)
    fixture.files["render.json"] = Array("{\"\(name)\": \(json)}".utf8)
    return fixture.refusal == nil
  }

  @Test func `bounds of numbers are the reader's`() throws {
    for name in ["width", "height", "samples", "environmentStrength"] {
      let property = try #require(try properties()[name])
      let (low, high) = (property["minimum"] as? Int, property["maximum"] as? Int)
      let (least, most) = (try #require(low), try #require(high))
      #expect(isRead(name, "\(least)") && isRead(name, "\(most)"), "\(name)")
      #expect(!isRead(name, "\(least - 1)") && !isRead(name, "\(most + 1_000)"), "\(name)")
      #expect(!isRead(name, "\"1\""), "\(name)")
      #expect(isRead(name, "1.5") == (property["type"] as? String == "number"), "\(name)")
    }
  }

  @Test func `words are the reader's`() throws {
    let filters = try #require(try properties()["filter"]?["enum"] as? [String])
    #expect(Set(filters) == Set(PixelFilter.allCases.map(\.rawValue)))
    #expect(!isRead("filter", "\"none\""))
    #expect(!isRead("environment", "1"))
  }

  @Test func `every member that is described is known to the reader`() throws {
    // A member that the reader ignores would take anything.
    for name in try properties().keys { #expect(!isRead(name, "[]"), "\(name)") }
  }
}
