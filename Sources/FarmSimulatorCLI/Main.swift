import FarmSimulator
import Foundation
import Terminal

/// The program `farm-sim`.
@main
struct Main {
  static func main() async {
    let program = Program(
      "farm-sim", "simulates whole farms from seeds", commands: [command],
      explain: { CommandFailure(.failed, "\($0)") })
    exit(await program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  private static let command = Command(
    "", "Simulates a whole farm from a seed, with faults and cheats, and checks what must hold.",
    flags: [
      .value("--seed", "N", "what the farm, its jobs, faults and cheats follow from", default: "1"),
      .value("--workers", "N", "workers", default: "from the seed, 2 to 30"),
      .value("--tiles", "N", "tiles of all jobs together", default: "from the seed, 6 to 60"),
      .value("--faults", "LIST", "none, or of: \(names(Fault.self))", default: "from the seed"),
      .value("--cheats", "LIST", "none, or of: \(names(Cheat.self))", default: "from the seed"),
      .value("--minutes", "N", "farms of ascending seeds for so long, on every core"),
      .toggle("--json", "the report as one line of JSON"),
    ]
  ) { arguments in
    let seed = try arguments.integer("--seed", in: 0...UInt64.max, default: 1)
    let workers = try arguments.integer("--workers", in: 2...100_000)
    let tiles = try arguments.integer("--tiles", in: 1...1_000_000)
    let faults: Set<Fault>? = try list(arguments, "--faults")
    let cheats: Set<Cheat>? = try list(arguments, "--cheats")
    if let minutes = try arguments.number("--minutes", in: 0...100_000) {
      let given = ["--workers", "--tiles", "--faults", "--cheats"].flatMap { flag in
        arguments.string(flag).map { [flag, $0] } ?? []
      }
      return try await Hunt(firstSeed: seed, minutes: Double(minutes), flags: given).run()
    }
    let report = try await Simulation.run(
      Scenario(seed: seed, workers: workers, tiles: tiles, faults: faults, cheats: cheats))
    Console.output.line(try arguments.has("--json") ? json(report) : text(report))
    return .done
  }

  private static func names<T: RawRepresentable & CaseIterable>(_: T.Type) -> String
  where T.RawValue == String {
    T.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// The flag's names; nil when it is not given.
  private static func list<T: RawRepresentable & CaseIterable & Hashable>(
    _ arguments: Arguments, _ flag: String
  ) throws -> Set<T>? where T.RawValue == String {
    guard let text = arguments.string(flag) else { return nil }
    guard text != "none" else { return [] }
    return Set(
      try text.split(separator: ",").map { name in
        guard let value = T(rawValue: String(name)) else {
          throw CommandFailure.usage("\(flag) \(name): expected none, or some of: \(names(T.self))")
        }
        return value
      })
  }

  private static func json(_ report: SimulationReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }

  private static func text(_ report: SimulationReport) -> String {
    let rate = Int(Double(report.events) / max(report.wallS, 1e-3))
    let wallS = Double(Int(report.wallS * 100)) / 100
    return report.line + "; \(report.simulatedMS / 1000) s in \(wallS) s, \(rate) events/s"
  }
}
