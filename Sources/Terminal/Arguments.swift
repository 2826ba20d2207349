/// A parsed command line: typed access with errors that name the flag, the value and what was expected.
public struct Arguments: Sendable {
  let values: [String: String]
  let toggles: Set<String>
  /// Positional arguments, in order.
  public let positionals: [String]

  /// Whether the switch was given.
  public func has(_ name: String) -> Bool { toggles.contains(name) }

  /// The flag's value, if given.
  public func string(_ name: String) -> String? { values[name] }

  /// The flag's value as an integer within `range`, or `fallback`.
  public func integer<T: FixedWidthInteger>(
    _ name: String, in range: ClosedRange<T>, default fallback: T
  ) throws(CommandFailure) -> T {
    try integer(name, in: range) ?? fallback
  }

  /// The flag's value as an integer within `range`; nil when not given.
  public func integer<T: FixedWidthInteger>(_ name: String, in range: ClosedRange<T>) throws(CommandFailure)
    -> T?
  {
    guard let text = values[name] else { return nil }
    guard let value = T(text), range.contains(value) else {
      throw .usage("\(name) \(text): expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The flag's value as a finite number within `range`; nil when not given.
  public func number(_ name: String, in range: ClosedRange<Float>) throws(CommandFailure) -> Float? {
    guard let text = values[name] else { return nil }
    guard let value = Float(text), value.isFinite, range.contains(value) else {
      throw .usage("\(name) \(text): expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The flag's value as a time, "90s", "30m" or "2h", in seconds; nil when not given.
  public func durationS(_ name: String) throws(CommandFailure) -> Double? {
    guard let text = values[name] else { return nil }
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
      (1...1_000_000).contains(count)
    else { throw .usage("\(name) \(text): expected a time: 90s, 30m or 2h") }
    return Double(count * unit)
  }

  /// The flag's value as one of an enumeration's names, or `fallback`.
  public func choice<T: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: T
  ) throws(CommandFailure) -> T where T.RawValue == String {
    guard let text = values[name] else { return fallback }
    guard let value = T(rawValue: text) else {
      let names = T.allCases.map(\.rawValue).joined(separator: ", ")
      throw .usage("\(name) \(text): expected one of \(names)")
    }
    return value
  }

  /// The flag's value as comma-separated finite numbers, exactly `count`; nil when not given.
  public func numbers(_ name: String, count: Int) throws(CommandFailure) -> [Float]? {
    guard let text = values[name] else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) ?? .nan }
    guard parts.count == count, parts.allSatisfy(\.isFinite) else {
      throw .usage("\(name) \(text): expected \(count) numbers with commas between them")
    }
    return parts
  }
}
