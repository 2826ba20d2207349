import Cryptography
import Settlement

/// Retry budgets of workers, job by job: who failed a job several times in a row, without one right tile
/// between, is kept off it for a while, so that a machine with a full disk or a bad driver cannot use up the
/// attempts of every tile. Pure.
package struct Strikes: Sendable, Equatable {
  /// Failures in a row after which a worker is kept off a job.
  package static let most = 3
  /// For so long after the last of them.
  package static let pauseMS: UInt64 = 600_000

  private struct Count: Equatable {
    var failures: Int
    var lastMS: UInt64
  }
  private var counts: [JobID: [PublicKey: Count]] = [:]

  package init() {}

  /// The worker failed a tile of the job, or gave it back as more than it can do.
  package mutating func failed(_ worker: PublicKey, _ job: JobID, nowMS: UInt64) {
    let before = counts[job]?[worker]?.failures ?? 0
    // After the pause one more try is given, not as many as at first.
    counts[job, default: [:]][worker] = Count(failures: min(before + 1, Strikes.most), lastMS: nowMS)
  }

  /// A tile of the job by this worker was found right.
  package mutating func succeeded(_ worker: PublicKey, _ job: JobID) { counts[job]?[worker] = nil }

  /// The job is over, or all of it is to be tried again.
  package mutating func ended(_ job: JobID) { counts[job] = nil }

  /// Whether the worker gets nothing of the job now. A clock that went back ends the pause: it may have gone
  /// back by years.
  package func isKeptOff(_ worker: PublicKey, _ job: JobID, nowMS: UInt64) -> Bool {
    guard let count = counts[job]?[worker], count.failures >= Strikes.most else { return false }
    return nowMS >= count.lastMS && nowMS - count.lastMS < Strikes.pauseMS
  }
}
