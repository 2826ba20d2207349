/// One command of a program: what it takes, what it says about itself, what it does.
public struct Command: Sendable {
  /// "frame"; two words for a group: "ledger verify"; none for a program of one command.
  public let name: String
  /// One line for the program's help.
  public let summary: String
  /// In the order they are given.
  public let positionals: [Positional]
  /// In the order the help shows them.
  public let flags: [Flag]
  /// Left out of the help: programs talking to each other.
  public let isHidden: Bool
  /// What it does while the process has one thread; nil for nothing. `run` follows, on other threads.
  public let first: (@Sendable (Arguments) throws -> Void)?
  /// Does it.
  public let run: @Sendable (Arguments) async throws -> ExitCode

  /// A command.
  public init(
    _ name: String, _ summary: String, positionals: [Positional] = [], flags: [Flag] = [],
    hidden: Bool = false, first: (@Sendable (Arguments) throws -> Void)? = nil,
    run: @escaping @Sendable (Arguments) async throws -> ExitCode
  ) {
    self.name = name
    self.summary = summary
    self.positionals = positionals
    self.flags = flags
    self.isHidden = hidden
    self.first = first
    self.run = run
  }

  /// Reads the words after the command's name.
  func parse(_ words: [String]) throws(CommandFailure) -> Arguments {
    var values: [String: String] = [:]
    var toggles: Set<String> = []
    var found: [String] = []
    var index = 0
    while index < words.count {
      let word = words[index]
      index += 1
      guard word.hasPrefix("-"), word.count > 1, Float(word) == nil else {
        found.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let flag = flags.first(where: { $0.name == parts[0] }) else { throw unknown(parts[0]) }
      if flag.placeholder == nil {
        guard parts.count == 1 else { throw .usage("\(flag.name) takes no value") }
        toggles.insert(flag.name)
        continue
      }
      guard values[flag.name] == nil else { throw .usage("\(flag.name) is given twice") }
      if parts.count == 2 {
        values[flag.name] = parts[1]
      } else {
        guard index < words.count else { throw .usage("\(flag.usage): the value is missing") }
        values[flag.name] = words[index]
        index += 1
      }
    }
    try checkCount(found)
    return Arguments(values: values, toggles: toggles, positionals: found)
  }

  private func checkCount(_ found: [String]) throws(CommandFailure) {
    if let missing = positionals.dropFirst(found.count).first, !missing.optional {
      throw .usage("\(missing.name) is missing: \(missing.help)")
    }
    if found.count > positionals.count {
      throw .usage("'\(found[positionals.count])' is one argument too many")
    }
  }

  private func unknown(_ name: String) -> CommandFailure {
    let close = closest(to: name, among: flags.map(\.name))
    return .usage("no flag \(name)", remedy: close.map { "did you mean \($0)?" } ?? "see --help")
  }

  /// The whole help text of this command.
  func help(program: String) -> String {
    let shape = positionals.map { $0.optional ? "[\($0.name)]" : $0.name }
    var lines = [
      "usage: "
        + ([program, name].filter { !$0.isEmpty } + shape + (flags.isEmpty ? [] : ["[flags]"]))
        .joined(separator: " "), "", summary, "",
    ]
    let rows =
      positionals.map { ($0.name, $0.help) }
      + flags.map { ($0.usage, $0.help + ($0.defaultText.isEmpty ? "" : " (default: \($0.defaultText))")) }
    let width = min(34, rows.map(\.0.count).max() ?? 0)
    for (left, right) in rows { lines.append("  " + padded(left, to: width) + "  " + right) }
    return lines.joined(separator: "\n")
  }
}

/// `text` with spaces up to `width` characters.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// The candidate with the smallest edit distance to `word`, if it is near enough to be meant.
func closest(to word: String, among candidates: [String]) -> String? {
  let scored = candidates.map { (editDistance(Array(word), Array($0)), $0) }
  return scored.min { $0.0 < $1.0 }.flatMap { $0.0 <= 3 ? $0.1 : nil }
}

/// Levenshtein's edit distance.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, right) in b.enumerated() {
      let replaced = diagonal + (left == right ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
