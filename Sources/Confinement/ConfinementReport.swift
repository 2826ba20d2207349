/// What a confinement came to: what holds, and what does not and why.
public struct ConfinementReport: Hashable, Sendable {
  /// One of its parts.
  enum Part: Hashable, Sendable {
    /// For people: "network none (a namespace of its own)".
    case holds(String)
    case lacks(String, reason: String)
  }

  let parts: [Part]

  /// What does not hold, for people: "Landlock: this kernel has none".
  public var missing: [String] {
    parts.compactMap { if case .lacks(let part, let reason) = $0 { "\(part): \(reason)" } else { nil } }
  }

  /// Whether every part holds.
  public var isComplete: Bool { missing.isEmpty }
}

extension ConfinementReport: CustomStringConvertible {
  /// One line.
  public var description: String {
    let holding = parts.compactMap { if case .holds(let part) = $0 { part } else { nil } }
    let text = holding.isEmpty ? "not at all" : holding.joined(separator: ", ")
    return isComplete ? text : "\(text); missing: \(missing.joined(separator: ", "))"
  }
}
