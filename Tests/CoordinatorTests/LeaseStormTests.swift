import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import TestSupport
import Testing

/// One lease book under all short orders of events, and under long seeded storms of them.
@Suite struct LeaseStormTests {
  /// A book, its clock, and what was given out.
  private struct World {
    var book = LeaseBook(nextFence: 1)
    var nowMS: UInt64 = 0
    var given: [Assignment] = []
    var accepted: Set<Digest> = []
    var lastFence: UInt64 = 0
    /// Leases on copies.
    var copied = 0
    /// What must not be. Collected, for a recorded expectation costs more than the events it is about.
    var faults: [String] = []
    let jobs: [JobID]

    init(_ plans: [JobPlan]) {
      jobs = plans.map(\.id)
      for plan in plans { book.jobStarted(plan) }
      for number in 1...3 as ClosedRange<UInt8> { book.workerJoined(worker(number), nowMS: 0) }
    }

    mutating func apply(_ event: Int, _ random: inout Seeded) {
      let number: UInt8 = event >= 12 ? 3 : UInt8(1 + event % 2)
      switch event {
      case 0, 1, 12:
        let action = book.request(from: worker(number), resident: LeaseRequest(), nowMS: nowMS)
        guard case .grant(let lease, let assignments) = action else { return }
        if lease.fence <= lastFence { faults.append("fence \(lease.fence) after \(lastFence)") }
        lastFence = lease.fence
        given += assignments
        if lease.isDuplicate { copied += 1 }
      case 2, 3, 13: result(of: given.last { $0.worker == worker(number) })
      case 4: result(of: given.first)
      case 5: _ = book.heartbeat(from: worker(1), Heartbeat(fences: given.map(\.fence)), nowMS: nowMS)
      case 6:
        _ = book.heartbeat(from: worker(1), Heartbeat(fences: [], released: given.map(\.fence)), nowMS: nowMS)
      case 7:
        nowMS += Limits.workerSilenceMS + 1
        _ = book.tick(nowMS: nowMS)
      case 8: judgePending(right: true)
      case 9: judgePending(right: false)
      case 10: result(of: given.randomElement(using: &random))
      default: nowMS += 1_000
      }
    }

    private mutating func result(of assignment: Assignment?) {
      guard let assignment else { return }
      let known: UInt64? = accepted.contains(assignment.digest) ? 1 : nil
      switch book.judge(assignment, from: assignment.worker, acceptedAt: known) {
      case .accept:
        if !accepted.insert(assignment.digest).inserted { faults.append("accepted twice: \(assignment)") }
        book.accepted(
          assignment, commitment: assignment.digest, work: 100, logIndex: UInt64(accepted.count), nowMS: nowMS
        )
      case .alreadyAccepted: if known == nil { faults.append("never accepted: \(assignment)") }
      case .refuse: if known != nil { faults.append("accepted, then refused: \(assignment)") }
      }
    }

    private mutating func judgePending(right: Bool) {
      guard let (job, tile) = book.nextPending() else { return }
      if right {
        book.verified(tile, of: job)
      } else if case .exhausted = book.voided(tile, of: job, why: "wrong", nowMS: nowMS) {
        book.jobEnded(job)
      }
    }

    /// Every tile is in one place, and leases, copies and plans agree.
    mutating func check() {
      var leased: [TileKey: Set<UInt64>] = [:]
      for lease in book.currentLeases {
        if lease.outstanding.isEmpty { faults.append("lease \(lease.fence) is empty") }
        for tile in lease.outstanding.keys {
          leased[TileKey(lease.job, tile), default: []].insert(lease.fence)
        }
      }
      for plan in jobs.compactMap({ book.plans[$0] }) {
        for value in 0..<UInt32(plan.tileCount) { check(TileIndex(value), plan, leased) }
      }
    }

    private mutating func check(_ tile: TileIndex, _ plan: JobPlan, _ leased: [TileKey: Set<UInt64>]) {
      let fences = leased[TileKey(plan.id, tile)] ?? []
      let copy = plan.duplicates[tile]
      let fits =
        switch plan.state(of: tile) {
        case .leased(let held): fences == Set([held, copy].compactMap { $0 })
        case .pending: fences.isEmpty && copy == nil && plan.pending[tile] != nil
        case .queued, .verified: fences.isEmpty && copy == nil && plan.pending[tile] == nil
        }
      if !fits { faults.append("tile \(tile.value) is \(plan.state(of: tile)), its leases \(fences)") }
    }
  }

  private struct TileKey: Hashable {
    let job: JobID
    let tile: TileIndex
    init(_ job: JobID, _ tile: TileIndex) {
      self.job = job
      self.tile = tile
    }
  }

  @Test(arguments: 0..<10)
  func `every order of four events keeps each tile in one place`(first: Int) {
    var random = Seeded(seed: 1)
    var rest = [0, 0, 0]
    repeat {
      var world = World([smallPlan(columns: 2, frames: 1)])
      for event in [first] + rest { world.apply(event, &random) }
      world.check()
      if !world.faults.isEmpty { Issue.record("\([first] + rest): \(world.faults)") }
    } while next(&rest, below: 10)
  }

  private func next(_ digits: inout [Int], below base: Int) -> Bool {
    for i in digits.indices {
      digits[i] += 1
      if digits[i] < base { return true }
      digits[i] = 0
    }
    return false
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `a storm of events keeps each tile in one place and accepts none twice`(seed: UInt64) {
    var random = Seeded(seed: seed)
    var world = World([
      smallPlan(columns: 3, rows: 2, frames: 2), smallPlan(columns: 5, frames: 3, nonce: 2),
    ])
    for _ in 0..<400 {
      world.apply(Int.random(in: 0...11, using: &random), &random)
      world.check()
    }
    #expect(world.faults.isEmpty)
    #expect(!world.accepted.isEmpty)
  }

  @Test func `a storm over the last tiles copies some and accepts none twice`() {
    var copied = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = Seeded(seed: seed)
      var world = World([smallPlan(columns: 4, frames: 1)])
      for _ in 0..<60 {
        // Requests and results of three workers, verdicts, and time: nobody is silent.
        let event = [0, 1, 2, 3, 4, 6, 9, 10, 11, 12, 13].randomElement(using: &random) ?? 0
        world.apply(event, &random)
        world.check()
      }
      if !world.faults.isEmpty { Issue.record("seed \(seed): \(world.faults)") }
      copied += world.copied
    }
    #expect(copied > 0)
  }
}
