import Foundation
import Terminal
import Worker

private let whichFlags: [Flag] = [
  .value("--name", "N", "the worker of that name", default: "the one that runs"),
  .value("--home", "DIR", "the worker of that folder"),
  .toggle("--json", "as JSON"),
]

/// `render-worker status`.
let statusCommand = Command(
  "status", "Says where this machine's workers stand.", flags: whichFlags
) { arguments in
  let found = try workers(arguments)
  guard !found.isEmpty else { throw noWorker(arguments) }
  for status in found { try show(status, asJSON: arguments.has("--json")) }
  return .done
}

/// `render-worker pause`.
let pauseCommand = change(
  "pause", "Lets a worker rest until 'resume', over restarts too; a tile in work has a minute."
) { control, _ in
  try control.pause()
} isDone: {
  $0.reasons.contains(.paused) || $0.state == .finishing
}

/// `render-worker resume`.
let resumeCommand = change("resume", "Lets a paused worker work again.") { control, _ in
  try control.resume()
} isDone: {
  !$0.reasons.contains(.paused)
}

/// `render-worker drain`.
let drainCommand = change(
  "drain", "Lets a worker finish the tiles in hand, deliver them and end."
) { control, status in
  try control.drain(status)
} isDone: {
  $0.state == .finishing
}

/// A command that changes what a worker does: waits until the worker has heard it, and shows where it stands.
private func change(
  _ name: String, _ summary: String,
  _ wish: @escaping @Sendable (ControlFolder, WorkerStatus) throws -> Void,
  isDone: @escaping @Sendable (WorkerStatus) -> Bool
) -> Command {
  Command(name, summary, flags: whichFlags) { arguments in
    let found = try workers(arguments)
    guard let status = found.first else { throw noWorker(arguments) }
    guard found.count == 1 else {
      throw CommandFailure(
        .usage, "\(found.count) workers run here: \(found.map(\.name).joined(separator: ", "))",
        remedy: "say which with --name N or --home DIR")
    }
    let control = ControlFolder(home: status.home)
    try wish(control, status)
    // It looks once a second.
    for _ in 0..<100 {
      guard status.isRunning else { return .done }
      if let now = control.status(), isDone(now) {
        try show(now, asJSON: arguments.has("--json"))
        return .done
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw CommandFailure(
      .failed, "worker \(status.name), process \(status.processID), does not answer",
      remedy: "it will do as told when it runs on")
  }
}

/// Running workers that the flags mean.
private func workers(_ arguments: Arguments) throws -> [WorkerStatus] {
  if let home = arguments.string("--home") {
    let status = ControlFolder(home: URL(fileURLWithPath: home).standardizedFileURL.path).status()
    return status.map { $0.isRunning ? [$0] : [] } ?? []
  }
  let home = WorkerHome.defaultFolder(environment: ProcessInfo.processInfo.environment)
  let running = WorkerRegister(defaultHome: home).running()
  return arguments.string("--name").map { name in running.filter { $0.name == name } } ?? running
}

private func noWorker(_ arguments: Arguments) -> CommandFailure {
  let which =
    arguments.string("--home").map { " in \($0)" } ?? arguments.string("--name").map { " named \($0)" } ?? ""
  return CommandFailure(
    .failed, "no worker\(which) runs here as this user", remedy: "start one with 'render-worker join URL'")
}

private func show(_ status: WorkerStatus, asJSON: Bool) throws {
  guard asJSON else { return Console.output.line(status.text) }
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  Console.output.line(String(decoding: try encoder.encode(status), as: UTF8.self))
}
