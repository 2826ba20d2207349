import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Testing
import Transport

/// A farm of real processes in a folder of its own.
final class Farm {
  struct Timeout: Error, CustomStringConvertible {
    let description: String
  }

  let folder: URL
  private(set) var coordinator: RunningProgram
  private(set) var url: String
  let animator: FarmClient
  private var starts = 1

  var data: URL { folder.appendingPathComponent("coordinator") }
  var animatorKey: String { folder.appendingPathComponent("animator.key").path }

  /// - Parameter arguments: further ones of `serve`.
  init(listen: String = "127.0.0.1:0", arguments: [String] = []) async throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("farm-\(UUID().uuidString)")
    let data = folder.appendingPathComponent("coordinator")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    coordinator = try Farm.startCoordinator(
      data: data, listen: listen, log: folder.appendingPathComponent("c1"), arguments: arguments)
    url = try await Farm.address(data, of: coordinator)
    let key = try KeyFile.loadOrCreate(folder.appendingPathComponent("animator.key").path).key
    animator = try FarmClient(url: url, key: key)
    try deposit("100000")
  }

  deinit {
    coordinator.kill()
    try? FileManager.default.removeItem(at: folder)
  }

  private static func startCoordinator(
    data: URL, listen: String, log: URL, arguments: [String] = []
  ) throws -> RunningProgram {
    try? FileManager.default.removeItem(at: data.appendingPathComponent("address"))
    return try RunningProgram(
      "render-coordinator", ["serve", "--data", data.path, "--listen", listen] + arguments, log: log)
  }

  /// Waits until the coordinator says where it listens.
  private static func address(_ data: URL, of coordinator: RunningProgram) async throws -> String {
    let file = data.appendingPathComponent("address")
    for _ in 0..<600 {
      if let text = try? String(contentsOf: file, encoding: .utf8), !text.isEmpty {
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
      }
      guard coordinator.isRunning else { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Timeout(description: "the coordinator does not come up: \(coordinator.notes)")
  }

  /// Starts the coordinator again on the same data and port.
  func restart() async throws {
    starts += 1
    let listen = String(url.dropFirst("http://".count))
    coordinator = try Farm.startCoordinator(
      data: data, listen: listen, log: folder.appendingPathComponent("c\(starts)"))
    url = try await Farm.address(data, of: coordinator)
  }

  func deposit(_ credits: String) throws {
    let outcome = try Programs.run(
      "render-coordinator", ["deposit", animator.key.publicKey.hex, credits, "--data", data.path])
    try #require(outcome.exit == 0, "\(outcome.notes)")
  }

  /// Starts a worker; its home is `NAME` in the farm's folder.
  /// - Parameter arguments: further ones of `join`.
  /// - Parameter machine: what it takes for its machine; nil: this one.
  func join(
    _ name: String, _ arguments: [String] = [], on machine: PretendedMachine? = nil,
    environment: [String: String] = [:]
  ) throws -> RunningProgram {
    try join(
      name, program: "render-worker", ["--name", name, "--json"] + arguments, on: machine,
      environment: environment)
  }

  /// Starts a worker that cheats.
  func join(_ name: String, cheat: String) throws -> RunningProgram {
    try join(name, program: "CheatingWorker", ["--cheat", cheat])
  }

  private func join(
    _ name: String, program: String, _ arguments: [String], on machine: PretendedMachine? = nil,
    environment more: [String: String] = [:]
  ) throws -> RunningProgram {
    try FileManager.default.createDirectory(at: home(of: name), withIntermediateDirectories: true)
    let program = Programs.folder.appendingPathComponent(program)
    let words = ["join", url, "--home", home(of: name).path] + arguments
    let (executable, all) = machine?.command(program, words) ?? (program, words)
    return try RunningProgram(
      executable, all, log: folder.appendingPathComponent("log-\(name)-\(UUID().uuidString.prefix(4))"),
      environment: environment.merging(more) { $1 })
  }

  /// A worker's folder.
  func home(of name: String) -> URL { folder.appendingPathComponent(name) }

  /// Workers of a farm are found by name without meeting anybody else's.
  var environment: [String: String] { ["XDG_DATA_HOME": folder.path] }

  /// The account of a worker that joined under `name`.
  func account(of name: String) async throws -> AccountStatement {
    let key = try #require(try KeyFile.load(folder.appendingPathComponent("\(name)/worker.key").path))
    return try await FarmClient(url: url, key: key).account()
  }

  /// Submits one of our scenes through the command line.
  func submit(_ scene: String, _ arguments: [String]) throws -> JobStatus {
    let path = Programs.root.appendingPathComponent("Scenes").appendingPathComponent(scene).path
    let outcome = try Programs.run(
      "render", ["submit", path, "--coordinator", url, "--key", animatorKey, "--json"] + arguments)
    try #require(outcome.exit == 0, "\(outcome.notes)")
    return try WireJSON.decode(JobStatus.self, from: Array(outcome.lastLine.utf8))
  }

  /// Waits until the job is as wanted; a stop of the coordinator in between is sat out.
  func wait(
    for job: JobID, seconds: Int = 120, _ wanted: String, until isWanted: (JobStatus) -> Bool
  ) async throws -> JobStatus {
    var last: JobStatus?
    for _ in 0..<seconds * 5 {
      if let status = try? await animator.job(job) {
        if isWanted(status) { return status }
        last = status
      }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw Timeout(
      description: "\(wanted) did not happen in \(seconds) s; last: \(last.map { "\($0)" } ?? "no answer")")
  }

  /// Waits for the job's frames.
  func completion(of job: JobID, seconds: Int = 120) async throws -> JobStatus {
    try await wait(for: job, seconds: seconds, "completion") { $0.state.isOver }
  }

  /// Fetches the frames and compares each, byte for byte, with the same frame rendered here and alone.
  func expectFramesEqualLocalOnes(_ job: JobStatus, scene: String, _ look: [String]) throws {
    let frames = folder.appendingPathComponent("frames-\(job.id.digest.short)")
    let fetched = try Programs.run(
      "render", ["fetch", job.id.description, "-o", frames.path, "--coordinator", url, "--key", animatorKey])
    try #require(fetched.exit == 0, "\(fetched.notes)")
    let path = Programs.root.appendingPathComponent("Scenes").appendingPathComponent(scene).path
    for number in job.terms.firstFrame...job.terms.lastFrame {
      let alone = ["exr", "png"].map { folder.appendingPathComponent("alone.\(number).\($0)") }
      let output = alone.map(\.path).joined(separator: ",")
      let outcome = try Programs.run(
        "render",
        ["frame", path, "--frame", "\(number)", "--seed", job.id.description, "-o", output] + look)
      try #require(outcome.exit == 0, "\(outcome.notes)")
      for file in alone {
        let name = "frame.\(String(format: "%04d", number)).\(file.pathExtension)"
        let same = try Data(contentsOf: file) == Data(contentsOf: frames.appendingPathComponent(name))
        #expect(same, "\(name) of the farm differs from the one rendered alone")
      }
    }
  }

  /// Stops the coordinator, then checks its log and its books from outside.
  func expectBooksBalance() throws {
    coordinator.stop()
    let verified = try Programs.run("render", ["ledger", "verify", data.appendingPathComponent("log").path])
    #expect(verified.exit == 0, "\(verified.output) \(verified.notes)")
    let audited = try Programs.run("render-coordinator", ["audit", "--data", data.path])
    #expect(audited.exit == 0, "\(audited.output) \(audited.notes)")
  }
}
