/// Exit codes are a contract: scripts rely on them.
public enum ExitCode: Int32, Sendable {
  case done = 0
  case failed = 1
  /// The command line is wrong.
  case usage = 2
  /// The other side said no.
  case refused = 3
}

/// Why a command ends early: one line of what and where, one of what to do.
public struct CommandFailure: Error, Sendable, CustomStringConvertible {
  /// What the program ends with.
  public let exit: ExitCode
  /// What happened and where.
  public let message: String
  /// What to do about it; may be empty.
  public let remedy: String
  /// A machine-readable code for `--json`.
  public let code: String

  /// A failure.
  public init(_ exit: ExitCode, _ message: String, remedy: String = "", code: String = "failed") {
    self.exit = exit
    self.message = message
    self.remedy = remedy
    self.code = code
  }

  /// A wrong command line.
  public static func usage(_ message: String, remedy: String = "") -> CommandFailure {
    CommandFailure(.usage, message, remedy: remedy, code: "usage")
  }

  /// One line for people.
  public var description: String { remedy.isEmpty ? message : "\(message); \(remedy)" }
}
