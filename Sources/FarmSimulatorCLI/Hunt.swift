import FarmSimulator
import Foundation
import Terminal

/// Simulates farm after farm until the time is up, each in a process of its own on every core, so that a trap
/// in one is a finding like any other and the rest goes on.
actor Hunt {
  /// A farm that takes longer hangs.
  private static let farmSMax = 300.0

  private let flags: [String]
  private let end: ContinuousClock.Instant
  private let program: String
  private var nextSeed: UInt64
  private var farms = 0
  private var events = 0
  private var verified = 0
  private var voided = 0
  private var starts = 0
  private var jobs = (completed: 0, cancelled: 0, failed: 0)
  private var escaped = (found: 0, expected: 0.0)
  private var failures: [String] = []

  init(firstSeed: UInt64, minutes: Double, flags: [String]) throws {
    nextSeed = firstSeed
    self.flags = flags
    end = .now + .milliseconds(Int64(minutes * 60_000))
    program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  }

  func run() async throws -> ExitCode {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
        group.addTask {
          while let seed = await self.takeSeed() {
            await self.note(await Hunt.farm(self.program, ["--seed", "\(seed)"] + self.flags), seed: seed)
          }
        }
      }
    }
    Console.output.line(
      "\(farms) farms, \(events) events, \(verified) tiles verified, \(voided) void, "
        + "\(starts) coordinator starts, \(jobs.completed) jobs completed, \(jobs.cancelled) cancelled, "
        + "\(jobs.failed) failed; false tiles escaped: \(escaped.found), expected by chance: "
        + "\(Double(Int(escaped.expected * 100)) / 100)")
    guard failures.isEmpty else {
      Console.notes.line("\(failures.count) farms failed")
      return .failed
    }
    return .done
  }

  private func takeSeed() -> UInt64? {
    guard .now < end else { return nil }
    defer { nextSeed &+= 1 }
    return nextSeed
  }

  private func note(_ result: (report: SimulationReport?, said: String), seed: UInt64) {
    farms += 1
    guard let report = result.report else {
      failures.append(result.said)
      let last = result.said.split(separator: "\n").filter { !$0.isEmpty }.suffix(3).joined(separator: " | ")
      let again = (["farm-sim", "--seed", "\(seed)"] + flags).joined(separator: " ")
      Console.notes.line("seed \(seed) failed: \(last); again: \(again)")
      return
    }
    events += report.events
    verified += report.tilesVerified
    voided += report.tilesVoided
    starts += report.coordinatorStarts
    jobs.completed += report.jobsCompleted
    jobs.cancelled += report.jobsCancelled
    jobs.failed += report.jobsFailed
    escaped.found += report.escaped
    escaped.expected += report.expectedEscapes
  }

  /// Runs one farm as a child. Its report, or what it said on standard error.
  private static func farm(_ program: String, _ arguments: [String]) async -> (SimulationReport?, String) {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: child(program, arguments + ["--json"])) }
    }
  }

  private static func child(_ program: String, _ arguments: [String]) -> (SimulationReport?, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let (output, notes) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = notes
    do { try process.run() } catch { return (nil, "cannot start \(program): \(error)") }
    let alarm = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + farmSMax, execute: alarm)
    // A trap's backtrace is longer than a pipe holds: read while the child runs.
    let said = (try? notes.fileHandleForReading.readToEnd()) ?? Data()
    let answer = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    alarm.cancel()
    guard process.terminationReason == .exit, process.terminationStatus == 0,
      let report = try? JSONDecoder().decode(SimulationReport.self, from: answer)
    else {
      let text = String(decoding: said, as: UTF8.self)
      let fatal = text.split(separator: "\n").filter {
        $0.contains("Fatal error") || $0.contains("farm-sim:")
      }
      let why = fatal.isEmpty ? text : fatal.joined(separator: "\n")
      return (nil, why.isEmpty ? "it was killed after \(Int(farmSMax)) s or by the system" : why)
    }
    return (report, "")
  }
}
