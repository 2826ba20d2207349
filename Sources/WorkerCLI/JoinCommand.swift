import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Terminal
import Transport
import Worker

/// `render-worker join URL`: works for a farm until told to stop.
let joinCommand = Command(
  "join", "Works for a farm; the first Ctrl-C finishes the tile at hand, the second ends at once.",
  positionals: [
    Positional("URL", "the farm as it printed it: http://HOST:PORT or https://HOST:PORT/#sha256-...")
  ],
  flags: [
    .value("--name", "N", "this worker's name, for people", default: "the host's name"),
    .value(
      "--devices", "LIST",
      "ids or names as 'render devices' lists them, with commas, or all: they work side by side",
      default: "the fastest kind"),
    .value(
      "--home", "DIR", "key, results and scene files", default: "$XDG_DATA_HOME/render-farm or ~/.local/share"
    ),
    .toggle(
      "--require-sandbox", "refuse to work where this system cannot confine what reads others' scenes"),
    .toggle("--no-sandbox", "confine nothing: only where a device's driver fails otherwise"),
    .value("--ca-file", "FILE", "certificate authorities to trust, PEM", default: "the system's"),
    .toggle("--json", "a JSON object for each thing that happens"),
  ] + JoinOptions.controls
) { arguments in
  if arguments.has("--require-sandbox"), arguments.has("--no-sandbox") {
    throw CommandFailure.usage("--require-sandbox and --no-sandbox contradict each other")
  }
  let environment = ProcessInfo.processInfo.environment
  let settings = try JoinOptions.settings(arguments)
  let name = arguments.string("--name") ?? ProcessInfo.processInfo.hostName
  guard (1...64).contains(name.utf8.count) else {
    throw CommandFailure.usage("--name \(name): expected 1 to 64 bytes")
  }
  // A mistyped address makes no account.
  _ = try HTTPClient(url: arguments.positionals[0])
  let program = try ownExecutable()
  let devices = try chosenDevices(arguments, program: program)
  let terms = try JoinOptions.terms(arguments, deviceCount: devices.count)
  let home = try WorkerHome(
    folder: arguments.string("--home") ?? WorkerHome.defaultFolder(environment: environment))
  let (key, isNew) = try home.identity()
  let client = try FarmClient(
    url: arguments.positionals[0], key: key, options: JoinOptions.network(arguments))
  try await checkTrust(client)
  let report = JoinReport(url: client.url, isJSON: arguments.has("--json"))
  report.account(key.publicKey, keyFile: home.keyFile.path, isNew: isNew)

  let signals = TerminationSignals.stream()
  try home.gatherOutboxes()
  let board = StatusBoard(name: name, url: client.url, home: home, deviceCount: devices.count)
  let benchmarks = BenchmarkFile(home: home, program: try DurableFile.digest("/proc/self/exe"))
  let workers = try devices.enumerated().map { index, id in
    let label = devices.count > 1 ? id : nil
    let deviceReport = report.on(label)
    let renderer = ChildRenderer(
      executable: program, arguments: tileServerArguments(arguments, home: home, terms, device: id)
    ) { Console.notes.line("renderer\(label.map { " \($0)" } ?? ""): \($0)") }
    return try Worker(
      name: name, home: home, link: FarmClientLink(client), renderer: renderer, terms: terms, device: index,
      benchmarks: benchmarks, seed: randomBytes(count: 8).reduce(0) { $0 << 8 | UInt64($1) }
    ) { notice in
      board.take(notice, of: index)
      deviceReport.take(notice)
    }
  }
  let daemon = WorkerDaemon(
    settings, workers: workers, board: board, home: home,
    register: WorkerRegister(defaultHome: WorkerHome.defaultFolder(environment: environment))
  ) { report.take($0) }
  let listener = Task {
    for await _ in signals { await daemon.interrupt() }
  }
  let stop = try await daemon.run()
  listener.cancel()
  // Who asked twice to end is not kept waiting for a statement.
  report.end(stop, account: stop == .quit ? nil : try? await client.account())
  switch stop {
  case .drained: return .done
  case .quit: return .failed
  case .refused(let refusal): throw refusal
  }
}

/// Ends here when somebody answers who is not the farm. Once it works, a worker waits for such a time to
/// pass.
private func checkTrust(_ client: FarmClient) async throws {
  do { _ = try await client.farmInfo() } catch let error as TransportError {
    if case .untrusted = error { throw error }
  } catch is Refusal {
    // What the farm says is for the worker to take.
  }
}

/// The command line of the renderer child.
private func tileServerArguments(
  _ arguments: Arguments, home: WorkerHome, _ terms: Worker.Terms, device: String?
) -> [String] {
  ["tile-server", "--scene-files", home.sceneFiles.path]
    + (device.map { ["--device", $0] } ?? [])
    + (terms.memoryBytesMax.map { ["--max-memory-gb", "\(Double($0) / 1e9)"] } ?? [])
    + ["--require-sandbox", "--no-sandbox"].filter { arguments.has($0) }
}

/// This program's file: the renderer child is the same one.
private func ownExecutable() throws -> String {
  try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
}
