import Foundation

/// The built programs, beside the test bundle that is running.
enum Programs {
  static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// What a finished program left.
  struct Outcome {
    let exit: Int32
    let output: String
    let notes: String
    /// The last line of the output, where results stand.
    var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }
  }

  /// Runs a program to its end.
  @discardableResult
  static func run(
    _ name: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Outcome {
    try run(folder.appendingPathComponent(name), arguments, environment: environment)
  }

  /// Runs any program to its end.
  static func run(
    _ executable: URL, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Outcome {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("out-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let running = try RunningProgram(
      executable, arguments, log: scratch.appendingPathComponent("text"), environment: environment)
    running.waitForExit()
    return Outcome(exit: running.exitCode, output: running.output, notes: running.notes)
  }
}

/// A program that goes on running. Its output and notes go to files, so that no pipe can fill up.
final class RunningProgram {
  private let process = Process()
  private let outputFile: URL
  private let notesFile: URL

  convenience init(_ name: String, _ arguments: [String], log: URL) throws {
    try self.init(Programs.folder.appendingPathComponent(name), arguments, log: log)
  }

  init(_ executable: URL, _ arguments: [String], log: URL, environment: [String: String] = [:]) throws {
    outputFile = log.appendingPathExtension("out")
    notesFile = log.appendingPathExtension("err")
    for file in [outputFile, notesFile] { try Data().write(to: file) }
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: notesFile)
    try process.run()
  }

  deinit { kill() }

  var isRunning: Bool { process.isRunning }
  var exitCode: Int32 {
    process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }
  var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
  var notes: String { (try? String(contentsOf: notesFile, encoding: .utf8)) ?? "" }

  func waitForExit() { process.waitUntilExit() }

  /// `kill -9`: no goodbye.
  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Asks for a clean end and waits for it.
  func stop() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }
}
