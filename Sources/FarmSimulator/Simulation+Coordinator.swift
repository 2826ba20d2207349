import Coordinator
import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement

/// The coordinator's process: its starts and ends, its two loops.
extension Simulation {
  var folder: String { "\(root)/farm" }

  /// The farm's three keys, from the seed.
  func makeKeys() throws {
    var random = Chance(seed: scenario.seed, stream: 9)
    for name in ["coordinator", "verifier", "operator"] {
      try DurableFile.makeFolder(folder, mode: 0o700)
      let text = Array((random.bytes(32).hex + "\n").utf8)
      try DurableFile.write(text, to: "\(folder)/\(name).key", mode: 0o600)
    }
  }

  private var configuration: FarmCoordinator.Configuration {
    var configuration = FarmCoordinator.Configuration(
      root: folder, pricePerRay: Microcredits(1), kernelSet: SimulatedWorker.kernelSet
    ) { [clock] in clock.coordinatorMS }
    configuration.step = { [fuse, room] _ in
      try fuse.step()
      try room.step()
    }
    configuration.freeBytes = { [room] in room.bytes }
    configuration.secret = { [secrets] in secrets.draw($0) }
    return configuration
  }

  /// Starts a coordinator on what is on its disk.
  func start() async throws {
    guard farm == nil else { return }
    fuse.disarm()
    if !isCalm, scenario.faults.contains(.coordinatorCrash), mishaps.happens(0.1) {
      fuse.arm(mishaps.between(1, 3))
    }
    let verifier = SimulatedVerifier(simulation: self)
    do {
      farm = try FarmCoordinator(configuration, verifier: verifier, quoter: verifier)
    } catch {
      guard fuse.isBlown || room.bytes == 0 else {
        throw violated("the coordinator does not start: \(error)")
      }
      return schedule(.restart, inMS: 1_000)
    }
    tally.starts += 1
    schedule(.upkeep(life: farmLife), inMS: 1)
    wakeBackground(inMS: 2)
    try await check(farm)
  }

  /// Right after a start, and now and then: what is on disk is what the coordinator holds.
  func check(_ farm: FarmCoordinator?) async throws {
    guard let farm, !isDying, !isDiskFull else { return }
    do {
      try await farm.checkStore()
    } catch { throw violated("\(error)") }
  }

  /// One call of the coordinator. Nil when there is none, or when it comes to its end before it answers.
  func ask<T: Sendable>(
    _ body: @Sendable (FarmCoordinator) async throws -> T
  ) async throws -> Result<T, any Error>? {
    guard let outcome = await call(body) else { return nil }
    if fuse.isBlown { isDying = true }
    if isDying {
      if callDepth == 0 { try await die() }
      return nil
    }
    if case .failure(let error) = outcome { try await check(error) }
    return outcome
  }

  /// Apart, so that no reference to the coordinator outlives the call.
  private func call<T: Sendable>(
    _ body: @Sendable (FarmCoordinator) async throws -> T
  ) async -> Result<T, any Error>? {
    guard let farm, !isDying else { return nil }
    callDepth += 1
    defer { callDepth -= 1 }
    do { return .success(try await body(farm)) } catch { return .failure(error) }
  }

  /// Errors that a coordinator must not have unless its process ends.
  private func check(_ error: any Error) async throws {
    if let fault = await farm?.faultReason { throw violated("the coordinator stopped by itself: \(fault)") }
    if error is VerifierAway { return }
    guard let refusal = error as? Refusal, refusal.code != .internalFault else {
      throw violated("the coordinator fails: \(error)")
    }
  }

  /// The process ends as with kill -9, or with the power.
  func die() async throws {
    tally.crashes += 1
    await bury()
    if scenario.sabotage == .forgetfulDisk { try forget() }
    if scenario.faults.contains(.powerLoss), mishaps.happens(0.5) { try loseUnflushed() }
    schedule(.restart, inMS: isCalm ? 500 : mishaps.between(100, 20_000))
  }

  /// Lets the coordinator go, and waits until it is gone: the folder is locked so long.
  func bury() async {
    isDying = false
    farmLife += 1
    fuse.disarm()
    weak let gone = farm
    farm = nil
    while gone != nil { await Task.yield() }
  }

  /// What the coordinator writes without flushing may be gone, or empty.
  private func loseUnflushed() throws {
    let log = "\(folder)/log"
    let paths = FileManager.default.enumerator(atPath: log)?.compactMap { $0 as? String } ?? []
    for path in paths.sorted() where path == "checkpoint" || path.contains(".p/") || path == "vkey" {
      switch mishaps.between(0, 2) {
      case 0: unlink("\(log)/\(path)")
      case 1: truncate("\(log)/\(path)", 0)
      default: break
      }
    }
  }

  // MARK: Its loops, as `FarmServer` runs them

  func upkeep(_ life: Int) async throws {
    guard life == farmLife, farm != nil else { return }
    let outcome = try await ask { farm in
      try await farm.tick()
      try await farm.collectIfDue()
    }
    // It reads everything back once there is room.
    if case .success? = outcome, room.bytes > 0 { isDiskFull = false }
    schedule(.upkeep(life: life), inMS: 500)
  }

  func background(_ life: Int, _ round: Int) async throws {
    guard life == farmLife, round == backgroundRound, farm != nil else { return }
    guard let outcome = try await ask({ try await $0.step() }) else { return }
    switch outcome {
    case .success(true):
      verifierPauseMS = 250
      wakeBackground(inMS: rendering.between(1, 10))
    case .success(false): wakeBackground(inMS: 1_000)
    case .failure:
      wakeBackground(inMS: verifierPauseMS)
      verifierPauseMS = min(60_000, 2 * verifierPauseMS)
    }
  }

  /// There is something to do.
  func wakeBackground(inMS delayMS: UInt64) {
    backgroundRound += 1
    schedule(.background(life: farmLife, round: backgroundRound), inMS: delayMS)
  }

  // MARK: Its verifier

  func verifierAnswers() throws {
    if isVerifierAway { throw VerifierAway() }
  }

  /// Renders, while the rest of the farm goes on.
  func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    try verifierAnswers()
    try await goOn(forMS: rendering.between(1, 400))
    try verifierAnswers()
    let job = workload.jobs.first { $0.terms.id == scene.terms.id }
    if let frame = job?.unrenderable, frame == scene.frame {
      throw Refusal(.sceneInvalid, "the simulated verifier cannot render frame \(frame)")
    }
    let picture = Picture(of: scene.terms)
    var seen = pixels.map { pixel in
      claimed(pixel, scene, pass) ?? picture.pixel(frame: scene.frame, pass: pass, x: pixel.x, y: pixel.y)
    }
    if scenario.sabotage == .slanderingVerifier, !seen.isEmpty { seen[0].work ^= 1 }
    return ProbeObservation(deviceScene: picture.deviceScene(frame: scene.frame), pixels: seen)
  }

  /// What else happens in the farm meanwhile.
  private func goOn(forMS delayMS: UInt64) async throws {
    let untilMS = clock.nowMS + delayMS
    var later: [(timeMS: UInt64, event: Happening)] = []
    while let nextMS = queue.nextMS, nextMS <= untilMS, let (timeMS, event) = queue.next() {
      guard event.mayInterrupt else {
        later.append((timeMS, event))
        continue
      }
      clock.advance(toMS: timeMS)
      do { try await happen(event) } catch let broken as Violation {
        violation = violation ?? broken.what
        break
      }
    }
    clock.advance(toMS: untilMS)
    for (_, event) in later { schedule(event, inMS: 0) }
  }
}
