import Foundation
import Testing

/// Places, as "path:line", where `isBroken` holds for a line's code.
private func places(_ files: [SourceTree.File], where isBroken: (String) -> Bool) -> [String] {
  files.flatMap { file in
    file.lines.enumerated().filter { isBroken(SourceTree.code(of: $0.element)) }.map {
      "\(file.path):\($0.offset + 1)"
    }
  }
}

@Test func `the tree was found`() {
  #expect(SourceTree.swift.count > 50)
  #expect(SourceTree.swiftTests.count > 20)
}

@Test func `no file is over 400 lines`() {
  let long = (SourceTree.swift + SourceTree.swiftTests + SourceTree.native).filter { $0.lines.count > 401 }
  #expect(long.map(\.path) == [])
}

@Test func `half of the files have at most 120 lines and nine in ten at most 400`() {
  let counts = SourceTree.swift.map(\.lines.count).sorted()
  #expect(counts[counts.count / 2] <= 120)
  #expect(counts[counts.count * 9 / 10] <= 400)
}

@Test func `no line is over 110 columns`() {
  let wide = (SourceTree.swift + SourceTree.swiftTests + SourceTree.native).flatMap { file in
    file.lines.enumerated().filter { $0.element.count > 110 }.map { "\(file.path):\($0.offset + 1)" }
  }
  #expect(wide == [])
}

@Test func `no function is over 60 lines`() {
  let long = SourceTree.swift.flatMap { file in
    FunctionLengths.measure(file).filter { $0.lines > 60 }.map { "\(file.path):\($0.line) \($0.lines) lines" }
  }
  #expect(long == [])
}

@Test func `nothing is forced`() {
  let forced = places(SourceTree.swift) { line in
    line.contains("try!") || line.contains("as!") || line.contains("fatalError(")
      || line.range(of: #"[A-Za-z0-9_\])]!($|[.,;:)\] ])"#, options: .regularExpression) != nil
  }
  #expect(forced == [])
}

@Test func `nothing is put off and nothing is parked`() {
  let words = ["TODO", "FIXME", "HACK", "#if 0", "@testable"]
  let parked = (SourceTree.swift + SourceTree.native).flatMap { file in
    file.lines.enumerated().filter { line in words.contains { line.element.contains($0) } }
      .map { "\(file.path):\($0.offset + 1)" }
  }
  #expect(parked == [])
}

@Test func `only Terminal writes to the terminal`() {
  #expect(
    places(SourceTree.swift) { $0.range(of: #"(^|[^A-Za-z.])print\("#, options: .regularExpression) != nil }
      == [])
}

@Test func `types are named for what they are`() {
  let vague = places(SourceTree.swift) { line in
    line.range(
      of: #"(struct|class|enum|actor|protocol) \w*(Manager|Helper|Utils?|Utilities)\b"#,
      options: .regularExpression)
      != nil
  }
  #expect(vague == [])
}

@Test func `what the compiler does not check for threads gives its reason above`() {
  func isUnchecked(_ line: String) -> Bool {
    line.contains("@unchecked " + "Sendable") || line.contains("nonisolated(" + "unsafe)")
  }
  let silent = SourceTree.swift.flatMap { file in
    file.lines.indices.filter { index in
      guard isUnchecked(file.lines[index]) else { return false }
      // One reason may be for several lines.
      let above = file.lines[..<index].last { !isUnchecked($0) } ?? ""
      return !above.contains("//")
    }.map { "\(file.path):\($0 + 1)" }
  }
  #expect(silent == [])
}
