import Cryptography
import FarmProtocol
import Foundation
import Settlement

/// A type whose JSON is one string or number.
protocol SchemaValue: Decodable {
  static var schema: JSONValue { get }
  /// JSON that reads as a value of it.
  static var sample: String { get }
}

private let hexDigest: JSONValue = ["type": "string", "pattern": "^[0-9a-f]{64}$"]
private let zeroDigest = "\"\(Digest.zero.hex)\""

extension Digest: SchemaValue {
  static var schema: JSONValue { hexDigest }
  static var sample: String { zeroDigest }
}
extension PublicKey: SchemaValue {
  static var schema: JSONValue { hexDigest }
  static var sample: String { zeroDigest }
}
extension JobID: SchemaValue {
  static var schema: JSONValue { hexDigest }
  static var sample: String { zeroDigest }
}
extension Signature: SchemaValue {
  static var schema: JSONValue { ["type": "string", "pattern": "^[0-9a-f]{128}$"] }
  static var sample: String { "\"" + String(repeating: "0", count: 128) + "\"" }
}
extension Microcredits: SchemaValue {
  static var schema: JSONValue {
    ["type": "integer", "minimum": .integer(Int64.min), "maximum": .integer(Int64.max)]
  }
  static var sample: String { "0" }
}
extension TileIndex: SchemaValue {
  static var schema: JSONValue { ["type": "integer", "minimum": 0, "maximum": .integer(Int64(UInt32.max))] }
  static var sample: String { "0" }
}

/// A type whose JSON is a list or a map of others.
private protocol SchemaCollection: Decodable {
  static func schema(in book: SchemaBook) throws -> JSONValue
  static var none: Self { get }
}
extension Array: SchemaCollection where Element: Decodable {
  fileprivate static func schema(in book: SchemaBook) throws -> JSONValue {
    ["type": "array", "items": try book.schema(of: Element.self)]
  }
  fileprivate static var none: [Element] { [] }
}
extension Dictionary: SchemaCollection where Key == String, Value: Decodable {
  fileprivate static func schema(in book: SchemaBook) throws -> JSONValue {
    ["type": "object", "additionalProperties": try book.schema(of: Value.self)]
  }
  fileprivate static var none: [String: Value] { [:] }
}

/// JSON Schemas (2020-12) of messages, found out by letting each type read itself from a decoder that writes
/// down what it is asked for: what is described is what is decoded.
final class SchemaBook {
  /// Schemas of messages by name.
  private(set) var messages: [String: JSONValue] = [:]

  /// The schema of a type; a message's is a reference into `messages`.
  func schema(of type: any Decodable.Type) throws -> JSONValue {
    if let primitive = SchemaBook.primitive(type) { return primitive.schema }
    if let value = type as? any SchemaValue.Type { return value.schema }
    if let list = type as? any SchemaCollection.Type { return try list.schema(in: self) }
    if let cases = type as? any CaseIterable.Type { return try choice(of: cases) }
    let name = SchemaBook.name(of: type)
    if messages[name] == nil {
      // There, so that a type that contains itself ends.
      messages[name] = ["type": "object"]
      let recorder = SchemaRecorder(book: self)
      _ = try type.init(from: recorder)
      messages[name] = recorder.schema(bounds: SchemaBounds.table[name] ?? [:])
    }
    return ["$ref": .string("#/components/schemas/\(name)")]
  }

  /// A value of a type, to go on reading with.
  func sample<T: Decodable>(of type: T.Type) throws -> T {
    if let value = SchemaBook.primitive(type)?.sample as? T { return value }
    if let value = type as? any SchemaValue.Type {
      return try JSONDecoder().decode(T.self, from: Data(value.sample.utf8))
    }
    if let list = type as? any SchemaCollection.Type, let none = list.none as? T { return none }
    if let cases = type as? any CaseIterable.Type, let first = first(of: cases) as? T { return first }
    return try T(from: SchemaRecorder(book: self))
  }

  private func first<T: CaseIterable>(of type: T.Type) -> T? { type.allCases.first }

  private func choice<T: CaseIterable>(of type: T.Type) throws -> JSONValue {
    let values = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue }
    if let words = values as? [String] {
      return ["type": "string", "enum": .array(words.map { .string($0) })]
    }
    let numbers = values.compactMap { ($0 as? any BinaryInteger).map { Int64($0) } }
    guard !numbers.isEmpty else { throw Refusal(.internalFault, "\(type) has no schema") }
    return ["type": "integer", "enum": .array(numbers.map { .integer($0) })]
  }

  /// "AccountStatement.Line" of FarmProtocol's, "Signed.Assignment" of Settlement's.
  private static func name(of type: any Decodable.Type) -> String {
    String(reflecting: type).split { "<>".contains($0) }
      .map { $0.split(separator: ".").dropFirst().joined(separator: ".") }.joined(separator: ".")
  }

  private static func integer<T: FixedWidthInteger>(_: T.Type) -> JSONValue {
    let max = T.max as any FixedWidthInteger
    return [
      "type": "integer", "minimum": .integer(Int64(T.min)),
      "maximum": Int64(exactly: max).map { .integer($0) } ?? .unsigned(UInt64(max)),
    ]
  }

  private static func primitive(_ type: any Decodable.Type) -> (schema: JSONValue, sample: Any)? {
    switch type {
    case is String.Type: (["type": "string"], "")
    case is Bool.Type: (["type": "boolean"], false)
    case is Int.Type: (integer(Int.self), 0)
    case is Int64.Type: (integer(Int64.self), Int64(0))
    case is UInt64.Type: (integer(UInt64.self), UInt64(0))
    case is UInt32.Type: (integer(UInt32.self), UInt32(0))
    case is UInt16.Type: (integer(UInt16.self), UInt16(0))
    case is UInt8.Type: (integer(UInt8.self), UInt8(0))
    case is Double.Type: (["type": "number"], 0.0)
    case is Float.Type:
      (
        [
          "type": "number", "minimum": .integer(-1_000_000_000_000), "maximum": .integer(1_000_000_000_000),
        ], Float(0)
      )
    default: nil
    }
  }
}
