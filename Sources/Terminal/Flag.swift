/// One `--flag` of a command.
public struct Flag: Sendable {
  /// With its dashes: "--samples".
  public let name: String
  /// What stands for the value in the help ("N"); nil for a switch.
  public let placeholder: String?
  /// One line of help.
  public let help: String
  /// The default as the help shows it; empty when there is none.
  public let defaultText: String

  /// A flag that takes a value.
  public static func value(_ name: String, _ placeholder: String, _ help: String, default text: String = "")
    -> Flag
  {
    Flag(name: name, placeholder: placeholder, help: help, defaultText: text)
  }
  /// A flag that is there or not.
  public static func toggle(_ name: String, _ help: String) -> Flag {
    Flag(name: name, placeholder: nil, help: help, defaultText: "")
  }

  /// "--samples N", as the help shows it.
  var usage: String { placeholder.map { "\(name) \($0)" } ?? name }
}

/// A positional argument of a command.
public struct Positional: Sendable {
  /// In capitals: "SCENE".
  public let name: String
  /// One line of help.
  public let help: String
  /// Whether it may be left out.
  public let optional: Bool

  /// A positional argument.
  public init(_ name: String, _ help: String, optional: Bool = false) {
    self.name = name
    self.help = help
    self.optional = optional
  }
}
