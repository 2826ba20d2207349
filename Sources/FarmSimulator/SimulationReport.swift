import Cryptography
import FarmProtocol
import Settlement

/// Counts of one run.
struct Tally {
  var events = 0
  var isDone = false
  var starts = 0
  var crashes = 0
  var workerCrashes = 0
  var leases = 0
  var lastFence: UInt64 = 0
  var leasesReleased = 0
  var tilesRendered = 0
  var lateResults = 0
  var undeliverable = 0
  var resent = 0
  var jobsCompleted = 0
  var jobsCancelled = 0
  var jobsFailed = 0
  var failures: [String] = []
  var framesChecked = 0
  var requeues = 0
}

/// What came of a simulated farm.
package struct SimulationReport: Sendable, Codable {
  package let seed: UInt64
  package let workers: Int
  package let faults: [String]
  package let cheats: [String]
  package let events: Int
  /// From the first event to the last, simulated milliseconds.
  package let simulatedMS: UInt64
  package let logEntries: UInt64
  package let jobsCompleted: Int
  package let jobsCancelled: Int
  package let jobsFailed: Int
  package let framesChecked: Int
  /// How often a job that was held went on.
  package let requeues: Int
  /// Why jobs failed.
  package let failures: [String]
  package let tilesRendered: Int
  package let tilesVerified: Int
  package let tilesVoided: Int
  /// False tiles that were found equal, and how many are to be expected by chance.
  package let escaped: Int
  package let expectedEscapes: Double
  package let leases: Int
  package let coordinatorStarts: Int
  package let workerCrashes: Int
  package let resultsLate: Int
  package let resultsResent: Int
  /// Everything that happened, folded into one number, and the root of the farm's log: two runs are the same
  /// when this is.
  package let trace: String
  /// Seconds that it took.
  package internal(set) var wallS = 0.0

  /// One line for people.
  package var line: String {
    let wrong = faults.isEmpty && cheats.isEmpty ? "nothing" : (faults + cheats).joined(separator: " ")
    return "seed \(seed): \(workers) workers, \(tilesVerified) tiles verified, \(tilesVoided) void, "
      + "\(escaped) escaped, jobs: \(jobsCompleted) completed, \(jobsCancelled) cancelled, "
      + "\(jobsFailed) failed, "
      + "\(coordinatorStarts) starts, \(events) events, trace \(trace); wrong: \(wrong)"
  }
}

extension Simulation {
  func makeReport() -> SimulationReport {
    var writer = CanonicalWriter(type: "simulation-trace")
    writer.write(trace)
    writer.write(watch.root)
    return SimulationReport(
      seed: scenario.seed, workers: scenario.workers,
      faults: Fault.allCases.filter(scenario.faults.contains).map(\.rawValue),
      cheats: Cheat.allCases.filter(scenario.cheats.contains).map(\.rawValue), events: tally.events,
      simulatedMS: clock.nowMS - SimulatedClock.startMS, logEntries: watch.size,
      jobsCompleted: tally.jobsCompleted, jobsCancelled: tally.jobsCancelled, jobsFailed: tally.jobsFailed,
      framesChecked: tally.framesChecked, requeues: tally.requeues, failures: tally.failures,
      tilesRendered: tally.tilesRendered,
      tilesVerified: watch.counts.verified, tilesVoided: watch.counts.voided, escaped: watch.escaped,
      expectedEscapes: watch.expectedEscapes, leases: tally.leases, coordinatorStarts: tally.starts,
      workerCrashes: tally.workerCrashes, resultsLate: tally.lateResults, resultsResent: tally.resent,
      trace: Digest(of: writer.bytes).short)
  }
}
