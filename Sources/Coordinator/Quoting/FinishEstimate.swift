import FarmProtocol

/// When a job would be done, from what the farm does now. Rays and milliseconds.
package struct FinishEstimate: Sendable, Equatable {
  /// Rays a millisecond of each worker that is online.
  package var speeds: [Double]
  /// Rays that the submitter's other jobs still need.
  package var ownBacklog: Double
  /// Rays that each other submitter's jobs still need.
  package var otherBacklogs: [Double]
  /// Time to bring a scene to a device.
  package var loadMS: Double

  package init(speeds: [Double], ownBacklog: Double, otherBacklogs: [Double], loadMS: Double) {
    self.speeds = speeds
    self.ownBacklog = ownBacklog
    self.otherBacklogs = otherBacklogs
    self.loadMS = loadMS
  }

  /// From submission to the last tile; nil while nobody works. Low: the farm is this job's alone. Likely: it
  /// comes after the submitter's own jobs and shares with the others. High: it comes last, and half as much
  /// again for what nobody foresees.
  package func durationMS(of work: Estimate) -> Estimate? {
    let speed = speeds.reduce(0, +)
    guard speed > 0 else { return nil }
    let own = Double(work.likely) + ownBacklog
    // Under fair shares another submitter takes at most as much as we do before we are done.
    let shared = otherBacklogs.reduce(0) { $0 + min($1, own) }
    let last = Double(work.high) + ownBacklog + otherBacklogs.reduce(0, +)
    return Estimate(
      low: FinishEstimate.milliseconds(Double(work.low) / speed),
      likely: FinishEstimate.milliseconds((own + shared) / speed + loadMS),
      high: FinishEstimate.milliseconds(1.5 * last / speed + 2 * loadMS))
  }

  private static func milliseconds(_ value: Double) -> UInt64 { UInt64(min(value.rounded(.up), 0x1p53)) }
}
