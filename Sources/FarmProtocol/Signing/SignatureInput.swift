/// One member of a `Signature-Input` header (RFC 9421, section 4.1): what is covered, and with which
/// parameters.
package struct SignatureInput: Hashable, Sendable {
  /// Joins this header's member to that of `Signature`.
  package var label: String
  /// Covered components, in the order they are signed.
  package var components: [String]
  /// When the signature was made, seconds since 1970.
  package var createdS: UInt64?
  /// After when it is void, seconds since 1970.
  package var expiresS: UInt64?
  /// Makes each request its own.
  package var nonce: String?
  /// Who signed.
  package var keyID: String?
  /// How.
  package var algorithm: String?
  /// The inner list with its parameters as it travels: the value of `@signature-params`.
  package private(set) var text: String

  /// Reads a header with exactly one member, in the one spelling that RFC 9651 serialises.
  package init(parsing value: String) throws(Refusal) {
    var cursor = try FieldCursor(value, field: "signature-input")
    label = try cursor.key()
    try cursor.expect("=")
    let start = cursor.index
    components = []
    text = ""
    try cursor.expect("(")
    repeat {
      let name = try cursor.string()
      guard !components.contains(name) else {
        throw cursor.wrong("each component once, \"\(name)\" comes again")
      }
      components.append(name)
    } while cursor.take(" ")
    try cursor.expect(")")
    while cursor.take(";") { try readParameter(&cursor) }
    try cursor.expectEnd()
    text = cursor.text(from: start)
  }

  private mutating func readParameter(_ cursor: inout FieldCursor) throws(Refusal) {
    let name = try cursor.key()
    try cursor.expect("=")
    switch name {
    case "created" where createdS == nil: createdS = try cursor.integer()
    case "expires" where expiresS == nil: expiresS = try cursor.integer()
    case "nonce" where nonce == nil: nonce = try cursor.string()
    case "keyid" where keyID == nil: keyID = try cursor.string()
    case "alg" where algorithm == nil: algorithm = try cursor.string()
    default: throw cursor.wrong("a parameter that is known, and once; \"\(name)\" is not")
    }
  }

  /// What is signed (RFC 9421, section 2.5): a line for each component, then the parameters.
  package static func base(components: [(name: String, value: String)], parameters: String) -> [UInt8] {
    var lines = components.map { "\"\($0.name)\": \($0.value)" }
    lines.append("\"@signature-params\": \(parameters)")
    return Array(lines.joined(separator: "\n").utf8)
  }
}
