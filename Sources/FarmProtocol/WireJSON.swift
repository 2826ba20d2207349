import Foundation

/// JSON as it travels: UTF-8, keys sorted, no whitespace, slashes not escaped, so that a message has one
/// text. Money is whole microcredits and digests are hex; the wire has no floating-point money anywhere.
public enum WireJSON {
  /// A message's bytes. All messages of this module can be encoded; a float that is not finite cannot.
  public static func encode(_ value: some Encodable) throws(Refusal) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(value))
    } catch {
      throw .init(.internalFault, "cannot encode a \(type(of: value)): \(error)")
    }
  }

  /// Reads a message; refuses (`badRequest`) with the coding path of what is wrong, `tooLarge` beyond
  /// `bytesMax`. Unknown keys are ignored, so that a field can be added without breaking older programs.
  public static func decode<T: Decodable>(
    _ type: T.Type = T.self, from bytes: [UInt8], bytesMax: Int = Limits.jsonBytesMax
  ) throws(Refusal) -> T {
    guard bytes.count <= bytesMax else {
      throw .init(.tooLarge, "the JSON has \(bytes.count) bytes, at most \(bytesMax) are allowed")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw .init(.badRequest, describe(error, in: "\(type)"))
    } catch {
      throw .init(.badRequest, "no \(type): \(error)")
    }
  }

  private static func describe(_ error: DecodingError, in type: String) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      "\(type) at \(place(context.codingPath)): \"\(key.stringValue)\" is missing"
    case .typeMismatch(let expected, let context):
      "\(type) at \(place(context.codingPath)): expected \(expected)"
    case .valueNotFound(let expected, let context):
      "\(type) at \(place(context.codingPath)): expected \(expected), found null"
    case .dataCorrupted(let context):
      "\(type) at \(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: "no \(type)"
    }
  }

  /// A JSON pointer (RFC 6901).
  private static func place(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "/" : path.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
  }
}
