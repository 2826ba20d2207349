import Coordinator
import FarmProtocol
import Foundation
import Testing

@Suite struct OpenAPITests {
  private func document() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(OpenAPI.document())) as? [String: Any])
  }

  private func value(_ path: String...) throws -> Any {
    try path.reduce(try document() as Any) { place, name in
      try #require((place as? [String: Any])?[name], "nothing at \(path) from \(name)")
    }
  }

  @Test func `every route is described, with every status it may answer`() throws {
    for route in Route.allCases {
      let row = route.row
      let responses = try #require(
        try value("paths", row.path, row.method.lowercased(), "responses") as? [String: Any])
      let expected = Set(row.allRefusals.map { "\(Refusal($0, "").httpStatus)" } + ["\(row.status)"])
      #expect(Set(responses.keys) == expected)
    }
  }

  @Test func `messages are described as they are read`() throws {
    let terms = try #require(try value("components", "schemas", "JobTerms") as? [String: Any])
    let properties = try #require(terms["properties"] as? [String: [String: Any]])
    let required = try #require(terms["required"] as? [String])
    #expect(Set(required) == Set(properties.keys).subtracting(["environmentStrength", "film", "passes"]))
    #expect(properties["widthPX"]?["maximum"] as? Int == Limits.imageSidePXMax)
    #expect(properties["bundle"]?["pattern"] as? String == "^[0-9a-f]{64}$")
    #expect(properties["background"]?["enum"] as? [Int] == [0, 1])
    let lease = try #require(try value("components", "schemas", "Lease", "properties") as? [String: Any])
    let assignments = try #require(lease["assignments"] as? [String: Any])
    #expect((assignments["items"] as? [String: String])?["$ref"] == "#/components/schemas/Signed.Assignment")
    let refusal = try #require(
      try value("components", "schemas", "Refusal", "properties", "code", "enum") as? [String])
    #expect(Set(refusal) == Set(Refusal.Code.allCases.map(\.rawValue)))
  }

  /// Each message of the wire reads as its schema says: its keys are those that are described.
  @Test func `a message that is written has the described keys`() throws {
    let statement = AccountStatement(key: key(3).publicKey, balances: ["a": .zero], pending: [:], lines: [])
    let written = try JSONSerialization.jsonObject(with: Data(WireJSON.encode(statement))) as? [String: Any]
    let described = try value("components", "schemas", "AccountStatement", "properties") as? [String: Any]
    #expect(Set(try #require(written).keys) == Set(try #require(described).keys))
  }

  @Test func `references lead somewhere`() throws {
    let text = String(decoding: try OpenAPI.document(), as: UTF8.self)
    let schemas = try #require(try value("components", "schemas") as? [String: Any])
    let references = text.matches(of: try Regex(##""#/components/schemas/([A-Za-z.]+)""##))
    #expect(!references.isEmpty)
    for reference in references {
      let name = String(try #require(reference.output[1].substring))
      #expect(schemas[name] != nil, "\(name)")
    }
  }
}
