import FarmProtocol

/// A decoder that has no input: it writes down which keys it is asked for, and with which types.
final class SchemaRecorder: Decoder {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  let book: SchemaBook
  private var properties: [String: JSONValue] = [:]
  private var required: [String] = []
  /// Keys that may be missing: their type asked first whether they are null.
  fileprivate var optional: Set<String> = []

  init(book: SchemaBook) { self.book = book }

  /// What was written down, with `bounds` added to the properties that they name.
  func schema(bounds: [String: [String: JSONValue]]) -> JSONValue {
    var bounded = properties
    for (name, members) in bounds { bounded[name] = bounded[name]?.adding(members) }
    return [
      "type": "object", "properties": .object(bounded),
      "required": .array(required.sorted().map { .string($0) }),
    ]
  }

  fileprivate func note(_ key: any CodingKey, _ type: any Decodable.Type, isRequired: Bool) throws {
    let isRequired = isRequired && !optional.contains(key.stringValue)
    let schema = try book.schema(of: type)
    properties[key.stringValue] = isRequired ? schema : ["anyOf": [schema, ["type": "null"]]]
    if isRequired { required.append(key.stringValue) }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Keyed<Key>(recorder: self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw SchemaRecorder.unknown }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw SchemaRecorder.unknown }

  fileprivate static let unknown = Refusal(
    .internalFault, "a message reads itself in a way that has no schema", remedy: "make it a SchemaValue")

  /// Keys of one object.
  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: SchemaRecorder
    let codingPath: [any CodingKey] = []
    let allKeys: [Key] = []

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool {
      recorder.optional.insert(key.stringValue)
      return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      try recorder.note(key, type, isRequired: true)
      return try recorder.book.sample(of: type)
    }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
      try recorder.note(key, type, isRequired: false)
      return nil
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw SchemaRecorder.unknown }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      throw SchemaRecorder.unknown
    }
    func superDecoder() throws -> any Decoder { throw SchemaRecorder.unknown }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaRecorder.unknown }
  }
}
