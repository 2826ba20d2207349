import Foundation
import Testing
import Worker

/// When a worker works: every rule, and rules together.
@Suite struct WorkGateTests {
  private func gate(_ change: (inout WorkGate.Settings) -> Void = { _ in }) -> WorkGate {
    var settings = WorkGate.Settings()
    settings.zone = TimeZone(secondsFromGMT: 0) ?? .current
    change(&settings)
    return WorkGate(settings)
  }

  private func facts(
    at runningS: Double = 0, wallS: Int64 = 0, _ change: (inout WorkGate.Facts) -> Void = { _ in }
  ) -> WorkGate.Facts {
    var facts = WorkGate.Facts(wallS: wallS, runningS: runningS)
    change(&facts)
    return facts
  }

  @Test func `a worker of whom nothing is asked works`() {
    var gate = gate()
    #expect(gate.look(facts { ($0.userIdleS, $0.othersShare, $0.temperatureC) = (0, 1, 120) }) == .work)
    #expect(gate.nextChangeS(afterS: 0) == nil)
  }

  @Test func `pause and schedule count together`() throws {
    let schedule = try WeeklySchedule("Thu 1:00-2:00")
    var gate = gate { $0.schedule = schedule }
    // 1970 began on a Thursday.
    #expect(gate.look(facts(wallS: 0)) == .rest([.outsideSchedule]))
    #expect(gate.look(facts(wallS: 0) { $0.isPaused = true }) == .rest([.paused, .outsideSchedule]))
    #expect(gate.look(facts(wallS: 3600) { $0.isPaused = true }) == .rest([.paused]))
    #expect(gate.look(facts(wallS: 3600)) == .work)
    #expect(gate.nextChangeS(afterS: 0) == 3600)
  }

  @Test func `who is to finish finishes, at any hour`() throws {
    let schedule = try WeeklySchedule("Fri")
    var asked = gate { $0.schedule = schedule }
    #expect(asked.look(facts { $0.isDrainAsked = true }) == .finish)
    #expect(asked.look(facts()) == .finish, "a wish to finish is not taken back")
    var timed = gate { $0.drainAfterS = 90 }
    #expect(timed.look(facts(at: 89)) == .work)
    #expect(timed.look(facts(at: 90)) == .finish)
  }

  @Test func `a hot machine rests until it is five degrees below its limit`() {
    var gate = gate { $0.temperatureMaxC = 80 }
    let steps: [(Double?, WorkGate.Decision)] = [
      (nil, .work), (80, .work), (80.5, .rest([.tooHot])), (79, .rest([.tooHot])), (75.1, .rest([.tooHot])),
      (nil, .rest([.tooHot])), (75, .work), (79, .work),
    ]
    for (index, (degrees, decision)) in steps.enumerated() {
      #expect(gate.look(facts(at: Double(index)) { $0.temperatureC = degrees }) == decision, "\(index)")
    }
  }

  @Test func `a machine left alone is worked on after a minute of calm, until somebody types`() {
    var gate = gate { $0.idleAfterS = 300 }
    func look(_ second: Double, typed: Double, others: Double? = 0.05) -> WorkGate.Decision {
      gate.look(
        facts(at: second) {
          $0.userIdleS = second - typed
          $0.othersShare = others
        })
    }
    #expect(look(0, typed: -200, others: nil) == .rest([.userActive]))
    #expect(look(99, typed: -200) == .rest([.userActive]))
    #expect(look(100, typed: -200) == .rest([.processorsBusy]), "calm is known for a second only")
    #expect(look(158, typed: -200) == .rest([.processorsBusy]))
    #expect(look(159, typed: -200) == .work)
    #expect(look(500, typed: 499) == .rest([.userActive]))
    #expect(look(798, typed: 499) == .rest([.userActive]))
    #expect(look(799, typed: 499) == .work)
  }

  @Test func `other programs end work after ten seconds above two fifths, and calm brings it back`() {
    var gate = gate { $0.idleAfterS = 20 }
    func look(_ second: Double, others: Double?) -> WorkGate.Decision {
      // A machine that does not say who types.
      gate.look(facts(at: second) { $0.othersShare = others })
    }
    #expect(look(0, others: nil) == .rest([.processorsBusy]))
    #expect(look(1, others: 0.1) == .rest([.processorsBusy]))
    #expect(look(20, others: 0.1) == .rest([.processorsBusy]))
    #expect(look(21, others: 0.1) == .work)
    #expect(look(22, others: 0.3) == .work, "between the two nothing changes")
    #expect(look(23, others: 0.9) == .work)
    #expect(look(32, others: 0.2) == .work, "a short burst is nothing")
    #expect(look(33, others: 0.9) == .work)
    #expect(look(42, others: nil) == .work, "a look that tells nothing changes nothing")
    #expect(look(43, others: 0.9) == .rest([.processorsBusy]))
    #expect(look(44, others: 0.3) == .rest([.processorsBusy]))
    #expect(look(45, others: 0.1) == .rest([.processorsBusy]))
    #expect(look(65, others: 0.1) == .work)
  }

  @Test func `the owner at the keyboard waits least for the device`() {
    for reason in RestReason.allCases {
      #expect(reason.graceMS >= RestReason.userActive.graceMS && reason.graceMS <= 60_000)
      #expect(!reason.text.isEmpty)
    }
  }
}
