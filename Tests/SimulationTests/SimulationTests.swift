import FarmSimulator
import Testing

/// Whole farms from seeds.
@Suite struct SimulationTests {
  @Test(arguments: 1...32 as ClosedRange<UInt64>)
  func `a farm keeps its promises whatever goes wrong`(seed: UInt64) async throws {
    let report = try await Simulation.run(Scenario(seed: seed))
    #expect(report.jobsCompleted + report.jobsCancelled + report.jobsFailed > 0)
  }

  @Test(arguments: [3, 8, 21] as [UInt64])
  func `the same seed is the same farm, event by event`(seed: UInt64) async throws {
    let first = try await Simulation.run(Scenario(seed: seed))
    let second = try await Simulation.run(Scenario(seed: seed))
    #expect(first.trace == second.trace && first.events == second.events)
    #expect(try await Simulation.run(Scenario(seed: seed + 1)).trace != first.trace)
  }

  @Test func `a farm without faults completes every job that nobody cancels, at the first try`() async throws
  {
    for seed in [8, 16, 24] as [UInt64] {
      let report = try await Simulation.run(Scenario(seed: seed))
      #expect(report.jobsFailed == 0 && report.tilesVoided == 0 && report.workerCrashes == 0)
      #expect(report.jobsCompleted > 0 && report.framesChecked > 0)
    }
  }

  /// The checks bite: each broken farm is found out, and named by its seed.
  @Test(arguments: Sabotage.allCases) func `a broken farm is found out`(sabotage: Sabotage) async throws {
    let faults: Set<Fault> = sabotage == .forgetfulDisk ? [.coordinatorCrash] : []
    let cheats: Set<Cheat> = sabotage == .acceptingVerifier ? [.unrendered] : []
    let scenario = Scenario(
      seed: 5, workers: 12, tiles: 60, faults: faults, cheats: cheats, sabotage: sabotage)
    let violation = try await #require(throws: Violation.self) { _ = try await Simulation.run(scenario) }
    #expect(violation.seed == 5)
    #expect("\(violation)".contains("farm-sim --seed 5 --workers 12 --tiles 60"))
    let expected =
      switch sabotage {
      case .acceptingVerifier: ["was found equal"]
      // Whichever a restart shows first: what was acknowledged is gone, or fences start again.
      case .forgetfulDisk: ["acknowledged", "is given after lease"]
      case .doublePay: ["paid"]
      case .slanderingVerifier: ["honest worker"]
      }
    #expect(expected.contains { violation.what.contains($0) }, "\(violation)")
  }
}
