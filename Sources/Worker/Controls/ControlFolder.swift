import Durability
import FarmProtocol
import Foundation

/// Files through which a worker's owner speaks to it from another process: `HOME/control/`. Plain files, for
/// a word left there outlives both sides: a pause holds over restarts until it is taken back, and a wish to
/// finish names the run that it is for, so that it cannot end a later one.
public struct ControlFolder: Sendable {
  private let folder: String

  /// Of the worker with that home.
  public init(home: String) { folder = "\(home)/control" }

  private var pauseFile: String { "\(folder)/paused" }
  private var drainFile: String { "\(folder)/drain" }
  private var statusFile: String { "\(folder)/status.json" }

  // MARK: The owner's side

  /// Whether the worker is to rest.
  public var isPaused: Bool { DurableFile.byteCount(pauseFile) != nil }

  /// Lets it rest from now on, in this run and later ones.
  public func pause() throws(WorkerError) { try write([], to: pauseFile) }

  /// Lets it work again.
  public func resume() throws(WorkerError) {
    guard unlink(pauseFile) == 0 || errno == ENOENT else {
      throw .disk("cannot delete \(pauseFile): \(String(cString: strerror(errno)))")
    }
  }

  /// Asks the run that wrote `status` to finish what it has and end.
  public func drain(_ status: WorkerStatus) throws(WorkerError) {
    try write(Array(status.run.utf8), to: drainFile)
  }

  /// What the last run wrote last; nil without one.
  public func status() -> WorkerStatus? {
    guard let bytes = try? DurableFile.read(statusFile, bytesMax: UInt64(Limits.jsonBytesMax)) else {
      return nil
    }
    return try? WireJSON.decode(from: bytes)
  }

  // MARK: The worker's side

  /// Whether this run was asked to finish.
  func isDrainAsked(run: String) -> Bool {
    guard let bytes = try? DurableFile.read(drainFile, bytesMax: 64) else { return false }
    return String(decoding: bytes, as: UTF8.self) == run
  }

  func tell(_ status: WorkerStatus) throws(WorkerError) {
    let bytes: [UInt8]
    do { bytes = try WireJSON.encode(status) } catch { throw .refused(error) }
    try write(bytes, to: statusFile)
  }

  private func write(_ bytes: [UInt8], to path: String) throws(WorkerError) {
    let folder = folder
    try onDisk { () throws(FileFault) in
      try DurableFile.makeFolder(folder, mode: 0o700)
      try DurableFile.write(bytes, to: path, mode: 0o600, flush: false)
    }
  }
}

/// Which workers of this user run, and where: `render-worker pause` and the like find them by name. A file
/// for each, which holds its home; whether it runs says its status.
public struct WorkerRegister: Sendable {
  private let folder: String

  /// Of the user whose default home is `defaultHome`.
  public init(defaultHome: String) { folder = "\(defaultHome)/running" }

  /// Enters a worker.
  func enter(_ status: WorkerStatus) throws(WorkerError) {
    let (folder, path) = (folder, file(status))
    try onDisk { () throws(FileFault) in
      try DurableFile.makeFolder(folder, mode: 0o700)
      try DurableFile.write(Array(status.home.utf8), to: path, mode: 0o600, flush: false)
    }
  }

  /// A worker ends.
  func leave(_ status: WorkerStatus) { unlink(file(status)) }

  /// Those that run, by name; what was left by one that was killed is cleared away.
  public func running() -> [WorkerStatus] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let found = names.compactMap { name -> WorkerStatus? in
      guard let bytes = try? DurableFile.read("\(folder)/\(name)", bytesMax: 4096) else { return nil }
      let status = ControlFolder(home: String(decoding: bytes, as: UTF8.self)).status()
      if let status, status.run == name, status.isRunning { return status }
      unlink("\(folder)/\(name)")
      return nil
    }
    return found.sorted { ($0.name, $0.home) < ($1.name, $1.home) }
  }

  private func file(_ status: WorkerStatus) -> String { "\(folder)/\(status.run)" }
}
