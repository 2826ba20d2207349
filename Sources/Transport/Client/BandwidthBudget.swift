import Foundation
import Synchronization

/// Bytes that all transfers of a client may move, both ways together. Pure: given bytes and the time, it says
/// how long whoever moved them waits before the next.
package struct BandwidthBudget: Hashable {
  /// 1 or more.
  package let bytesPerS: Int
  /// When what was moved so far is paid for, nanoseconds.
  private var paidNS: UInt64 = 0

  package init(bytesPerS: Int) {
    precondition(bytesPerS >= 1, "\(bytesPerS) bytes a second move nothing")
    self.bytesPerS = bytesPerS
  }

  /// Bytes were moved. What was not used before is lost: a pause earns no burst.
  /// - Returns: nanoseconds until more may be moved.
  package mutating func move(_ bytes: Int, nowNS: UInt64) -> UInt64 {
    paidNS = max(paidNS, nowNS) + UInt64(Double(max(0, bytes)) * 1e9 / Double(bytesPerS))
    return paidNS - nowNS
  }
}

/// The budget of all transfers of a client, each on a thread of its own.
final class SharedBandwidth: Sendable {
  private let budget: Mutex<BandwidthBudget>
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  init(bytesPerS: Int) {
    budget = Mutex(BandwidthBudget(bytesPerS: bytesPerS))
    start = clock.now
  }

  /// Bytes were moved: waits until they are paid for, unless the transfer is called off meanwhile.
  func move(_ bytes: Int, unless isCancelled: () -> Bool) {
    let elapsed = start.duration(to: clock.now).components
    let nowNS = UInt64(elapsed.seconds) * 1_000_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000)
    var waitNS = budget.withLock { $0.move(bytes, nowNS: nowNS) }
    while waitNS > 0, !isCancelled() {
      let stepNS = min(waitNS, 100_000_000)
      Thread.sleep(forTimeInterval: Double(stepNS) * 1e-9)
      waitNS -= stepNS
    }
  }
}
