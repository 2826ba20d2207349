/// Progress of one long command: a bar that redraws itself on a terminal, a plain line every tenth otherwise.
public struct Progress: Sendable {
  private let label: String
  private let isTerminal: Bool
  private var lastTenth = -1
  private var lastText = ""

  /// Starts; nothing is drawn yet.
  public init(_ label: String) {
    self.label = label
    isTerminal = Console.notes.isTerminal
  }

  /// Shows `done` of `total`; `detail` follows the bar.
  public mutating func show(_ done: Int, of total: Int, _ detail: String = "") {
    let share = total > 0 ? Double(done) / Double(total) : 1
    if isTerminal {
      let cells = Int(share * 30)
      let bar = String(repeating: "#", count: cells) + String(repeating: ".", count: 30 - cells)
      lastText = "\(label) [\(bar)] \(done)/\(total) \(detail)"
      Console.notes.write("\r\u{1B}[K" + lastText)
    } else if Int(share * 10) != lastTenth {
      lastTenth = Int(share * 10)
      Console.notes.line("\(label): \(done)/\(total) \(detail)")
    }
  }

  /// Leaves the bar where it is and goes to the next line.
  public func finish() {
    if isTerminal && !lastText.isEmpty { Console.notes.write("\n") }
  }
}
