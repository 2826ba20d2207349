/// Lengths of functions, by the indentation of their closing brace.
enum FunctionLengths {
  static func measure(_ file: SourceTree.File) -> [(line: Int, lines: Int)] {
    var found: [(line: Int, lines: Int)] = []
    for (index, line) in file.lines.enumerated() where startsFunction(line) {
      let indent = line.prefix { $0 == " " }
      let close = file.lines[index...].firstIndex {
        $0.hasPrefix(indent + "}") && $0.dropFirst(indent.count).first == "}"
      }
      if let close { found.append((index + 1, close - index + 1)) }
    }
    return found
  }

  private static func startsFunction(_ line: String) -> Bool {
    let words = line.split(separator: " ")
    guard
      let at = words.firstIndex(where: { $0 == "func" || $0.hasPrefix("init(") || $0.hasPrefix("init?(") })
    else {
      return false
    }
    return words[..<at].allSatisfy { !$0.hasPrefix("//") && !$0.contains("\"") && !$0.contains("=") }
  }
}
