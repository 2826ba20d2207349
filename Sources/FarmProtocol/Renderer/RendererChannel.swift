/// The pipe between a parent and its renderer: each message is a 4-byte big-endian count and that many bytes
/// of JSON, then a 4-byte big-endian count and that many bytes of payload (0 for none).
///
/// Pure: bytes in, messages out. A count above its limit is refused before anything is kept for it.
public struct RendererChannel: Sendable {
  /// A message: JSON and what it is about.
  public struct Frame: Hashable, Sendable {
    /// One `RendererRequest` or `RendererReply` as `WireJSON`.
    public var json: [UInt8]
    /// A compressed fragment, or nothing.
    public var payload: [UInt8]
    /// A message.
    public init(json: [UInt8], payload: [UInt8] = []) {
      self.json = json
      self.payload = payload
    }
  }

  private var buffer: [UInt8] = []
  private var offset = 0

  /// Nothing received yet.
  public init() {}

  /// Bytes kept that are no whole message yet; at the end of input any but 0 is a message cut short.
  public var pendingBytes: Int { buffer.count - offset }

  /// Appends what arrived.
  public mutating func receive(_ bytes: some Collection<UInt8>) {
    if offset > 0 {
      buffer.removeFirst(offset)
      offset = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// Takes the next whole message; nil until one is there. Refuses (`tooLarge`) a count beyond the limits,
  /// after which the pipe is useless: its framing is lost.
  public mutating func next() throws(Refusal) -> Frame? {
    guard let jsonCount = try count(at: offset, "JSON", max: Limits.rendererJSONBytesMax) else { return nil }
    let payloadAt = offset + 4 + jsonCount
    guard let payloadCount = try count(at: payloadAt, "payload", max: Limits.fragmentBytesMax) else {
      return nil
    }
    let end = payloadAt + 4 + payloadCount
    guard buffer.count >= end else { return nil }
    let frame = Frame(
      json: Array(buffer[offset + 4..<payloadAt]), payload: Array(buffer[payloadAt + 4..<end]))
    offset = end
    return frame
  }

  /// The bytes of a message; refuses one beyond the limits.
  public static func encode(_ frame: Frame) throws(Refusal) -> [UInt8] {
    guard frame.json.count <= Limits.rendererJSONBytesMax else {
      throw tooLarge("JSON", frame.json.count, max: Limits.rendererJSONBytesMax)
    }
    guard frame.payload.count <= Limits.fragmentBytesMax else {
      throw tooLarge("payload", frame.payload.count, max: Limits.fragmentBytesMax)
    }
    return bigEndian(frame.json.count) + frame.json + bigEndian(frame.payload.count) + frame.payload
  }

  /// A message's bytes with its JSON made.
  public static func encode(_ message: some Encodable, payload: [UInt8] = []) throws(Refusal) -> [UInt8] {
    try encode(Frame(json: try WireJSON.encode(message), payload: payload))
  }

  private func count(at index: Int, _ what: String, max: Int) throws(Refusal) -> Int? {
    guard buffer.count >= index + 4 else { return nil }
    let count = buffer[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
    guard count <= max else { throw RendererChannel.tooLarge(what, count, max: max) }
    return count
  }

  private static func tooLarge(_ what: String, _ count: Int, max: Int) -> Refusal {
    .init(.tooLarge, "the renderer's \(what) has \(count) bytes, at most \(max) are allowed")
  }

  private static func bigEndian(_ count: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) }
  }
}
