import Foundation

/// When each connection must have come further. Pure: who is late is returned, not cut.
struct Watchdog {
  /// What a connection is doing.
  enum Phase: Hashable {
    /// Sends a header block, or nothing.
    case header(untilMS: UInt64)
    /// Sends a body or takes an answer; `startMS` is when that began.
    case transfer(startMS: UInt64)
    /// Waits for its handler, or takes events: no deadline.
    case waiting
  }

  private struct Connection {
    var phase: Phase
    var bytes: UInt64 = 0
  }

  private let transferMS: UInt64
  private let bytesPerSecondMin: UInt64
  private var connections: [Int32: Connection] = [:]

  /// No connections yet.
  init(transferMS: UInt64, bytesPerSecondMin: UInt64) {
    self.transferMS = transferMS
    self.bytesPerSecondMin = bytesPerSecondMin
  }

  /// How many connections are open.
  var count: Int { connections.count }

  /// A connection opened or entered another phase. `bytes` are those it will take or has sent.
  mutating func enter(_ phase: Phase, _ descriptor: Int32, bytes: UInt64 = 0) {
    connections[descriptor] = Connection(phase: phase, bytes: bytes)
  }

  /// More of a body came.
  mutating func progress(_ descriptor: Int32, bytes: UInt64) { connections[descriptor]?.bytes += bytes }

  /// A connection closed.
  mutating func remove(_ descriptor: Int32) { connections[descriptor] = nil }

  /// Connections past their deadline.
  func late(nowMS: UInt64) -> [Int32] {
    connections.compactMap { descriptor, connection in
      switch connection.phase {
      case .waiting: nil
      case .header(let untilMS): nowMS > untilMS ? descriptor : nil
      case .transfer(let startMS):
        nowMS > startMS + transferMS + connection.bytes * 1000 / bytesPerSecondMin ? descriptor : nil
      }
    }
  }
}

/// Milliseconds of a clock that never goes back.
func monotonicMS() -> UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }
