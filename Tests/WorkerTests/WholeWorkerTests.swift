import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Synchronization
import Testing
import Worker

/// The whole worker, against a farm in memory and a renderer that only pretends.
@Suite struct WholeWorkerTests {
  let folder = TemporaryFolder()
  let home: WorkerHome

  /// A home with the samples' key.
  init() throws {
    home = try WorkerHome(folder: folder.path)
    let text = Data("\(Samples.worker.seed.hex)\n".utf8)
    _ = FileManager.default.createFile(
      atPath: home.keyFile.path, contents: text, attributes: [.posixPermissions: 0o600])
  }

  func worker(
    _ farm: MemoryFarm, _ renderer: FakeRenderer, seed: UInt64, drainAfterTiles: Int? = nil,
    tell: @escaping @Sendable (WorkerNotice) -> Void = { _ in }
  ) throws -> Worker {
    try Worker(
      name: "w", home: home, link: farm, renderer: renderer,
      settings: .init(drainAfterTiles: drainAfterTiles, seed: seed), clock: .fast, tell: tell)
  }

  /// Waits for something that is certain to come; the suite's time limit stands for "never".
  func wait(until isDone: () async -> Bool) async throws {
    while !(await isDone()) { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test(.timeLimit(.minutes(2))) func `every tile of a job is delivered once, in few loads`() async throws {
    let farm = MemoryFarm(terms: Samples.terms(frames: 2), worker: Samples.worker.publicKey, seed: 1)
    let renderer = FakeRenderer()
    let tally = Mutex(EarningsTally())
    let worker = try worker(farm, renderer, seed: 1) { notice in tally.withLock { $0.add(notice) } }
    let run = Task { try await worker.run() }
    try await wait { await farm.isDone }
    await worker.drain()
    #expect(try await run.value == .drained)
    #expect(await farm.accepted.count == 32)
    #expect(await renderer.renders == 32)
    #expect(await renderer.hintsKept > 0)
    #expect(await renderer.loads == 2)
    #expect(await renderer.isStopped)
    let sum = tally.withLock { $0 }
    #expect(sum.tilesAccepted == 32 && sum.rays == 32_000 && sum.pay == Microcredits(32 * 3000))
    #expect(try home.outbox(farm: Samples.coordinator.publicKey).contents().entries.isEmpty)
  }

  @Test(.timeLimit(.minutes(2)), arguments: 0..<12 as Range<UInt64>)
  func `line that loses a third of everything and a renderer that dies cost no tile`(seed: UInt64)
    async throws
  {
    let faults = MemoryFarm.Faults(lostRequests: 40, lostAnswers: 40, lostLeases: 60)
    let farm = MemoryFarm(
      terms: Samples.terms(frames: 2), worker: Samples.worker.publicKey, faults: faults, seed: seed)
    let renderer = FakeRenderer(seed: seed, deaths: 20)
    let worker = try worker(farm, renderer, seed: seed)
    let run = Task { try await worker.run() }
    var polls = 0
    try await wait {
      polls += 1
      if seed.isMultiple(of: 3), polls.isMultiple(of: 200) { await farm.forget() }
      return await farm.isDone
    }
    await worker.drain()
    if seed.isMultiple(of: 3) { await worker.quit() }
    _ = try await run.value
    #expect(await farm.accepted.count == 32)
    #expect(await farm.acceptedTwice == 0)
    for (tile, result) in await farm.accepted {
      #expect(result.fragment == Array("tile \(tile)".utf8))
    }
  }

  @Test(.timeLimit(.minutes(2))) func `what a killed worker left in its outbox is delivered by the next`()
    async throws
  {
    let farm = MemoryFarm(terms: Samples.terms(), worker: Samples.worker.publicKey, seed: 1)
    _ = try await farm.join(
      JoinRequest(protocolVersion: 1, name: "w", device: Samples.device, kernelSet: Samples.kernelSet))
    let lease = try #require(try await farm.lease(LeaseRequest()).lease)
    let outbox = try home.outbox(farm: Samples.coordinator.publicKey)
    for assignment in lease.assignments { try outbox.put(Samples.result(assignment.record)) }
    // One that the farm has already: its receipt was lost.
    _ = try await farm.deliver(try outbox.result(lease.assignments[0].record.digest))
    // And one of a lease that is long over.
    try outbox.put(Samples.result(Samples.assignment(9, fence: 1000)))

    let notices = Mutex<[WorkerNotice]>([])
    let renderer = FakeRenderer()
    let next = try worker(farm, renderer, seed: 1) { notice in notices.withLock { $0.append(notice) } }
    let run = Task { try await next.run() }
    try await wait { await farm.isDone }
    await next.drain()
    #expect(try await run.value == .drained)
    #expect(await renderer.renders == 16 - lease.assignments.count)
    #expect(await farm.staleRefusals == 1)
    #expect(notices.withLock { $0.contains(.resending(count: lease.assignments.count + 1)) })
    let repeated = notices.withLock { all in
      all.count { if case .delivered(_, let receipt) = $0 { receipt.alreadyAccepted } else { false } }
    }
    #expect(repeated == 1)
    #expect(try outbox.contents().entries.isEmpty)
  }

  @Test(.timeLimit(.minutes(2))) func `worker told to do four tiles does four and gives back the rest`()
    async throws
  {
    let farm = MemoryFarm(terms: Samples.terms(), worker: Samples.worker.publicKey, seed: 1)
    let worker = try worker(farm, FakeRenderer(), seed: 1, drainAfterTiles: 4)
    #expect(try await worker.run() == .drained)
    #expect(await farm.accepted.count == 4)
    #expect(await farm.released == 2)
  }

  @Test(.timeLimit(.minutes(2))) func `farm with other kernels ends the worker with the reason`() async throws
  {
    struct OtherKernels: CoordinatorLink {
      func join(_ request: JoinRequest) -> JoinReply {
        var reply = Samples.joined
        reply.farm.kernelSet = .zero
        return reply
      }
      func lease(_ request: LeaseRequest) throws -> LeaseReply { throw Refusal(.notFound, "") }
      func beat(_ heartbeat: Heartbeat) throws -> HeartbeatReply { throw Refusal(.notFound, "") }
      func deliver(_ result: ResultEnvelope) throws -> ResultReceipt { throw Refusal(.notFound, "") }
      func download(_ digest: Digest, to path: String) throws { throw Refusal(.notFound, "") }
    }
    let worker = try Worker(
      name: "w", home: home, link: OtherKernels(), renderer: FakeRenderer(), seed: 1
    ) { _ in }
    guard case .refused(let refusal) = try await worker.run() else {
      Issue.record("it did not stop as refused")
      return
    }
    #expect(refusal.code == .kernelMismatch)
    #expect(refusal.message.contains(Samples.kernelSet.short))
  }

  @Test func `file of a blob that is too short is fetched again`() async throws {
    let cache = try BlobCache(folder: folder.url.appendingPathComponent("blobs"))
    let farm = MemoryFarm(terms: Samples.terms(), worker: Samples.worker.publicKey, seed: 1)
    #expect(cache.missing(Samples.manifest).count == 1)
    try await cache.fetch(Samples.manifest, through: farm)
    #expect(cache.missing(Samples.manifest).isEmpty)
    let place = cache.place(Digest(of: Samples.sceneBytes))
    #expect(cache.files(of: Samples.manifest) == ["scene.gltf": place.path])
    try Data().write(to: place)
    #expect(cache.missing(Samples.manifest).count == 1)
    try await cache.fetch(Samples.manifest, through: farm)
    #expect([UInt8](try Data(contentsOf: place)) == Samples.sceneBytes)
  }
}
