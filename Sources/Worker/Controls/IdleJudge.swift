/// Whether a machine's owner and other programs leave it alone, with a margin, so that a short pause or a
/// short burst changes nothing. Pure.
///
/// Away: no input for `awayS`, where the machine tells, and other programs below `calmShare` of all
/// processors for `calmS`. Back: any input, or other programs above `busyShare` for `busyS`.
package struct IdleJudge: Hashable, Sendable {
  /// Other programs' share of all processors below which a machine is calm.
  package static let calmShare = 0.15
  /// Above which it is busy.
  package static let busyShare = 0.4
  /// For so long the share must be above `busyShare`, seconds.
  package static let busyS = 10.0

  /// Seconds without input.
  package let awayS: Double
  /// Seconds of calm: a minute, or `awayS` if that is less.
  package var calmS: Double { min(60, awayS) }
  /// Whether work may be done.
  package private(set) var isAway = false
  /// Why not, when it may not.
  package private(set) var reason = RestReason.userActive
  private var calmSinceS: Double?
  private var busySinceS: Double?

  package init(awayS: Double) { self.awayS = awayS }

  /// What was seen at `nowS`, seconds of a clock that does not run backwards.
  /// - Parameter userIdleS: seconds since the last input; nil where the machine does not tell.
  /// - Parameter othersShare: of all processors, 0 to 1; nil when it is not known yet.
  package mutating func look(userIdleS: Double?, othersShare: Double?, nowS: Double) {
    if let share = othersShare {
      calmSinceS = share < IdleJudge.calmShare ? calmSinceS ?? nowS : nil
      busySinceS = share > IdleJudge.busyShare ? busySinceS ?? nowS : nil
    }
    if let userIdleS, userIdleS < awayS {
      (isAway, reason) = (false, .userActive)
    } else if isAway {
      if let busySinceS, nowS - busySinceS >= IdleJudge.busyS { (isAway, reason) = (false, .processorsBusy) }
    } else if let calmSinceS, nowS - calmSinceS >= calmS {
      isAway = true
    } else {
      reason = .processorsBusy
    }
  }
}
