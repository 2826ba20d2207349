import Synchronization

/// Puts the lines of a server-sent event stream together (HTML Living Standard, section 9.2.6): `event` and
/// `data` fields, an empty line ends an event, lines that start with a colon are heartbeats.
final class EventParser: Sendable {
  private struct Event {
    var name = "message"
    var data: [UInt8]?
  }

  private let event = Mutex(Event())
  private let deliver: @Sendable (_ name: String, _ data: [UInt8]) -> Bool

  /// - Parameter deliver: takes an event; false ends the stream.
  init(deliver: @escaping @Sendable (_ name: String, _ data: [UInt8]) -> Bool) { self.deliver = deliver }

  /// Takes a line without its end; false ends the stream.
  func take(line: String) -> Bool {
    if line.isEmpty {
      let done = event.withLock { event in
        defer { event = Event() }
        return event
      }
      guard let data = done.data else { return true }
      return deliver(done.name, data)
    }
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    var value = parts.count > 1 ? parts[1] : ""
    if value.hasPrefix(" ") { value.removeFirst() }
    let text = Array(value.utf8)
    event.withLock { event in
      switch parts[0] {
      case "event": event.name = String(decoding: text, as: UTF8.self)
      case "data": event.data = event.data.map { $0 + [UInt8(ascii: "\n")] + text } ?? text
      default: break
      }
    }
    return true
  }
}
