import Terminal
import Testing

private enum Colour: String, CaseIterable { case red, green }

/// Runs `words` against a program with one command and hands the parsed arguments to `body`.
private func run(
  _ words: [String], _ body: @escaping @Sendable (Arguments) throws -> Void = { _ in }
) async -> ExitCode {
  let command = Command(
    "paint", "Paints.", positionals: [Positional("WALL", "what to paint")],
    flags: [
      .value("--coats", "N", "how many coats"), .value("--colour", "C", "red or green"),
      .value("--at", "X,Y", "where"), .value("--gloss", "G", "how shiny"), .toggle("--dry", "wait"),
    ]
  ) { arguments in
    try body(arguments)
    return .done
  }
  let program = Program("painter", "Paints walls.", commands: [command]) { error in
    CommandFailure(.failed, "\(error)")
  }
  return await program.run(words)
}

private func expectEqual<T: Equatable>(_ found: T, _ wanted: T) { #expect(found == wanted) }

private struct Broken: Error {}

@Test func `flags and positionals may come in any order`() async {
  let code = await run(["paint", "--coats", "3", "north", "--dry", "--colour=green", "--at", "-1,2.5"]) {
    arguments in
    #expect(arguments.positionals == ["north"])
    try expectEqual(arguments.integer("--coats", in: 1...9, default: 1), 3)
    try expectEqual(arguments.choice("--colour", default: Colour.red), .green)
    try expectEqual(arguments.numbers("--at", count: 2), [-1, 2.5])
    #expect(arguments.has("--dry"))
  }
  #expect(code == .done)
}

@Test func `what is not given takes its default`() async {
  let code = await run(["paint", "north"]) { arguments in
    try expectEqual(arguments.integer("--coats", in: 1...9, default: 7), 7)
    try expectEqual(arguments.choice("--colour", default: Colour.red), .red)
    try expectEqual(arguments.number("--gloss", in: 0...1), nil)
    #expect(!arguments.has("--dry"))
  }
  #expect(code == .done)
}

@Test(arguments: [
  ["paint"], ["paint", "north", "south"], ["paint", "north", "--coat", "3"], ["paint", "north", "--coats"],
  ["paint", "north", "--dry=yes"], ["paint", "north", "--coats", "1", "--coats", "2"], ["pant", "north"], [],
])
func `a wrong command line is a usage error`(words: [String]) async {
  #expect(await run(words) == .usage)
}

@Test func `values out of range or of the wrong kind are usage errors`() async {
  #expect(
    await run(["paint", "n", "--coats", "10"]) { _ = try $0.integer("--coats", in: 1...9, default: 1) }
      == .usage)
  #expect(
    await run(["paint", "n", "--coats", "x"]) { _ = try $0.integer("--coats", in: 1...9, default: 1) }
      == .usage)
  #expect(
    await run(["paint", "n", "--colour", "blue"]) { _ = try $0.choice("--colour", default: Colour.red) }
      == .usage)
  #expect(await run(["paint", "n", "--gloss", "nan"]) { _ = try $0.number("--gloss", in: 0...1) } == .usage)
  #expect(await run(["paint", "n", "--at", "1,2,3"]) { _ = try $0.numbers("--at", count: 2) } == .usage)
}

@Test func `an error of a room below goes through the program's explanation`() async {
  #expect(await run(["paint", "north"]) { _ in throw Broken() } == .failed)
}

@Test func `help is a success`() async {
  #expect(await run(["--help"]) == .done)
  #expect(await run(["paint", "--help"]) == .done)
}

@Test func `one is not many`() {
  #expect([0, 1, 2].map { counted($0, "worker") } == ["0 workers", "1 worker", "2 workers"])
}
