import Foundation

/// Scripts as a person types them.
enum Shell {
  /// Runs a script to its end.
  static func run(_ script: String, environment: [String: String] = [:]) throws -> Programs.Outcome {
    try Programs.run(
      URL(fileURLWithPath: "/bin/sh"), ["-e", "-c", script], environment: environment)
  }

  /// Where a program is: in a folder that `FARM_TEST_TOOLS` names, or on the path; nil when it is not
  /// installed.
  static func tool(_ name: String) -> String? {
    let environment = ProcessInfo.processInfo.environment
    let folders = [environment["FARM_TEST_TOOLS"], environment["PATH"]].compactMap { $0 }
      .flatMap { $0.split(separator: ":").map(String.init) }
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
