/// Numbers in Prometheus' text exposition format, version 0.0.4: for each metric its help, its type, then a
/// line for each set of labels.
package struct MetricsText: Sendable {
  /// The media type that it travels under.
  package static let type = "text/plain; version=0.0.4; charset=utf-8"

  /// What a metric is: a gauge goes up and down, a counter only up.
  package enum Kind: String, Sendable {
    case gauge, counter
  }

  /// The text so far.
  package private(set) var text = ""

  package init() {}

  /// Adds a metric without labels.
  package mutating func add(_ kind: Kind, _ name: String, _ help: String, _ value: some BinaryInteger) {
    add(kind, name, help, by: "", [("", value)])
  }

  /// Adds a metric with one label; each value of the label once.
  package mutating func add(
    _ kind: Kind, _ name: String, _ help: String, by label: String, _ values: [(String, some BinaryInteger)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for (value, number) in values {
      text += label.isEmpty ? "\(name) \(number)\n" : "\(name){\(label)=\"\(escaped(value))\"} \(number)\n"
    }
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
