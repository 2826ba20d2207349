import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Synchronization
import Testing

/// A coordinator that dies at any step of its work, and is started again, ends where one that lived does.
@Suite struct RestartTests {
  private struct Crash: Error {}

  /// Crashes at the n-th step.
  private final class Fuse: Sendable {
    private let left: Mutex<Int>
    init(_ count: Int) { left = Mutex(count) }
    var isBlown: Bool { left.withLock { $0 <= 0 } }
    func step() throws {
      try left.withLock {
        $0 -= 1
        if $0 <= 0 { throw Crash() }
      }
    }
  }

  /// A worker with an outbox: it sends again what was not acknowledged, as the real one does.
  private final class Script {
    let test = TestFarm()
    let worker = TestWorker(1)
    let terms: JobTerms
    var outbox: [[UInt8]] = []
    var acknowledged = 0

    init() { terms = test.terms(columns: 3, frames: 2) }

    /// From wherever the farm is to the end of the job. Each call may throw when the farm dies.
    func run(_ farm: FarmCoordinator) async throws {
      _ = try await farm.deposit(TestFarm.deposit)
      try farm.blobs.put(test.sceneBytes)
      _ = try await farm.submit(
        test.submission(terms), from: TestFarm.submitter.publicKey, checkedBy: TestSceneCheck())
      _ = try await farm.join(worker.joining, as: worker.name)
      while try await farm.status(of: terms.id, for: TestFarm.submitter.publicKey).state == .running {
        try await send(to: farm)
        try await farm.settle()
        if let lease = try await farm.lease(LeaseRequest(), for: worker.name).lease {
          outbox += try lease.assignments.map { try worker.result($0.record, terms) }
        } else {
          // A lease whose reply was lost ends by silence.
          test.clock.advance(Limits.workerSilenceMS + 1)
          try await farm.tick()
        }
      }
      try await farm.close()
    }

    private func send(to farm: FarmCoordinator) async throws {
      while let body = outbox.first {
        do {
          _ = try await farm.accept(body, from: worker.name)
          acknowledged += 1
        } catch let refusal as Refusal where refusal.code != .internalFault {
          // Late: its tile is rendered again.
        }
        outbox.removeFirst()
      }
    }
  }

  private struct End: Equatable {
    var submitter: [String: Microcredits]
    var worker: Microcredits
    var work: UInt64
    var frames: [UInt32]
  }

  private func end(_ script: Script, _ farm: FarmCoordinator) async throws -> End {
    let key = TestFarm.submitter.publicKey
    let status = try await farm.status(of: script.terms.id, for: key)
    #expect(status.state == .completed)
    #expect(status.tilesVerified == 6)
    #expect(try await farm.audit().findings.isEmpty)
    let earned = try await farm.statement(of: script.worker.name).balances.values.reduce(.zero, +)
    return End(
      submitter: try await farm.statement(of: key).balances, worker: earned, work: status.work,
      frames: status.framesDone)
  }

  @Test func `a coordinator that dies at any step loses no tile and pays none twice`() async throws {
    let calm = Script()
    let whole = try await calm.test.open()
    try await calm.run(whole)
    let expected = try await end(calm, whole)

    var count = 1
    while true {
      let script = Script()
      let fuse = Fuse(count)
      do {
        let doomed = try await script.test.open { _ in try fuse.step() }
        try await script.run(doomed)
      } catch {
        #expect(fuse.isBlown, "step \(count): \(error)")
      }
      let wasBlown = fuse.isBlown
      let farm = try await script.test.open()
      try await script.run(farm)
      #expect(try await end(script, farm) == expected, "step \(count)")
      guard wasBlown else { break }
      count += 1
    }
    // Epoch, deposit, reservation, join, six tiles with lease, fragment, commitment and verdict, frames, ...
    #expect(count > 60)
  }

  @Test func `an acknowledged result survives the next instant`() async throws {
    let script = Script()
    var farm: FarmCoordinator? = try await script.test.openWithJob(script.terms, verifier: nil)
    var receipt: ResultReceipt?
    var body: [UInt8] = []
    if let farm {
      _ = try await farm.join(script.worker.joining, as: script.worker.name)
      let lease = try #require(try await farm.lease(LeaseRequest(), for: script.worker.name).lease)
      body = try script.worker.result(lease.assignments[0].record, script.terms)
      receipt = try await farm.accept(body, from: script.worker.name)
      #expect(receipt?.alreadyAccepted == false)
    }
    farm = nil
    let again = try await script.test.open()
    let resent = try await again.accept(body, from: script.worker.name)
    #expect(resent == ResultReceipt(logIndex: receipt?.logIndex ?? 0, alreadyAccepted: true))
    #expect(try await again.status(of: script.terms.id, for: TestFarm.submitter.publicKey).tilesPending == 1)
  }

  @Test func `a lease outlives the coordinator that gave it`() async throws {
    let script = Script()
    var farm: FarmCoordinator? = try await script.test.openWithJob(script.terms)
    var body: [UInt8] = []
    if let farm {
      _ = try await farm.join(script.worker.joining, as: script.worker.name)
      let lease = try #require(try await farm.lease(LeaseRequest(), for: script.worker.name).lease)
      body = try script.worker.result(lease.assignments[0].record, script.terms)
    }
    farm = nil
    let again = try await script.test.open()
    #expect(try await again.accept(body, from: script.worker.name).alreadyAccepted == false)
    let next = try #require(try await again.lease(LeaseRequest(), for: script.worker.name).lease)
    #expect(next.fence == 2)
  }

  @Test func `who holds a tile that was copied may deliver it after a restart`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 1)
    let (holder, other) = (TestWorker(1), TestWorker(2))
    var farm: FarmCoordinator? = try await test.openWithJob(terms)
    var body: [UInt8] = []
    if let farm {
      _ = try await farm.join(holder.joining, as: holder.name)
      _ = try await farm.join(other.joining, as: other.name)
      let lease = try #require(try await farm.lease(LeaseRequest(), for: holder.name).lease)
      body = try holder.result(lease.assignments[0].record, terms)
      test.clock.advance(LeaseBook.helpAfterMS)
      let copy = try #require(try await farm.lease(LeaseRequest(), for: other.name).lease)
      #expect(copy.assignments.map(\.record.tile) == lease.assignments.map(\.record.tile))
      try await farm.checkStore()
    }
    farm = nil
    let again = try await test.open()
    #expect(try await again.accept(body, from: holder.name).alreadyAccepted == false)
    try await again.settle()
    #expect(try await again.status(of: terms.id, for: TestFarm.submitter.publicKey).state == .completed)
  }

  @Test func `a key that was banned before it joined is the same after a restart`() async throws {
    let test = TestFarm()
    let worker = TestWorker(1)
    var farm: FarmCoordinator? = try await test.open()
    try await farm?.ban(worker.name)
    try await farm?.checkStore()
    farm = nil
    let again = try await test.open()
    await #expect { try await again.join(worker.joining, as: worker.name) } throws: {
      ($0 as? Refusal)?.code == .banned
    }
  }

  @Test func `a folder is one coordinator's`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    #expect(throws: DataFolderError.self) {
      try FarmCoordinator(.init(root: test.root, pricePerRay: .zero, kernelSet: .zero), verifier: nil)
    }
    #expect(await farm.faultReason == nil)
  }

  @Test func `missing frames and log files are made again`() async throws {
    let script = Script()
    var farm: FarmCoordinator? = try await script.test.openWithJob(script.terms)
    if let farm {
      try await script.run(farm)
    }
    farm = nil
    let paths = ["frames", "log"].map { "\(script.test.root)/\($0)" }
    for path in paths { try FileManager.default.removeItem(atPath: path) }
    let again = try await script.test.open()
    try await again.settle()
    _ = try await again.framePath(script.terms.id, 3, format: "exr", for: TestFarm.submitter.publicKey)
    try await again.close()
    let storage = DiskLogStorage(directory: paths[1])
    let contents = try await LogDirectory(
      storage: storage, key: LogDirectory.announcedKey(in: storage)
    ).read()
    #expect(LogAuditor.audit(contents.entries).findings.isEmpty)
  }
}
