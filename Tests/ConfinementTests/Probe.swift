import Foundation

/// One attempt in a process of its own.
struct Probe {
  enum End: Equatable, CustomStringConvertible {
    /// What the attempt came to: 0 or an errno.
    case code(Int32)
    case signal(Int32)
    case failed(String)

    var description: String {
      switch self {
      case .code(0): "it worked"
      case .code(let code): String(cString: strerror(code))
      case .signal(let signal): "signal \(signal)"
      case .failed(let text): text
      }
    }
  }

  /// Who tries it.
  enum User: CaseIterable {
    case oneself
    /// As a program without privileges; only the system's administrator can become one.
    case nobody
  }

  static let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// Users that tests can try as: a person's own tests run without privileges anyway.
  static var users: [User] { getuid() == 0 ? User.allCases : [.oneself] }

  let folder: URL
  var memoryMB = 2_000
  var seconds = 60

  /// Tries it as this user. `report` is what the confinement came to.
  func run(
    _ attempt: String, _ argument: String, confined: Bool, as user: User = .oneself, before: String = ""
  ) throws -> (end: End, report: String) {
    let probe = Probe.programs.appendingPathComponent("ConfinementProbe").path
    let words = [
      probe, confined ? "confined" : "free", folder.path, "\(memoryMB)", "\(seconds)", attempt, argument,
    ]
    let process = Process()
    let lower = "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all"
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "\(before) \(user == .nobody ? lower : "exec") \"$@\"", "sh"] + words
    process.environment = ProcessInfo.processInfo.environment.merging(["FARM_PROBE_SECRET": "x"]) { $1 }
    let (output, notes) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = notes
    try process.run()
    let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    let report = String(decoding: try notes.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationReason == .uncaughtSignal { return (.signal(process.terminationStatus), report) }
    guard process.terminationStatus == 0 else { return (.failed(report), report) }
    // A program that took the attempt's place says nothing.
    return (.code(Int32(said.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0), report)
  }
}

/// A folder that everybody may enter, deleted with it.
final class ProbeFolder {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("confinement-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
    // The process's mask took something off.
    chmod(url.path, 0o777)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A file that everybody may read and write.
  func file(_ name: String) throws -> String {
    let path = url.appendingPathComponent(name).path
    try Data("text".utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o666)
    return path
  }
}

/// A process to be attacked, of the same user as the attacker.
final class Victim {
  private let process = Process()
  var id: String { "\(process.processIdentifier)" }

  init() throws {
    process.executableURL = URL(fileURLWithPath: "/bin/sleep")
    process.arguments = ["600"]
    try process.run()
  }

  deinit { kill(process.processIdentifier, SIGKILL) }
}

/// A socket at a path that listens, closed with it.
final class PathListener {
  let descriptor: Int32

  init(path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_un()
    place.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let isBound = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isBound, listen(descriptor, 8) == 0 else { throw POSIXError(.EADDRINUSE) }
    chmod(path, 0o777)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
