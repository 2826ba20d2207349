import Cryptography
import FarmProtocol

/// A request as a handler gets it: whole, with its body checked against the limits and hashed.
public struct HTTPRequest: Sendable {
  /// The body.
  public enum Body: Hashable, Sendable {
    /// A small one, in memory; empty when there is none.
    case bytes([UInt8])
    /// A file in the server's spool directory. It is removed when the answer has been sent; a handler that
    /// wants to keep it renames it.
    case file(path: String, count: Int)
  }

  /// `GET`, `PUT` and so on.
  public var method: String
  /// As it travelled: neither percent-decoded nor with its query.
  public var path: String
  /// As it travelled, without the `?`; empty when there is none.
  public var query: String
  /// Names in lower case; fields that came twice joined with `", "`.
  public var headers: [String: String]
  /// What came after the headers.
  public var body: Body
  /// SHA-256 of the body.
  public var bodyDigest: Digest
  /// The other end of the connection.
  public var peer: PeerAddress

  /// All fields.
  public init(
    method: String, path: String, query: String, headers: [String: String], body: Body, bodyDigest: Digest,
    peer: PeerAddress
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.bodyDigest = bodyDigest
    self.peer = peer
  }
}

/// What a handler answers.
public enum HTTPReply: Sendable {
  /// Bytes in memory.
  case bytes(status: Int, type: String, [UInt8], headers: [(name: String, value: String)] = [])
  /// A file, status 200; 404 when it cannot be opened.
  case file(path: String, type: String, headers: [(name: String, value: String)] = [])
  /// Server-sent events, status 200, until the stream is closed.
  case events(EventStream)

  /// A message as JSON.
  public static func json(_ value: some Encodable, status: Int = 200) -> HTTPReply {
    do throws(Refusal) {
      return .bytes(status: status, type: "application/json", try WireJSON.encode(value))
    } catch {
      return .refusal(error)
    }
  }

  /// A refusal as JSON, with its status.
  /// - Parameter headers: what else the status asks for, such as `Retry-After`.
  public static func refusal(
    _ refusal: Refusal, headers: [(name: String, value: String)] = []
  ) -> HTTPReply {
    // A refusal is three strings, which always encode.
    let body = (try? WireJSON.encode(refusal)) ?? []
    return .bytes(status: refusal.httpStatus, type: "application/json", body, headers: headers)
  }

  /// Plain text.
  public static func text(_ text: String, status: Int = 200) -> HTTPReply {
    .bytes(status: status, type: "text/plain; charset=utf-8", Array(text.utf8))
  }
}
