import FarmProtocol
import Foundation
import Settlement
import Testing

/// A worker's owner decides when it works: real processes, asked as a person would ask.
extension WholeFarmTests {
  /// What `render-worker status --json` says, as far as tests ask.
  struct Standing: Decodable, CustomStringConvertible {
    struct Device: Decodable {
      let id: String
      let raysPerS: UInt64?
    }
    let name: String
    let state: String
    let reasons: [String]
    let tilesAccepted: Int
    let scheduleChangesMS: UInt64?
    let devices: [Device]
    var description: String { "\(state) \(reasons), \(tilesAccepted) tiles" }
  }

  /// Runs `render-worker COMMAND` for a worker; nil when none answers.
  func tell(_ command: String, _ which: [String], _ farm: Farm) throws -> Standing? {
    let outcome = try Programs.run(
      "render-worker", [command, "--json"] + which, environment: farm.environment)
    guard outcome.exit == 0, !outcome.lastLine.isEmpty else { return nil }
    return try WireJSON.decode(Standing.self, from: Array(outcome.lastLine.utf8))
  }

  /// Waits until the worker stands as wanted; every second something may be done meanwhile.
  @discardableResult
  func wait(
    for name: String, of farm: Farm, seconds: Int = 60, _ wanted: String,
    meanwhile: () throws -> Void = {}, until isWanted: (Standing) -> Bool
  ) async throws -> Standing {
    var last: Standing?
    for _ in 0..<seconds {
      try meanwhile()
      last = try tell("status", ["--home", farm.home(of: name).path], farm)
      if let last, isWanted(last) { return last }
      try await Task.sleep(for: .seconds(1))
    }
    throw Farm.Timeout(
      description: "\(name) is not \(wanted) in \(seconds) s; last: \(last.map { "\($0)" } ?? "no answer")")
  }

  /// A job of many short tiles, which outlasts a test.
  func longJob(_ farm: Farm) throws -> JobStatus {
    try farm.submit(
      "cornell/cornell.gltf",
      ["--width", "64", "--height", "64", "--samples", "64", "--tile-side", "16", "--frames", "1-400"])
  }

  @Test
  func `a paused worker rests over a restart, a resumed one works, a drained one ends with nothing left`()
    async throws
  {
    let farm = try await Farm()
    let job = try longJob(farm)
    var worker = try farm.join("anna")
    try await wait(for: "anna", of: farm, "at work") { $0.tilesAccepted > 0 }
    let paused = try #require(try tell("pause", ["--name", "anna"], farm))
    #expect(paused.state == "resting" && paused.reasons == ["paused"])
    _ = try await farm.wait(for: job.id, "every tile given back") {
      $0.tilesLeased == 0 && $0.tilesPending == 0
    }
    let verified = try await farm.animator.job(job.id).tilesVerified
    try await Task.sleep(for: .seconds(3))
    #expect(try await farm.animator.job(job.id).tilesVerified == verified, "a paused worker renders nothing")

    worker.stop()
    #expect(worker.exitCode == 0)
    #expect(try tell("status", ["--home", farm.home(of: "anna").path], farm) == nil, "it runs no more")
    worker = try farm.join("anna")
    try await wait(for: "anna", of: farm, "paused") { $0.reasons == ["paused"] }
    try await Task.sleep(for: .seconds(2))
    #expect(try await farm.animator.job(job.id).tilesVerified == verified)

    let resumed = try #require(try tell("resume", [], farm))
    #expect(resumed.name == "anna" && resumed.reasons.isEmpty)
    _ = try await farm.wait(for: job.id, "work after the pause") { $0.tilesVerified > verified }
    _ = try tell("drain", ["--name", "anna"], farm)
    worker.waitForExit()
    #expect(worker.exitCode == 0, "\(worker.notes)")
    #expect(worker.output.contains("\"event\":\"finishing\""))
    let after = try await farm.wait(for: job.id, "nothing in hand") { $0.tilesPending == 0 }
    #expect(after.tilesLeased == 0 && after.tilesVoided == 0)
    let outcome = try Programs.run("render-worker", ["drain"], environment: farm.environment)
    #expect(outcome.exit == 1 && outcome.notes.contains("no worker runs here"))
    try farm.expectBooksBalance()
  }

  @Test func `which of two workers is meant has to be said`() async throws {
    let farm = try await Farm()
    let workers = [try farm.join("anna"), try farm.join("ben")]
    for name in ["anna", "ben"] { try await wait(for: name, of: farm, "ready") { $0.state == "working" } }
    let vague = try Programs.run("render-worker", ["pause"], environment: farm.environment)
    #expect(vague.exit == 2 && vague.notes.contains("2 workers run here: anna, ben"), "\(vague.notes)")
    #expect(try tell("pause", ["--name", "ben"], farm)?.reasons == ["paused"])
    #expect(try tell("status", ["--name", "anna"], farm)?.state == "working")
    // A killed worker leaves its files; they are told from one that runs.
    workers[0].kill()
    #expect(try tell("status", [], farm)?.name == "ben")
    #expect(try tell("status", ["--name", "anna"], farm) == nil)
    workers[1].stop()
    #expect(workers[1].exitCode == 0)
  }

  @Test func `a worker outside its schedule takes nothing and begins when it opens`() async throws {
    let farm = try await Farm()
    let job = try farm.submit("cornell/cornell.gltf", smallJob)
    let clock = DateFormatter()
    (clock.locale, clock.dateFormat) = (Locale(identifier: "en_US_POSIX"), "EEE H:mm")
    // At least five seconds from now, so that it is seen to wait.
    let opens = Date(
      timeIntervalSince1970: ((Date().timeIntervalSince1970 + 65) / 60).rounded(.down) * 60)
    let hours = DateFormatter()
    (hours.locale, hours.dateFormat) = (clock.locale, "H:mm")
    let schedule = "\(clock.string(from: opens))-\(hours.string(from: opens.addingTimeInterval(7200)))"
    let worker = try farm.join("anna", ["--schedule", schedule])
    let resting = try await wait(for: "anna", of: farm, "resting") { $0.state == "resting" }
    #expect(resting.reasons == ["outside_schedule"])
    #expect(resting.scheduleChangesMS == UInt64(opens.timeIntervalSince1970) * 1000)
    while Date() < opens {
      #expect(try await farm.animator.job(job.id).tilesVerified == 0, "\(schedule)")
      try await Task.sleep(for: .seconds(1))
    }
    #expect(try await farm.completion(of: job.id).state == .completed)
    worker.stop()
    let wrong = try Programs.run(
      "render-worker", ["join", farm.url, "--schedule", "Mon-Fri 19:00-07:00; Sut"])
    #expect(wrong.exit == 2 && wrong.notes.contains("\"Sut\""), "\(wrong.notes)")
  }

  @Test func `a worker ends after so much time with what it has in hand`() async throws {
    let farm = try await Farm()
    let job = try longJob(farm)
    let worker = try farm.join("anna", ["--drain-after", "8s"])
    worker.waitForExit()
    #expect(worker.exitCode == 0, "\(worker.notes)")
    let after = try await farm.wait(for: job.id, "verdicts") { $0.tilesPending == 0 }
    #expect(after.tilesVerified > 0 && after.tilesLeased == 0)
  }

  @Test(.enabled(if: PretendedMachine.isPossible, "it takes root to pretend a machine"))
  func `a worker rests while its machine is hot`() async throws {
    let farm = try await Farm()
    _ = try longJob(farm)
    let machine = try PretendedMachine(in: farm.folder)
    let worker = try farm.join("anna", ["--max-temperature", "80"], on: machine)
    try await wait(for: "anna", of: farm, "at work") { $0.tilesAccepted > 0 }
    try machine.heat(to: 93)
    try await wait(for: "anna", of: farm, "resting") { $0.reasons == ["too_hot"] }
    try machine.heat(to: 78)
    try await Task.sleep(for: .seconds(3))
    let warm = try await wait(for: "anna", of: farm, "resting still") { $0.reasons == ["too_hot"] }
    try machine.heat(to: 74)
    try await wait(for: "anna", of: farm, "at work again") { $0.tilesAccepted > warm.tilesAccepted }
    worker.stop()
    #expect(worker.exitCode == 0)
  }

  @Test(.enabled(if: PretendedMachine.isPossible, "it takes root to pretend a machine"))
  func `a worker leaves a machine to who types and to busy programs`() async throws {
    let farm = try await Farm()
    _ = try longJob(farm)
    let machine = try PretendedMachine(in: farm.folder)
    let worker = try farm.join("anna", ["--when-idle", "--idle-after", "4s"], on: machine)
    try await wait(for: "anna", of: farm, "at work", meanwhile: { try machine.passTime() }) {
      $0.tilesAccepted > 0
    }
    try machine.type(secondsAgo: 0)
    let typing = try await wait(
      for: "anna", of: farm, "resting", meanwhile: { try machine.passTime() }
    ) { $0.reasons == ["user_active"] }
    let again = try await wait(
      for: "anna", of: farm, "at work again", meanwhile: { try machine.passTime() }
    ) { $0.tilesAccepted > typing.tilesAccepted }
    let crowded = try await wait(
      for: "anna", of: farm, "resting", meanwhile: { try machine.passTime(othersShare: 0.9) }
    ) { $0.reasons == ["processors_busy"] }
    #expect(crowded.tilesAccepted >= again.tilesAccepted)
    worker.stop()
    #expect(worker.exitCode == 0)
  }

  private static let hasSensor = ["thermal", "hwmon"].contains {
    !((try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/\($0)")) ?? []).isEmpty
  }

  @Test(.enabled(if: !hasSensor, "this machine has a sensor"))
  func `a machine without a sensor says so`() throws {
    let outcome = try Programs.run(
      "render-worker", ["join", "http://127.0.0.1:1", "--max-temperature", "80"])
    #expect(outcome.exit == 2 && outcome.notes.contains("tells no temperature"), "\(outcome.notes)")
  }
}
