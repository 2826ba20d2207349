import Foundation

/// The files of this checkout, as text.
enum SourceTree {
  struct File: Sendable, CustomStringConvertible {
    /// Relative to the root: "Sources/Render/TileRenderer.swift".
    let path: String
    let lines: [String]
    var description: String { path }
    /// "Render" of "Sources/Render/...".
    var room: String { String(path.split(separator: "/").dropFirst().first ?? "") }
  }

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Files below `folder` whose names end in one of `endings`, in order of path.
  static func files(_ folder: String, endings: [String]) -> [File] {
    let walk = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
    let paths = (walk?.allObjects as? [String] ?? []).filter { path in endings.contains { path.hasSuffix($0) }
    }
    return paths.sorted().compactMap { path in
      let full = root.appendingPathComponent(folder).appendingPathComponent(path)
      guard let text = try? String(contentsOf: full, encoding: .utf8) else { return nil }
      return File(path: "\(folder)/\(path)", lines: text.components(separatedBy: "\n"))
    }
  }

  static let swift = files("Sources", endings: [".swift"])
  static let swiftTests = files("Tests", endings: [".swift"])
  static let native = files("Sources", endings: [".c", ".h", ".cl"])

  /// The line without string literals and comments: what a rule about code may look at.
  static func code(of line: String) -> String {
    var out = ""
    var inString = false
    var previous: Character = " "
    for character in line {
      if character == "\"" && previous != "\\" { inString.toggle() }
      if character == "/" && previous == "/" && !inString { return String(out.dropLast()) }
      if !inString { out.append(character) }
      previous = character
    }
    return out
  }
}
