/// Money: whole microcredits, a millionth of a credit. Never a float. Arithmetic that overflows traps, for a
/// balance that wrapped would be worse than a stop; what comes from outside is bounded before it gets here.
public struct Microcredits: Hashable, Sendable, Codable, Comparable {
  /// The count of microcredits; negative only in the custody account's contra balance.
  public let value: Int64

  /// Nothing.
  public static let zero = Microcredits(0)
  /// How many microcredits one credit has.
  public static let perCredit: Int64 = 1_000_000

  /// A count of microcredits.
  public init(_ value: Int64) { self.value = value }

  /// Decodes the bare integer.
  public init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(Int64.self)
  }
  /// Encodes the bare integer.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  /// Whether `a` comes before `b`.
  public static func < (a: Microcredits, b: Microcredits) -> Bool { a.value < b.value }
  /// The sum.
  public static func + (a: Microcredits, b: Microcredits) -> Microcredits { .init(a.value + b.value) }
  /// The difference.
  public static func - (a: Microcredits, b: Microcredits) -> Microcredits { .init(a.value - b.value) }
  /// Adds in place.
  public static func += (a: inout Microcredits, b: Microcredits) { a = a + b }
}
