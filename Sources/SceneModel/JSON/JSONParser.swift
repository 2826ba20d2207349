/// A strict JSON reader (RFC 8259) that knows where it is: an error names byte, line and column. Refused
/// besides bad syntax: nesting deeper than `SceneLimits.jsonDepthMax`, a member given twice, a number
/// beyond Double.
struct JSONParser {
  private let bytes: [UInt8]
  private let file: String
  private var at = 0

  /// The value that `bytes`, UTF-8, hold.
  static func parse(_ bytes: [UInt8], file: String) throws(SceneError) -> JSONValue {
    guard bytes.count <= SceneLimits.jsonBytesMax else {
      let fault = SceneError.Fault.fileTooLarge(bytes: bytes.count, max: SceneLimits.jsonBytesMax)
      throw SceneError(fault, at: SceneError.Place(file: file))
    }
    var parser = JSONParser(bytes: bytes, file: file)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { parser.at = 3 }
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.at == bytes.count else { throw parser.failure("the end of the file") }
    return value
  }

  private init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  private mutating func value(depth: Int) throws(SceneError) -> JSONValue {
    guard depth <= SceneLimits.jsonDepthMax else {
      throw failure("at most \(SceneLimits.jsonDepthMax) levels of nesting")
    }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(_ depth: Int) throws(SceneError) -> JSONValue {
    at += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      let start = at
      guard peek == UInt8(ascii: "\"") else { throw failure("a member's name in quotes") }
      let name = try string()
      skipSpace()
      guard take(":") else { throw failure("':'") }
      guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else {
        at = start
        throw failure("another name than \"\(name)\", which this object has already")
      }
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw failure("',' or '}'") }
    }
  }

  private mutating func array(_ depth: Int) throws(SceneError) -> JSONValue {
    at += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw failure("',' or ']'") }
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(SceneError) -> JSONValue {
    let word = Array("\(text)".utf8)
    guard bytes[at...].starts(with: word) else { throw failure("a value") }
    at += word.count
    return value
  }

  private mutating func number() throws(SceneError) -> JSONValue {
    let start = at
    _ = take("-")
    let first = peek
    let whole = digits()
    guard whole > 0 else {
      at = start
      throw failure("a value")
    }
    guard whole == 1 || first != UInt8(ascii: "0") else { throw failure("a number without leading zeros") }
    if take(".") {
      guard digits() > 0 else { throw failure("a digit after the point") }
    }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw failure("a digit of the exponent") }
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    guard let number = Double(text), number.isFinite else {
      at = start
      throw failure("a number within +-1.8e308")
    }
    return .number(number)
  }

  /// Steps over digits; how many.
  private mutating func digits() -> Int {
    let start = at
    while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
    return at - start
  }

  private mutating func string() throws(SceneError) -> String {
    at += 1
    let start = at
    var unescaped: [UInt8]?
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        let text = unescaped.map { String(validating: $0, as: UTF8.self) }
        guard let text = text ?? String(validating: bytes[start..<at], as: UTF8.self) else {
          throw failure("text in UTF-8 before this")
        }
        at += 1
        return text
      }
      guard byte >= 0x20 else { throw failure("no control character in a string") }
      if byte == UInt8(ascii: "\\") {
        var text = unescaped ?? Array(bytes[start..<at])
        try escape(into: &text)
        unescaped = text
      } else {
        unescaped?.append(byte)
        at += 1
      }
    }
    throw failure("'\"' at the end of a string")
  }

  private mutating func escape(into text: inout [UInt8]) throws(SceneError) {
    at += 1
    guard let byte = peek else { throw failure("an escaped character") }
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
    ]
    if let character = plain[byte] {
      text.append(character)
      at += 1
      return
    }
    guard byte == UInt8(ascii: "u") else { throw failure("one of \"\\/bfnrtu after '\\'") }
    at += 1
    var units = [try hexUnit()]
    if units[0] & 0xfc00 == 0xd800, bytes[at...].starts(with: [0x5c, 0x75]) {
      at += 2
      units.append(try hexUnit())
    }
    text.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
  }

  private mutating func hexUnit() throws(SceneError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hex digits")
      }
      unit = unit << 4 | UInt16(digit)
      at += 1
    }
    return unit
  }

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
  }

  private func failure(_ expected: String) -> SceneError {
    let before = bytes[..<at]
    let line = before.count { $0 == 0x0a } + 1
    let column = at - (before.lastIndex(of: 0x0a) ?? -1)
    return SceneError(
      .malformedJSON(byte: at, line: line, column: column, expected: expected),
      at: SceneError.Place(file: file))
  }
}
