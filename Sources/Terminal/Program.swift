import Foundation

/// A program: its commands, its help, and the one place where errors become a line and an exit code.
public struct Program: Sendable {
  private let name: String
  private let summary: String
  private let commands: [Command]
  private let explain: @Sendable (any Error) -> CommandFailure

  /// - Parameter commands: one without a name is the whole program.
  /// - Parameter explain: turns any error of the rooms below into what a person is told.
  public init(
    _ name: String, _ summary: String, commands: [Command],
    explain: @escaping @Sendable (any Error) -> CommandFailure
  ) {
    self.name = name
    self.summary = summary
    self.commands = commands
    self.explain = explain
  }

  /// Runs the command that `words` name (without the program's own name) and ends the process with its exit
  /// code. Called on the process's only thread.
  ///
  /// It ends at once: the libraries' own farewells free what threads use that still close a connection, and a
  /// program that was done would end with a signal.
  public func runToExit(_ words: [String]) -> Never {
    if let failure = runFirst(words) { exit(failure.rawValue) }
    // This thread waits: dispatchMain() ends it, which a command that is done at once does not survive. It
    // reads the code only after the signal that follows the writing.
    nonisolated(unsafe) var code = ExitCode.failed
    let ended = DispatchSemaphore(value: 0)
    Task.detached {
      code = await run(words)
      ended.signal()
    }
    ended.wait()
    fflush(nil)
    _exit(code.rawValue)
  }

  /// What the command does first; the exit code when that failed. Wrong usage is for `run` to tell.
  private func runFirst(_ words: [String]) -> ExitCode? {
    guard let command = command(for: words), let first = command.first,
      let arguments = try? command.parse(rest(of: words, after: command))
    else { return nil }
    do {
      try first(arguments)
      return nil
    } catch {
      let failure = (error as? CommandFailure) ?? explain(error)
      report(failure, command: command, asJSON: false)
      return failure.exit
    }
  }

  private func rest(of words: [String], after command: Command) -> [String] {
    Array(words.dropFirst(command.name.split(separator: " ").count))
  }

  /// Runs the command that `words` name (without the program's own name) and returns the exit code.
  public func run(_ words: [String]) async -> ExitCode {
    if let only = commands.first, only.name.isEmpty { return await run(only, words) }
    guard let first = words.first, first != "help", first != "--help", first != "-h" else {
      Console.output.line(help)
      return words.isEmpty ? .usage : .done
    }
    guard let command = command(for: words) else { return unknown(first) }
    return await run(command, rest(of: words, after: command))
  }

  private func run(_ command: Command, _ rest: [String]) async -> ExitCode {
    if rest.contains("--help") || rest.contains("-h") {
      Console.output.line(command.help(program: name))
      return .done
    }
    do {
      return try await command.run(command.parse(rest))
    } catch {
      let failure = (error as? CommandFailure) ?? explain(error)
      report(failure, command: command, asJSON: rest.contains("--json"))
      return failure.exit
    }
  }

  private func command(for words: [String]) -> Command? {
    // Two-word names first, so that "ledger verify" wins over a command "ledger".
    for count in [2, 1] where words.count >= count {
      let name = words.prefix(count).joined(separator: " ")
      if let found = commands.first(where: { $0.name == name }) { return found }
    }
    return nil
  }

  private func unknown(_ word: String) -> ExitCode {
    let close = closest(to: word, among: commands.filter { !$0.isHidden }.map(\.name))
    let remedy = close.map { "did you mean '\(name) \($0)'?" } ?? "see '\(name) --help'"
    Console.notes.line("\(name): no command '\(word)'; \(remedy)")
    return .usage
  }

  private func report(_ failure: CommandFailure, command: Command, asJSON: Bool) {
    if asJSON {
      let object = ["error": failure.code, "message": failure.message, "remedy": failure.remedy]
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      if let data = try? encoder.encode(object) { Console.output.line(String(decoding: data, as: UTF8.self)) }
    }
    Console.notes.line("\([name, command.name].filter { !$0.isEmpty }.joined(separator: " ")): \(failure)")
  }

  private var help: String {
    let shown = commands.filter { !$0.isHidden }
    let width = shown.map(\.name.count).max() ?? 0
    let rows = shown.map { "  \(padded($0.name, to: width))  \($0.summary)" }
    return (["\(name): \(summary)", ""] + rows + ["", "'\(name) COMMAND --help' says more."]).joined(
      separator: "\n")
  }
}
