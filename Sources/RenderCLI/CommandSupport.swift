import Foundation
import Terminal

/// A flag that has no default.
func required(_ arguments: Arguments, _ name: String) throws(CommandFailure) -> String {
  guard let value = arguments.string(name) else { throw .usage("\(name) is missing", remedy: "see --help") }
  return value
}

/// "3" or "3-48" of `--frames`.
func frameRange(_ arguments: Arguments, default text: String) throws(CommandFailure) -> ClosedRange<UInt32> {
  let given = arguments.string("--frames") ?? text
  let ends = given.split(separator: "-", omittingEmptySubsequences: false).map { UInt32($0) ?? 0 }
  guard (1...2).contains(ends.count), let first = ends.first, let last = ends.last, first >= 1, first <= last,
    last <= 1_000_000
  else { throw .usage("--frames \(given): expected a frame or FIRST-LAST, from 1") }
  return first...last
}

/// "frame.0001.exr".
func frameFileName(_ number: UInt32, _ format: String) -> String {
  let digits = String(number)
  return "frame.\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).\(format)"
}

/// One line of JSON on the standard output.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  Console.output.line(String(decoding: try encoder.encode(value), as: UTF8.self))
}
