import Coordinator
import FarmProtocol

/// What goes wrong, and when it stops.
extension Simulation {
  /// One seeded fault of those that the scenario has, and the time of the next.
  func mishap() async throws {
    guard !isCalm else { return }
    schedule(.mishap, inMS: mishaps.between(500, 25_000))
    let faults = Fault.allCases.filter(scenario.faults.contains)
    guard !faults.isEmpty else { return }
    let fault = mishaps.pick(faults)
    fold(UInt64(Fault.allCases.firstIndex(of: fault) ?? 0))
    let worker = workers[mishaps.between(0, workers.count - 1)]
    if worker.cheat != nil, mishaps.happens(0.1) {
      schedule(.ban(worker: worker.place), inMS: mishaps.between(1, 1_000))
    }
    switch fault {
    // These are rolled for at each message.
    case .loss, .delay, .duplication: break
    case .partition:
      for worker in workers where mishaps.happens(0.4) {
        worker.cutUntilMS = clock.nowMS + mishaps.between(1_000, 60_000)
      }
    case .workerCrash: crash(worker, forMS: mishaps.between(200, 30_000))
    case .vanish: crash(worker, forMS: mishaps.between(30_000, 300_000))
    case .slow: worker.isSlow = true
    case .clock:
      let hours = Int64(mishaps.between(1, 30))
      let jumpMS = mishaps.pick([hours * 3_600_000, -hours * 3_600_000, 20_000, -20_000, 70_000])
      clock.jump(byMS: jumpMS)
    case .disk:
      if mishaps.happens(0.5) {
        worker.diskFullUntilMS = clock.nowMS + mishaps.between(1_000, 30_000)
      } else {
        // Nearly full, or to the last byte.
        let isFull = mishaps.happens(0.5)
        isDiskFull = isDiskFull || isFull
        room.bytes = isFull ? 0 : 1 << 20
        schedule(.diskHasRoom, inMS: mishaps.between(1_000, 30_000))
      }
    case .verifier:
      isVerifierAway = true
      schedule(.verifierBack, inMS: mishaps.between(500, 40_000))
    case .coordinatorCrash, .powerLoss: try await endCoordinator()
    }
  }

  /// Some of the time in order, some of the time at once, mostly at a durable step to come.
  private func endCoordinator() async throws {
    guard farm != nil else { return }
    switch mishaps.between(0, 9) {
    case 0:
      try await check(farm)
      _ = try await ask { try await $0.close() }
      guard farm != nil else { return }
      await bury()
      schedule(.restart, inMS: mishaps.between(100, 5_000))
    case 1: try await die()
    default: fuse.arm(mishaps.between(1, 30))
    }
  }

  /// Everything is well from here on; who hoarded leaves.
  func becomeCalm() throws {
    isCalm = true
    calmMS = clock.nowMS
    fuse.disarm()
    isVerifierAway = false
    room.bytes = 1 << 40
    for worker in workers {
      worker.cutUntilMS = 0
      guard worker.cheat == .hoarding else {
        schedule(.revival(worker: worker.place), inMS: 10)
        continue
      }
      worker.end()
      worker.stopped = .quit
    }
  }
}
