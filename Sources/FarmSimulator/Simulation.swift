import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement

/// A whole farm from one seed: the real coordinator with its store, and the real worker machines with their
/// outboxes; clock, network, renderer and what goes wrong are simulated. One event after the other, each to
/// its end, so that the same scenario always runs the same.
package actor Simulation {
  /// Until here faults may happen.
  static let spanMS: UInt64 = 300_000
  /// After the last fault everything is done within this and what rendering takes: the longest that a lease
  /// stalls, that a worker is kept off a job, and that it waits before it tries again.
  static let settlingMS: UInt64 = 3_600_000

  let scenario: Scenario
  let root: String
  let clock = SimulatedClock()
  let fuse = Fuse()
  let room = DiskRoom()
  let secrets: SecretSource
  var queue = EventQueue<Happening>()
  var workers: [SimulatedWorker] = []
  var workload: Workload
  /// The coordinator's process; nil while there is none.
  var farm: FarmCoordinator?
  /// How many coordinators there were before.
  var farmLife = 0
  /// It came to its end while it waited for the verifier: buried when that call is over.
  var isDying = false
  /// Calls into the coordinator that have not returned.
  var callDepth = 0
  /// The background loop's round; a timer of an earlier one is void.
  var backgroundRound = 0
  var verifierPauseMS: UInt64 = 250
  var isVerifierAway = false
  /// The coordinator's disk was full, and it has not found out that there is room again: it decides nothing.
  var isDiskFull = false
  var exchanges = 0
  var isCalm = false
  var calmMS: UInt64 = 0
  /// Who is whose: workers' places by key.
  var places: [PublicKey: Int] = [:]
  var network: Chance
  var mishaps: Chance
  var rendering: Chance
  /// What the checks know.
  var watch: LogWatch
  var fairness = FairnessWatch()
  var tally = Tally()
  /// Found by something that could not throw it.
  var violation: String?
  /// Everything that happened, folded.
  var trace: UInt64 = 0
  /// Results as they were sent, lately: what one who listens can steal.
  var overheard: [[UInt8]] = []
  /// What was claimed, for a verifier that is told.
  var claims: [Digest: [ClaimedTile]] = [:]

  /// Runs a scenario in a folder of its own, which is deleted afterwards; on a file system in memory, if
  /// there is one.
  package static func run(_ scenario: Scenario) async throws -> SimulationReport {
    let shared = "/dev/shm"
    let parent = FileManager.default.isWritableFile(atPath: shared) ? shared : NSTemporaryDirectory()
    let root = "\(parent)/farm-sim-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let started = ContinuousClock.now
    let simulation = try Simulation(scenario, root: root)
    var report = try await simulation.run()
    let (seconds, attoseconds) = started.duration(to: .now).components
    report.wallS = Double(seconds) + Double(attoseconds) * 1e-18
    return report
  }

  init(_ scenario: Scenario, root: String) throws {
    self.scenario = scenario
    self.root = root
    secrets = SecretSource(seed: scenario.seed)
    network = Chance(seed: scenario.seed, stream: 4)
    mishaps = Chance(seed: scenario.seed, stream: 5)
    rendering = Chance(seed: scenario.seed, stream: 6)
    let workload = Workload(scenario, startMS: SimulatedClock.startMS, spanMS: Simulation.spanMS)
    self.workload = workload
    var cheating = Chance(seed: scenario.seed, stream: 7)
    let cheats = Cheat.allCases.filter(scenario.cheats.contains)
    for place in 0..<scenario.workers {
      // The first two are honest: somebody has to finish the jobs.
      let isCheat = place >= 2 && !cheats.isEmpty && cheating.happens(0.35)
      let worker = try SimulatedWorker(
        place: place, seed: scenario.seed, cheat: isCheat ? cheating.pick(cheats) : nil, root: root)
      workers.append(worker)
      places[worker.key.publicKey] = place
    }
    watch = LogWatch(
      cheats: Dictionary(
        uniqueKeysWithValues: workers.map { ($0.key.publicKey, $0.cheat) }),
      unrenderable: Set(
        workload.jobs.compactMap { job in
          job.unrenderable.map { FrameOfJob(job: job.terms.id, frame: $0) }
        }))
  }

  /// From the start of the farm until all is done, or something is wrong.
  func run() async throws -> SimulationReport {
    do {
      try makeKeys()
      try await start()
      var starts = Chance(seed: scenario.seed, stream: 8)
      for worker in workers {
        // Most are there from the start, some come later.
        let isLate = worker.place > 0 && starts.happens(0.2)
        let delayMS: UInt64 = isLate ? starts.between(0, Simulation.spanMS) : starts.between(0, 2_000)
        schedule(.revival(worker: worker.place), inMS: delayMS)
      }
      for number in workload.submitters.indices { schedule(.errand(submitter: number), inMS: 0) }
      schedule(.calm, inMS: Simulation.spanMS)
      schedule(.check, inMS: checkEveryMS)
      if !scenario.faults.isEmpty { schedule(.mishap, inMS: mishaps.between(1_000, 20_000)) }
      try await loop()
      try await finish()
    } catch let broken as Violation {
      await bury()
      throw broken
    } catch {
      await bury()
      throw violated("\(error)")
    }
    let report = makeReport()
    await bury()
    return report
  }

  private func loop() async throws {
    while !tally.isDone, let (timeMS, event) = queue.next() {
      clock.advance(toMS: timeMS)
      try await happen(event)
    }
    if !tally.isDone { throw violated("nothing is going to happen any more, and jobs are not done") }
  }

  /// One event, whole.
  func happen(_ event: Happening) async throws {
    tally.events += 1
    fold(clock.nowMS - SimulatedClock.startMS)
    fold(event.number)
    switch event {
    case .upkeep(let life): try await upkeep(life)
    case .background(let life, let round): try await background(life, round)
    case .restart: try await start()
    case .arrival(let message): try await arrive(message)
    case .answer(let place, let life, let exchange, let outcome):
      try answer(workers[place], life, exchange, outcome)
    case .wake(let place, let life): try wake(workers[place], life)
    case .loaded(let place, let life, let lease): try loaded(workers[place], life, lease)
    case .rendered(let place, let life, let order, let startMS):
      try rendered(workers[place], life, order, startMS: startMS)
    case .revival(let place): try revive(workers[place])
    case .errand(let number): try await runErrand(of: number)
    case .mishap: try await mishap()
    case .verifierBack: isVerifierAway = false
    case .ban(let place):
      let key = workers[place].key.publicKey
      _ = try await ask { try await $0.ban(key) }
    case .diskHasRoom: room.bytes = 1 << 40
    case .check: try await checkAll()
    case .calm: try becomeCalm()
    }
    if let violation { throw violated(violation) }
  }

  func schedule(_ event: Happening, inMS delayMS: UInt64) { queue.add(event, atMS: clock.nowMS + delayMS) }

  /// Something must not be.
  func violated(_ what: String) -> Violation {
    Violation(
      what: what, seed: scenario.seed, step: tally.events,
      simulatedMS: clock.nowMS - SimulatedClock.startMS, replay: scenario.replay)
  }

  func fold(_ value: UInt64) {
    trace = (trace ^ value) &* 0x9E37_79B9_7F4A_7C15
    trace ^= trace >> 29
  }

  func fold(_ outcome: Outcome) {
    guard case .failure(let error) = outcome else { return fold(0xA1) }
    guard let refusal = error as? Refusal else { return fold(0xA2) }
    for byte in refusal.code.rawValue.utf8 { fold(UInt64(byte)) }
  }
}

/// Something is wrong in a simulated farm: what, where, and how to see it again.
package struct Violation: Error, Sendable, CustomStringConvertible {
  package let what: String
  package let seed: UInt64
  /// Events before it.
  package let step: Int
  package let simulatedMS: UInt64
  package let replay: String

  package var description: String {
    "seed \(seed), step \(step), at \(Double(simulatedMS) / 1000) s: \(what); again: \(replay)"
  }
}
