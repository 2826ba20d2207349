import Worker

/// One simulated farm, whole: the same scenario is the same run, event by event.
package struct Scenario: Sendable {
  /// Everything that is not given follows from it.
  package let seed: UInt64
  package let workers: Int
  /// Tiles of all jobs together, about.
  package let tiles: Int
  package let faults: Set<Fault>
  package let cheats: Set<Cheat>
  /// What is broken on purpose.
  package let sabotage: Sabotage?
  /// The command line that runs it again.
  package let replay: String

  /// Swarm testing (Groce et al. 2012): each seed leaves some faults and some cheats out altogether, for the
  /// presence of one may hide another. Every eighth farm has neither.
  package init(
    seed: UInt64, workers: Int? = nil, tiles: Int? = nil, faults: Set<Fault>? = nil,
    cheats: Set<Cheat>? = nil, sabotage: Sabotage? = nil
  ) {
    var random = Chance(seed: seed, stream: 1)
    let isCalm = seed.isMultiple(of: 8)
    self.seed = seed
    let few = random.between(2, 10)
    self.workers = workers ?? (random.happens(0.25) ? random.between(10, 30) : few)
    self.tiles = tiles ?? random.between(6, 60)
    let someFaults = Fault.allCases.filter { _ in random.happens(0.5) }
    let someCheats = Cheat.allCases.filter { _ in random.happens(0.4) }
    self.faults = faults ?? (isCalm ? [] : Set(someFaults))
    self.cheats = cheats ?? (isCalm ? [] : Set(someCheats))
    self.sabotage = sabotage
    var words = ["farm-sim --seed \(seed)"]
    if let workers { words.append("--workers \(workers)") }
    if let tiles { words.append("--tiles \(tiles)") }
    if let faults { words.append("--faults \(Scenario.list(faults.map(\.rawValue)))") }
    if let cheats { words.append("--cheats \(Scenario.list(cheats.map(\.rawValue)))") }
    replay = words.joined(separator: " ")
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.sorted().joined(separator: ",")
  }
}

/// Numbers from a seed; each stream is one subject's, so that one more draw here changes nothing there.
struct Chance: Sendable {
  private var source: SplitMix64

  init(seed: UInt64, stream: UInt64) {
    var mixer = SplitMix64(seed: seed)
    var other = SplitMix64(seed: mixer.next() ^ (stream &* 0xD134_2543_DE82_EF95))
    source = SplitMix64(seed: other.next())
  }

  mutating func word() -> UInt64 { source.next() }

  /// Whether something of that probability happens.
  mutating func happens(_ probability: Double) -> Bool {
    Double(source.next() >> 11) * 0x1p-53 < probability
  }

  /// Uniform in low ... high.
  mutating func between(_ low: Int, _ high: Int) -> Int {
    low + Int(source.next() % UInt64(high - low + 1))
  }

  mutating func between(_ low: UInt64, _ high: UInt64) -> UInt64 { low + source.next() % (high - low + 1) }

  mutating func pick<T>(_ values: [T]) -> T { values[between(0, values.count - 1)] }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: source.next() >> 24) }
  }
}
