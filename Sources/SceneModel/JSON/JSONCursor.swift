/// A JSON value and its place: reads members as what they must be, or says where they are not.
struct JSONCursor: Sendable {
  let value: JSONValue
  let place: SceneError.Place

  /// The member `name`; nil when this object has none.
  func member(_ name: String) throws(SceneError) -> JSONCursor? {
    guard case .object(let members) = value else { throw wrongType("an object") }
    return members[name].map { JSONCursor(value: $0, place: place.appending(name)) }
  }

  /// The member `name`, which must be there.
  func required(_ name: String) throws(SceneError) -> JSONCursor {
    guard let found = try member(name) else { throw SceneError(.missingMember(name), at: place) }
    return found
  }

  /// The elements of an array.
  func elements() throws(SceneError) -> [JSONCursor] {
    guard case .array(let elements) = value else { throw wrongType("an array") }
    return elements.enumerated().map { JSONCursor(value: $1, place: place.appending($0)) }
  }

  /// A string.
  func string() throws(SceneError) -> String {
    guard case .string(let text) = value else { throw wrongType("a string") }
    return text
  }

  /// A boolean.
  func bool() throws(SceneError) -> Bool {
    guard case .bool(let bool) = value else { throw wrongType("true or false") }
    return bool
  }

  /// A whole number in `range`.
  func int(in range: ClosedRange<Int> = 0...Int(1 << 53)) throws(SceneError) -> Int {
    guard case .number(let number) = value, let whole = Int(exactly: number) else {
      throw wrongType("a whole number")
    }
    guard range.contains(whole) else {
      let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
      throw SceneError(.outOfRange(value: number, low: low, high: high), at: place)
    }
    return whole
  }

  /// A number that fits a Float.
  func float() throws(SceneError) -> Float {
    guard case .number(let number) = value else { throw wrongType("a number") }
    let float = Float(number)
    guard float.isFinite else {
      let high = Double(Float.greatestFiniteMagnitude)
      throw SceneError(.outOfRange(value: number, low: -high, high: high), at: place)
    }
    return float
  }

  /// An array of exactly `count` numbers.
  func floats(count: Int) throws(SceneError) -> [Float] {
    let elements = try elements()
    guard elements.count == count else {
      throw SceneError(.wrongCount(found: elements.count, expected: count), at: place)
    }
    var floats: [Float] = []
    for element in elements { floats.append(try element.float()) }
    return floats
  }

  private func wrongType(_ expected: String) -> SceneError {
    SceneError(.wrongType(found: value.typeName, expected: expected), at: place)
  }
}

extension JSONCursor {
  /// The member `name` as a string; empty when absent.
  func text(_ name: String) throws(SceneError) -> String { try member(name)?.string() ?? "" }
  /// The member `name` as a number; `absent` when absent.
  func float(_ name: String, absent: Float) throws(SceneError) -> Float {
    try member(name)?.float() ?? absent
  }
  /// The member `name` as a non-negative whole number; `absent` when absent.
  func int(_ name: String, absent: Int) throws(SceneError) -> Int { try member(name)?.int() ?? absent }
}
