import Coordinator
import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Synchronization
import Testing

/// What is answered is on disk, however many are answered at once, and what becomes of them when it is full.
@Suite struct DurableAnswerTests {
  private let submitter = TestFarm.submitter.publicKey

  /// Counts flushes, and fails those from the n-th step on while there is no room.
  private final class Disk: Sendable {
    private struct State {
      var flushes = 0
      var stepsLeft: Int
      var hasRoom = true
      var wasFull = false
    }
    private let state: Mutex<State>
    init(stepsLeft: Int = .max) { state = Mutex(State(stepsLeft: stepsLeft)) }
    var flushes: Int { state.withLock { $0.flushes } }
    var isFull: Bool { state.withLock { !$0.hasRoom } }
    var wasFull: Bool { state.withLock { $0.wasFull } }
    func makeRoom() { state.withLock { ($0.stepsLeft, $0.hasRoom) = (.max, true) } }
    func step(_ name: String) throws {
      let isFull = state.withLock { state in
        state.stepsLeft -= 1
        if state.stepsLeft <= 0 { (state.hasRoom, state.wasFull) = (false, true) }
        if name == "committed" { state.flushes += 1 }
        return !state.hasRoom
      }
      if isFull { throw FileFault(what: "write", path: "farm.sqlite", code: ENOSPC) }
    }
  }

  @Test func `many answers share a flush, and each outlives the next instant`() async throws {
    let test = TestFarm()
    let disk = Disk()
    var farm: FarmCoordinator? = try await test.open { try disk.step($0) }
    let before = disk.flushes
    let names = (1...64).map { CoordinatorTests.worker(UInt8($0)) }
    if let farm {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in names {
          group.addTask { _ = try await farm.join(TestWorker(1).joining, as: name) }
        }
        try await group.waitForAll()
      }
    }
    #expect(disk.flushes - before < 64, "one for many")
    farm = nil
    let again = try await test.open()
    #expect(await again.workerKeys == Set(names))
  }

  /// From wherever the farm is to the end of a job; room comes back each time that there was none.
  private func run(_ test: TestFarm, _ farm: FarmCoordinator, _ disk: Disk) async throws -> JobStatus {
    let (worker, terms) = (TestWorker(1), test.terms(columns: 3, frames: 1))
    var outbox: [[UInt8]] = []
    for _ in 0..<40 {
      do {
        _ = try await farm.deposit(TestFarm.deposit)
        try farm.blobs.put(test.sceneBytes)
        _ = try await farm.submit(test.submission(terms), from: submitter, checkedBy: TestSceneCheck())
        _ = try await farm.join(worker.joining, as: worker.name)
        while let body = outbox.first {
          do {
            _ = try await farm.accept(body, from: worker.name)
          } catch let refusal as Refusal where refusal.code != .busy {
            // Late: its tile is rendered again.
          }
          outbox.removeFirst()
        }
        try await farm.settle()
        let status = try await farm.status(of: terms.id, for: submitter)
        if status.state.isOver { return status }
        if let lease = try await farm.lease(LeaseRequest(), for: worker.name).lease {
          outbox += try lease.assignments.map { try worker.result($0.record, terms) }
        } else {
          test.clock.advance(Limits.workerSilenceMS + 1)
          try await farm.tick()
        }
      } catch  where disk.isFull {
        test.freeBytes.withLock { $0 = 0 }
        if error is Refusal { await #expect(throws: Refusal.self) { try await farm.tick() } }
        #expect(await farm.faultReason == nil, "it waits, and needs no other start")
        disk.makeRoom()
        test.freeBytes.withLock { $0 = 1 << 40 }
        try await farm.tick()
      }
    }
    return try await farm.status(of: terms.id, for: submitter)
  }

  @Test func `a disk that is full at any step loses nothing, and the farm goes on when there is room`()
    async throws
  {
    var count = 1
    while true {
      let (test, disk) = (TestFarm(), Disk(stepsLeft: count))
      count += 1
      // Full at the start it does not start.
      guard let farm = try? await test.open(step: { try disk.step($0) }) else { continue }
      let status = try await run(test, farm, disk)
      #expect(status.state == .completed && status.tilesVerified == 3, "step \(count)")
      let audit = try await farm.audit()
      #expect(audit.findings.isEmpty && audit.tilesPaid == 3, "step \(count)")
      guard disk.wasFull else { break }
    }
    #expect(count > 30)
  }
}
