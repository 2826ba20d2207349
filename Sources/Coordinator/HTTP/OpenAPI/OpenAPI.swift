import FarmProtocol

/// The interface as an OpenAPI 3.1 document, written from the table of routes and from the messages
/// themselves.
package enum OpenAPI {
  /// The document's bytes: always the same ones.
  package static func document() throws -> [UInt8] {
    let book = SchemaBook()
    var paths: [String: [String: JSONValue]] = [:]
    for route in Route.allCases {
      let row = route.row
      paths[row.path, default: [:]][row.method.lowercased()] = try operation(row, book)
    }
    let document: JSONValue = [
      "openapi": "3.1.0",
      "info": [
        "title": "render farm", "version": .string("\(Limits.protocolVersion)"),
        "description": "How requests are signed and what the messages mean: docs/PROTOCOL.md.",
      ],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": ["schemas": .object(book.messages), "securitySchemes": securitySchemes],
    ]
    return try WireJSON.encode(document)
  }

  private static let securitySchemes: JSONValue = [
    "signature": [
      "type": "apiKey", "in": "header", "name": "Signature",
      "description":
        "HTTP Message Signatures (RFC 9421, ed25519) with Signature-Input and Content-Digest (RFC 9530)",
    ],
    "bearer": ["type": "http", "scheme": "bearer", "description": "made by a signed POST /v1/tokens"],
  ]

  private static func operation(_ row: RouteRow, _ book: SchemaBook) throws -> JSONValue {
    var operation: [String: JSONValue] = [
      "operationId": .string(row.route.rawValue), "summary": .string(row.summary),
      "responses": .object(try answers(row, book)), "security": .array(security(row)),
      "parameters": .array(parameters(row)),
    ]
    if let content = try content(row.body, book) {
      operation["requestBody"] = ["required": true, "content": content]
    }
    return .object(operation)
  }

  private static func security(_ row: RouteRow) -> [JSONValue] {
    if row.access.contains(.anyone) { return [] }
    let takesTokens = !row.access.isDisjoint(with: [.tokenRead, .tokenSubmit])
    return [["signature": []]] + (takesTokens ? [["bearer": []]] : [])
  }

  private static func parameters(_ row: RouteRow) -> [JSONValue] {
    PathParameter.allCases.filter { row.path.contains("{\($0.rawValue)}") }.map { parameter in
      [
        "name": .string(parameter.rawValue), "in": "path", "required": true,
        "schema": ["type": "string", "pattern": .string(parameter.pattern)],
      ]
    }
  }

  private static func answers(_ row: RouteRow, _ book: SchemaBook) throws -> [String: JSONValue] {
    let refusal = try book.schema(of: Refusal.self)
    let refusals = Dictionary(grouping: row.allRefusals) { Refusal($0, "").httpStatus }
    var answers = Dictionary(
      uniqueKeysWithValues: refusals.map { status, codes in
        let words = codes.map(\.rawValue).sorted().joined(separator: ", ")
        var answer: [String: JSONValue] = [
          "description": .string(words), "content": ["application/json": ["schema": refusal]],
        ]
        if status == 429 {
          answer["headers"] = [
            "Retry-After": ["required": true, "schema": ["type": "string", "pattern": "^[0-9]+$"]]
          ]
        }
        return ("\(status)", JSONValue.object(answer))
      })
    var done: [String: JSONValue] = ["description": "Done."]
    if let content = try content(row.answer, book) { done["content"] = content }
    answers["\(row.status)"] = .object(done)
    return answers
  }

  private static func content(_ content: Content, _ book: SchemaBook) throws -> JSONValue? {
    switch content {
    case .nothing: return nil
    case .json(let type): return ["application/json": ["schema": try book.schema(of: type)]]
    case .bytes(let type, let other):
      let bytes: JSONValue = ["schema": ["type": "string", "format": "binary"]]
      return .object(Dictionary(uniqueKeysWithValues: [type, other].compactMap { $0 }.map { ($0, bytes) }))
    case .events(let type):
      // Named, so that its schema is in the document.
      _ = try book.schema(of: type)
      return ["text/event-stream": ["schema": ["type": "string"]]]
    case .openAPI: return ["application/json": ["schema": ["type": "object"]]]
    }
  }
}
