import Foundation

/// Why a worker takes no work.
public enum RestReason: String, Hashable, Sendable, Codable, CaseIterable {
  /// `render-worker pause`.
  case paused
  case outsideSchedule = "outside_schedule"
  /// Somebody uses the machine.
  case userActive = "user_active"
  /// Other programs need the processors, or did a moment ago.
  case processorsBusy = "processors_busy"
  case tooHot = "too_hot"

  /// For people.
  public var text: String {
    switch self {
    case .paused: "paused; 'render-worker resume' lets it work"
    case .outsideSchedule: "outside its schedule"
    case .userActive: "somebody uses this machine"
    case .processorsBusy: "other programs use the processors, or did a moment ago"
    case .tooHot: "this machine is too hot"
    }
  }

  /// How long the tile at hand may go on, milliseconds; then it is given back. The owner does not wait long.
  package var graceMS: UInt64 {
    switch self {
    case .paused, .outsideSchedule: 60_000
    case .processorsBusy, .tooHot: 15_000
    case .userActive: 5_000
    }
  }
}

/// When a worker works: decided from what its owner asked for and what its machine says. Pure: every look is
/// given the facts, every answer is a value.
package struct WorkGate: Sendable {
  /// What the owner asked for.
  package struct Settings: Hashable, Sendable {
    /// Nil: at any time.
    package var schedule: WeeklySchedule?
    /// The schedule's clock.
    package var zone = TimeZone.current
    /// Works only after so many seconds without input; nil: always.
    package var idleAfterS: Double?
    /// Rests above, works again `coolingC` below; nil: at any heat.
    package var temperatureMaxC: Double?
    /// Ends after so many seconds; nil: never.
    package var drainAfterS: Double?
    package init() {}
  }

  /// What is so now.
  package struct Facts: Hashable, Sendable {
    /// By the clock on the wall, seconds since 1970.
    package var wallS: Int64
    /// Since the worker began, seconds.
    package var runningS: Double
    /// Its owner paused it.
    package var isPaused = false
    /// Its owner asked it to finish.
    package var isDrainAsked = false
    /// Seconds since the last input; nil where the machine does not tell.
    package var userIdleS: Double?
    /// What other programs use of all processors, 0 to 1; nil when it is not known.
    package var othersShare: Double?
    /// Of the hottest sensor; nil where there is none.
    package var temperatureC: Double?
    package init(wallS: Int64, runningS: Double) {
      self.wallS = wallS
      self.runningS = runningS
    }
  }

  /// What a worker is to do.
  package enum Decision: Hashable, Sendable {
    case work
    /// Takes nothing new; the reasons, one or more.
    case rest([RestReason])
    /// Finishes what it has, and ends.
    case finish
  }

  /// Degrees below the limit at which a machine is cool again.
  package static let coolingC = 5.0

  package let settings: Settings
  private var idle: IdleJudge?
  private var isHot = false
  private var isFinishing = false

  package init(_ settings: Settings) {
    self.settings = settings
    idle = settings.idleAfterS.map { IdleJudge(awayS: $0) }
  }

  /// Takes in the facts and decides. Once it was to finish, it is.
  package mutating func look(_ facts: Facts) -> Decision {
    idle?.look(userIdleS: facts.userIdleS, othersShare: facts.othersShare, nowS: facts.runningS)
    // A sensor that says nothing changes nothing.
    if let limitC = settings.temperatureMaxC, let nowC = facts.temperatureC {
      isHot = isHot ? nowC > limitC - WorkGate.coolingC : nowC > limitC
    }
    isFinishing = isFinishing || facts.isDrainAsked || facts.runningS >= settings.drainAfterS ?? .infinity
    if isFinishing { return .finish }
    var reasons: [RestReason] = []
    if facts.isPaused { reasons.append(.paused) }
    if let schedule = settings.schedule, !schedule.isOpen(atS: facts.wallS, in: settings.zone) {
      reasons.append(.outsideSchedule)
    }
    if let idle, !idle.isAway { reasons.append(idle.reason) }
    if isHot { reasons.append(.tooHot) }
    return reasons.isEmpty ? .work : .rest(reasons)
  }

  /// When the schedule opens or closes next, seconds since 1970; nil without one.
  package func nextChangeS(afterS wallS: Int64) -> Int64? {
    settings.schedule?.nextChangeS(afterS: wallS, in: settings.zone)
  }
}
