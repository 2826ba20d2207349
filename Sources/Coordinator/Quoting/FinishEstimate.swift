import FarmProtocol

/// When a job would be done, from what the farm does now. Rays and milliseconds.
package struct FinishEstimate: Sendable, Equatable {
  /// Of each device that is online.
  package var speeds: [SpeedRange]
  /// Rays that the submitter's other jobs still need.
  package var ownBacklog: Double
  /// Rays that each other submitter's jobs still need.
  package var otherBacklogs: [Double]
  /// Time to bring a scene to a device.
  package var loadMS: Double

  package init(speeds: [SpeedRange], ownBacklog: Double, otherBacklogs: [Double], loadMS: Double) {
    self.speeds = speeds
    self.ownBacklog = ownBacklog
    self.otherBacklogs = otherBacklogs
    self.loadMS = loadMS
  }

  /// From submission to the last tile; nil while nobody works. Low: the farm is this job's alone, and as fast
  /// as it may be. Likely: it comes after the submitter's own jobs and shares with the others. High: it comes
  /// last, on the slowest farm that this may be, and half as much again for what nobody foresees.
  package func durationMS(of work: Estimate) -> Estimate? {
    let slow = speeds.reduce(0) { $0 + $1.low }
    let speed = speeds.reduce(0) { $0 + $1.likely }
    let fast = speeds.reduce(0) { $0 + $1.high }
    guard slow > 0 else { return nil }
    let own = Double(work.likely) + ownBacklog
    // Under fair shares another submitter takes at most as much as we do before we are done.
    let shared = otherBacklogs.reduce(0) { $0 + min($1, own) }
    let last = Double(work.high) + ownBacklog + otherBacklogs.reduce(0, +)
    return Estimate(
      low: FinishEstimate.milliseconds(Double(work.low) / fast),
      likely: FinishEstimate.milliseconds((own + shared) / speed + loadMS),
      high: FinishEstimate.milliseconds(1.5 * last / slow + 2 * loadMS))
  }

  private static func milliseconds(_ value: Double) -> UInt64 { UInt64(min(value.rounded(.up), 0x1p53)) }
}
