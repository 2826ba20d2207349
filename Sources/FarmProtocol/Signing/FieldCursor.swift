import Foundation

/// Reads the few forms of RFC 9651 (structured fields) that signatures need, as its section 4.1 serialises
/// them: no optional whitespace, no other spelling. One value has one text, hence one signature base.
struct FieldCursor {
  private let field: String
  private let bytes: [UInt8]
  private(set) var index = 0

  /// Starts at the first byte of a header's value; `field` names the header in refusals.
  init(_ value: String, field: String) throws(Refusal) {
    self.field = field
    bytes = Array(value.utf8)
    guard bytes.count <= Limits.headerBytesMax else {
      throw .init(
        .tooLarge, "header \(field) has \(bytes.count) bytes, at most \(Limits.headerBytesMax) are allowed")
    }
  }

  var atEnd: Bool { index == bytes.count }

  /// The text from a position up to here.
  func text(from start: Int) -> String { String(decoding: bytes[start..<index], as: UTF8.self) }

  /// A refusal at this place.
  func wrong(_ expected: String) -> Refusal {
    .init(.badRequest, "header \(field) at byte \(index): expected \(expected)")
  }

  /// Steps over a character if it is next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
    index += 1
    return true
  }

  /// Steps over a character that must be next.
  mutating func expect(_ character: Unicode.Scalar) throws(Refusal) {
    guard take(character) else { throw wrong("\"\(character)\"") }
  }

  /// Nothing may follow.
  func expectEnd() throws(Refusal) {
    guard atEnd else { throw wrong("the end, for one signature is allowed") }
  }

  /// A key (section 4.2.3.3).
  mutating func key() throws(Refusal) -> String {
    let start = index
    while index < bytes.count {
      let isLetter =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[index]) || bytes[index] == UInt8(ascii: "*")
      let isOther =
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) || "_-.".utf8.contains(bytes[index])
      guard isLetter || (isOther && index > start) else { break }
      index += 1
    }
    guard index > start else { throw wrong("a key") }
    return text(from: start)
  }

  /// A quoted string without escapes, none of which a component name, key, nonce or algorithm needs.
  mutating func string() throws(Refusal) -> String {
    try expect("\"")
    let start = index
    while index < bytes.count, (0x20...0x7e).contains(bytes[index]), !"\"\\".utf8.contains(bytes[index]) {
      index += 1
    }
    let value = text(from: start)
    try expect("\"")
    return value
  }

  /// An integer, not negative, at most 15 digits (section 3.3.1), without leading zeros.
  mutating func integer() throws(Refusal) -> UInt64 {
    let start = index
    while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
    let digits = text(from: start)
    guard digits.utf8.count <= 15, let value = UInt64(digits), "\(value)" == digits else {
      throw wrong("an integer of at most 15 digits before it")
    }
    return value
  }

  /// A byte sequence `:base64:` (section 3.3.5) of exactly `count` bytes.
  mutating func byteSequence(count: Int) throws(Refusal) -> [UInt8] {
    try expect(":")
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: ":") { index += 1 }
    let text = text(from: start)
    try expect(":")
    guard let data = Data(base64Encoded: text), data.count == count, data.base64EncodedString() == text else {
      throw wrong("base64 of \(count) bytes before it")
    }
    return Array(data)
  }
}
