import Cryptography
import FarmProtocol
import Foundation
import Settlement
import TestSupport
import Testing

/// What a worker was told when its tile was accepted.
private struct Accepted: Decodable {
  let event: String
  let logIndex: UInt64?
  let tile: TileIndex?
}

extension WholeFarmTests {
  @Test func `a coordinator killed again and again loses no accepted tile and pays none twice`() async throws
  {
    let text = ProcessInfo.processInfo.environment["FARM_CRASH_SEED"]
    let seed = text.flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
    var random = Seeded(seed: seed)
    let replay = "repeat with: FARM_CRASH_SEED=\(seed) ./farm test --filter WholeFarmTests"
    let farm = try await Farm()
    let job = try farm.submit("cornell/cornell.gltf", smallJob + ["--frames", "1-10"])
    let workers = [try farm.join("anna"), try farm.join("ben")]
    for _ in 0..<8 {
      try await Task.sleep(for: .milliseconds(Int.random(in: 20...1_500, using: &random)))
      farm.coordinator.kill()
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...300, using: &random)))
      try await farm.restart()
    }
    let done = try await farm.completion(of: job.id, seconds: 180)
    #expect(done.state == .completed, "\(replay)")
    #expect(done.tilesVerified == done.tileCount, "\(replay)")
    for worker in workers { worker.stop() }
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", smallLook)
    let earned = try await ["anna", "ben"].asyncSum { name in
      try await farm.account(of: name).balances.values.reduce(Microcredits.zero, +)
    }
    #expect(earned == pay(of: done), "\(replay)")
    try farm.expectBooksBalance()
    try await expectAcceptedTilesAreLogged(workers, farm, replay)
  }

  /// Every tile that a worker was told is accepted stands in the log where it was told.
  private func expectAcceptedTilesAreLogged(_ workers: [RunningProgram], _ farm: Farm, _ replay: String)
    async throws
  {
    let storage = DiskLogStorage(directory: farm.data.appendingPathComponent("log").path)
    let key = try await LogDirectory.announcedKey(in: storage)
    let entries = try await LogDirectory(storage: storage, key: key).read().entries
    var count = 0
    for line in workers.flatMap({ $0.output.split(separator: "\n") }) {
      guard let accepted = try? WireJSON.decode(Accepted.self, from: Array(line.utf8)),
        accepted.event == "tile",
        let index = accepted.logIndex, let tile = accepted.tile
      else { continue }
      count += 1
      guard index < entries.count, case .commitment(let assignment, _) = entries[Int(index)].body else {
        Issue.record("tile \(tile.value) was accepted as entry \(index), which is no commitment; \(replay)")
        continue
      }
      #expect(assignment.tile == tile, "\(replay)")
    }
    #expect(count > 0, "workers report accepted tiles as JSON lines")
  }
}

/// What the job's verified tiles pay their workers, fees apart.
func pay(of job: JobStatus) -> Microcredits {
  // No tile of these small jobs reaches its cap, so pay is work times price.
  Microcredits(Int64(job.work) * job.terms.pricePerRay.value)
}

extension Sequence {
  /// The sum of what `amount` gives, one after the other.
  func asyncSum(_ amount: (Element) async throws -> Microcredits) async rethrows -> Microcredits {
    var sum = Microcredits.zero
    for element in self { sum += try await amount(element) }
    return sum
  }
}
