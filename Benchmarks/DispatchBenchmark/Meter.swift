import Foundation
import Synchronization

/// Latencies of leases and accepts, and the process' own time.
final class Meter: Sendable {
  private struct Times {
    var leases: [Duration] = []
    var accepts: [Duration] = []
  }
  private let times = Mutex(Times())
  private let start = ContinuousClock.now
  private let startCPU = Meter.processorS

  func lease(_ time: Duration) { times.withLock { $0.leases.append(time) } }
  func accept(_ time: Duration) { times.withLock { $0.accepts.append(time) } }

  /// Seconds of processor time of this process.
  static var processorS: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// What was measured until now.
  func row(_ mode: String, workers: Int) -> Row {
    let wallS = Meter.seconds(ContinuousClock.now - start)
    let (leases, accepts) = times.withLock { ($0.leases.sorted(), $0.accepts.sorted()) }
    return Row(
      mode: mode, workers: workers, tiles: accepts.count, seconds: Meter.rounded(wallS),
      leases_s: Meter.rounded(Double(leases.count) / wallS),
      accepts_s: Meter.rounded(Double(accepts.count) / wallS),
      lease_ms_p50: Meter.ms(leases, 0.5), lease_ms_p99: Meter.ms(leases, 0.99),
      accept_ms_p50: Meter.ms(accepts, 0.5), accept_ms_p99: Meter.ms(accepts, 0.99),
      cpu_us_per_tile: Meter.rounded((Meter.processorS - startCPU) / Double(max(1, accepts.count)) * 1e6))
  }

  /// One line of the output.
  struct Row: Encodable {
    var benchmark = "dispatch"
    var mode: String
    var workers: Int
    var tiles: Int
    var seconds: Double
    var leases_s: Double
    var accepts_s: Double
    var lease_ms_p50: Double
    var lease_ms_p99: Double
    var accept_ms_p50: Double
    var accept_ms_p99: Double
    var cpu_us_per_tile: Double
    /// From the first lease until the last tile was paid, when tiles are verified; tiles a second.
    var paid_s: Double?
    var log_entries: UInt64?
  }

  private static func ms(_ sorted: [Duration], _ part: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    return rounded(seconds(sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]) * 1000)
  }
  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
  static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
