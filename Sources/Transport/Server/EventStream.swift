import CMicroHTTPD
import FarmProtocol
import Foundation
import Synchronization

/// Server-sent events to one client. Whoever publishes may be on any thread; `send` never blocks.
///
/// A client that reads too slowly loses its stream when `bytesMax` wait for it, and may connect again.
public final class EventStream: Sendable {
  private struct State {
    var buffer: [UInt8] = []
    var isClosed = false
    /// Where to read on; nil before the first read and after the last.
    var connection: OpaquePointer?
    var isSuspended = false
  }
  // The pointer is the connection's, which lives until `gone`, and is used under the lock only.
  private struct Guarded: @unchecked Sendable {
    var state = State()
  }

  private let guarded = Mutex(Guarded())
  private let bytesMax: Int
  private let onClose: @Sendable () -> Void

  /// - Parameter bytesMax: most bytes that may wait for the client.
  /// - Parameter onClose: called once when the client is gone, on a thread of the server.
  public init(bytesMax: Int = Limits.streamBytesMax, onClose: @escaping @Sendable () -> Void = {}) {
    self.bytesMax = bytesMax
    self.onClose = onClose
  }

  /// Sends an event; `data` must have no line end, which JSON has not. False when the client is gone or too
  /// slow.
  @discardableResult
  public func send(event: String, data: [UInt8]) -> Bool {
    precondition(!data.contains(UInt8(ascii: "\n")), "an event of \(data.count) bytes has a line end")
    return append(Array("event: \(event)\ndata: ".utf8) + data + Array("\n\n".utf8))
  }

  /// Ends the stream after what was sent.
  public func close() {
    guarded.withLock { guarded in
      guarded.state.isClosed = true
      EventStream.resume(&guarded.state)
    }
  }

  /// Whether nothing more can be sent.
  public var isClosed: Bool { guarded.withLock { $0.state.isClosed } }

  /// Bytes that the client has not taken yet.
  public var waitingBytes: Int { guarded.withLock { $0.state.buffer.count } }

  /// A comment line: keeps proxies from giving up, and finds out whether the client is still there. Long
  /// enough to count as traffic for a client that ends calls below a byte a second.
  func heartbeat() { append(EventStream.comment) }

  private static let comment = Array((":" + String(repeating: " ", count: 64) + "\n\n").utf8)

  /// Before the answer starts.
  func attach(_ connection: OpaquePointer) {
    // Only kept under the lock, like every other use of the pointer.
    nonisolated(unsafe) let connection = connection
    guarded.withLock { $0.state.connection = connection }
  }

  /// The server's thread wants bytes: a count, 0 when it shall wait (the connection is suspended), or the
  /// end.
  ///
  /// Suspending under the lock that `append` takes means that no event can slip in between unnoticed.
  func read(into bytes: UnsafeMutablePointer<CChar>, max: Int) -> Int {
    // The server's for the time of this call.
    nonisolated(unsafe) let bytes = bytes
    return guarded.withLock { guarded in
      if guarded.state.buffer.isEmpty {
        if guarded.state.isClosed { return farm_mhd_end_of_stream }
        guard let connection = guarded.state.connection else { return farm_mhd_end_of_stream }
        guarded.state.isSuspended = true
        MHD_suspend_connection(connection)
        return 0
      }
      let count = min(max, guarded.state.buffer.count)
      guarded.state.buffer.withUnsafeBytes { source in
        if let base = source.baseAddress {
          UnsafeMutableRawPointer(bytes).copyMemory(from: base, byteCount: count)
        }
      }
      guarded.state.buffer.removeFirst(count)
      return count
    }
  }

  /// The connection ended.
  func gone() {
    guarded.withLock { guarded in
      guarded.state.isClosed = true
      guarded.state.connection = nil
      guarded.state.isSuspended = false
    }
    onClose()
  }

  @discardableResult
  private func append(_ bytes: [UInt8]) -> Bool {
    guarded.withLock { guarded in
      if guarded.state.isClosed { return false }
      if guarded.state.buffer.count + bytes.count > bytesMax {
        guarded.state.isClosed = true
        guarded.state.buffer.removeAll()
      } else {
        guarded.state.buffer.append(contentsOf: bytes)
      }
      EventStream.resume(&guarded.state)
      return !guarded.state.isClosed
    }
  }

  private static func resume(_ state: inout State) {
    guard state.isSuspended, let connection = state.connection else { return }
    state.isSuspended = false
    MHD_resume_connection(connection)
  }
}
