import Coordinator
import Synchronization

/// Keeps what a watcher is sent.
final class TestSink: StatusSink {
  private let state = Mutex<(received: [[UInt8]], isClosed: Bool)>(([], false))
  var received: [[UInt8]] { state.withLock { $0.received } }
  var isClosed: Bool { state.withLock { $0.isClosed } }
  func send(_ status: [UInt8]) -> Bool {
    state.withLock { $0.received.append(status) }
    return true
  }
  func close() { state.withLock { $0.isClosed = true } }
}
