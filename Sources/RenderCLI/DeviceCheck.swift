import Foundation
import Render
import Terminal

/// What a device's check came to.
struct DeviceCheck: Encodable {
  enum Verdict: String, Encodable { case pass, fail, skipped }

  var device: String
  var name: String
  var platform: String
  var driver: String
  var verdict: Verdict
  /// What the device computed otherwise.
  var failures: [Conformance.Failure]
  /// Why it failed or was left out; empty for a pass.
  var reason: String
  var check_s: Double

  /// Most time for a check, compilers included. The slowest that ends at all takes two minutes, a simulator
  /// four.
  private static func deadlineS(_ device: DeviceInfo) -> Int { Conformance.isQuick(on: device) ? 300 : 3600 }

  /// Checks the device in a child process: whatever a driver does, the answer comes. `isNamed`: even if it
  /// takes long.
  static func run(_ device: DeviceInfo, isNamed: Bool) throws -> DeviceCheck {
    var check = DeviceCheck(
      device: device.id, name: device.name, platform: device.platform, driver: device.driver,
      verdict: .skipped, failures: [], reason: "", check_s: 0)
    guard isNamed || Conformance.isQuick(on: device) else {
      check.reason = "a simulator, thousands of times slower; --device \(device.id) checks it, in minutes"
      return check
    }
    let start = ContinuousClock.now
    let child = try CheckChild(device: device.id)
    let deadlineS = DeviceCheck.deadlineS(device)
    let end = child.wait(seconds: deadlineS)
    check.check_s = seconds(ContinuousClock.now - start)
    check.verdict = end == .exited(0) ? .pass : .fail
    switch end {
    case .exited(0): break
    case .exited:
      check.failures = child.failures
      check.reason =
        check.failures.isEmpty
        ? child.lastNote : "\(ConformanceError(device: device, failures: check.failures))"
    case .signalled(let signal):
      check.reason = "the driver crashed (signal \(signal)); update it, or use another device"
    case .late:
      check.reason =
        "the driver did not compile and run the kernels within \(deadlineS) s; "
        + "update it, or use another device"
    }
    return check
  }

  var text: String {
    let place = "\(device)  \(name)  (\(platform), \(driver))"
    let time = String(format: "%.1f s", check_s)
    return switch verdict {
    case .pass: "pass  \(place): \(Conformance.summary), \(time)"
    case .fail: "FAIL  \(place): \(reason)"
    case .skipped: "-     \(place): not checked: \(reason)"
    }
  }
}

/// The process that checks one device; its output goes to a file, so that no pipe can fill up.
private final class CheckChild {
  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
    case late
  }

  private let process: Process
  private let folder: URL
  private var outputFile: URL { folder.appendingPathComponent("output") }
  private var notesFile: URL { folder.appendingPathComponent("notes") }

  init(device: String) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("check-\(UUID().uuidString)")
    process = try Process.ofThisProgram([checkDeviceCommand.name, "--device", device])
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for file in [outputFile, notesFile] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: notesFile)
    try process.run()
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Waits for its end; a child that is late is killed.
  func wait(seconds: Int) -> End {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while process.isRunning {
      if ContinuousClock.now >= deadline {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return .late
      }
      usleep(10_000)
    }
    process.waitUntilExit()
    return process.terminationReason == .exit
      ? .exited(process.terminationStatus) : .signalled(process.terminationStatus)
  }

  var failures: [Conformance.Failure] {
    guard let data = try? Data(contentsOf: outputFile) else { return [] }
    return (try? JSONDecoder().decode([Conformance.Failure].self, from: data)) ?? []
  }

  /// Its last words.
  var lastNote: String {
    let text = (try? String(contentsOf: notesFile, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").last.map(String.init) ?? "it failed without a word"
  }
}
