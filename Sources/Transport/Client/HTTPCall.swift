import Cryptography

/// One request of a client.
public struct HTTPCall: Sendable {
  /// What is sent after the headers.
  public enum Body: Hashable, Sendable {
    case none
    case bytes([UInt8])
    /// A file's bytes, streamed.
    case file(path: String, count: Int)
  }

  /// Where an answer's body goes, and how much of it is taken. Bodies of answers that are errors (status 400
  /// and above) always come back as bytes.
  public enum Sink: Sendable {
    case bytes(max: Int)
    /// Written to a file that must not exist yet, or is replaced.
    case file(path: String, max: Int)
    /// Each line without its end, as it arrives; false ends the call. Lines beyond 4 MB end it too.
    case lines(@Sendable (String) -> Bool)
  }

  /// `GET`, `PUT` and so on.
  public var method: String
  /// Path and query as they travel, percent-encoded.
  public var target: String
  /// Fields beside those that libcurl sends by itself.
  public var headers: [(name: String, value: String)]
  /// What is sent after the headers.
  public var body: Body
  /// Where the answer's body goes.
  public var sink: Sink
  /// Ends the call when fewer than one byte a second came or went for so long.
  public var stallS: Int

  /// All fields.
  public init(
    method: String, target: String, headers: [(name: String, value: String)] = [], body: Body = .none,
    sink: Sink = .bytes(max: 4 << 20), stallS: Int = 30
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    self.sink = sink
    self.stallS = stallS
  }
}

/// What came back.
public struct HTTPAnswer: Sendable {
  /// The last status line's: 200, 404 and so on.
  public var status: Int
  /// Names in lower case; fields that came twice joined with `", "`.
  public var headers: [String: String]
  /// The body, if it was not sent elsewhere.
  public var body: [UInt8]
  /// How many bytes of body came.
  public var bodyBytes: Int
  /// SHA-256 of the body, wherever it went.
  public var bodyDigest: Digest
}
