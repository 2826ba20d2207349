import Cryptography
import Durability
import FarmProtocol
import Imaging
import Settlement

/// Judging returned tiles and putting frames together: the background work, one step at a time.
extension FarmCoordinator {
  /// Tiles of one pass of a frame that are asked about in one go.
  static let tilesPerProbe = 16

  /// A returned tile on its way to a verdict.
  struct Waiting: Sendable {
    let tile: TileIndex
    let pending: JobPlan.Pending
    let assignment: Assignment
    let commitment: Signed<Commitment>
    let challenger: Challenger
    let workProbes: Int
  }

  /// Does the next thing that waits: a frame to assemble, a job to complete or to stop, tiles to judge,
  /// the log to publish. False when nothing waits. Throws when the verifier is not well, and the tiles wait
  /// on; stops the coordinator when what is on disk is not what should be there.
  package func step() async throws -> Bool {
    if try await step(.frames) { return true }
    return try await step(.verdicts)
  }

  /// What goes on side by side: a frame may take a second to write, and a verdict a renderer's time.
  private enum Hand {
    case frames, verdicts

    /// What waits while its step fails, for the log.
    var waiting: String {
      switch self {
      case .frames: "frames wait to be written"
      case .verdicts: "returned tiles wait for the verifier"
      }
    }
  }

  private func step(_ hand: Hand) async throws -> Bool {
    do {
      try checkRunning()
      return switch hand {
      case .frames: try await nextFrame()
      case .verdicts: try await nextVerdict()
      }
    } catch let error where FarmCoordinator.isOfStore(error) {
      throw stop(because: error).refusal
    }
  }

  private func nextFrame() async throws -> Bool {
    guard let (job, frame, version) = board.next(age: { jobs[$0]?.reservedAt ?? 0 }) else { return false }
    try await assemble(job, frame, version)
    return true
  }

  private func nextVerdict() async throws -> Bool {
    if let job = nextCompleted {
      try commit { try end(job, as: .completed, reason: "") }
      notify(job)
      return true
    }
    if let (job, reason) = book.nextUnfunded {
      try commit { try end(job, as: .failed, reason: reason) }
      notify(job)
      return true
    }
    if let verifier, let (job, tile) = book.nextPending(except: unready.waiting(nowMS: nowMS)) {
      do {
        try await judge(job, tile, by: verifier)
      } catch let error where !FarmCoordinator.isOfStore(error) && !(error is CancellationError) {
        try await notChecked(job, tile, because: error, by: verifier)
      }
      return true
    }
    return try publishLog()
  }

  /// Steps until nothing waits.
  package func settle() async throws {
    while try await step() {}
  }

  /// Steps whenever something waits, until cancelled or until the store fails: frames are written while tiles
  /// are judged.
  package func run(log: @escaping @Sendable (String) -> Void) async {
    async let frames: Void = run(.frames, log: log)
    await run(.verdicts, log: log)
    await frames
  }

  /// What fails, as a verifier that cannot answer, is tried again after a pause that doubles up to a minute.
  private func run(_ hand: Hand, log: @Sendable (String) -> Void) async {
    let pauseMSMin: UInt64 = 250
    var pauseMS = pauseMSMin
    while !Task.isCancelled && !isStopping && faultReason == nil {
      guard fault == nil else {
        await sleep(atMostMS: 1_000)
        continue
      }
      do {
        if try await step(hand) {
          pauseMS = pauseMSMin
          wake()
        } else {
          await sleep(atMostMS: 1_000)
        }
      } catch {
        guard fault == nil, !Task.isCancelled else { continue }
        log("\(hand.waiting): \(error); next try in \(pauseMS) ms")
        await sleep(atMostMS: pauseMS)
        pauseMS = min(60_000, pauseMS * 2)
      }
    }
  }

  /// Whether an error means that what is on disk is not what should be there.
  static func isOfStore(_ error: any Error) -> Bool {
    error is StoreDamage || error is FileFault || error is ImagingError
  }

  // MARK: Verdicts

  private func judge(_ id: JobID, _ first: TileIndex, by verifier: any ProbeRendering) async throws {
    guard let job = jobs[id], let plan = book.plans[id] else { preconditionFailure("no job \(id)") }
    let pass = plan.framePass(of: first)
    let waiting = try plan.pending.filter { plan.framePass(of: $0.key) == pass }
      .sorted { $0.value.logIndex < $1.value.logIndex }.prefix(FarmCoordinator.tilesPerProbe)
      .map { try challenge($0.key, $0.value) }
    let probes = try await draw(waiting, terms: job.terms)
    let scene = RendererScene(terms: job.terms, frame: pass.frame, files: blobPaths(job.manifest))
    let seen = try await verifier.probe(scene, pixels: probes.flatMap(\.positions), pass: pass.pass)
    let asked = probes.reduce(0) { $0 + $1.pixels.count }
    guard seen.pixels.count == asked else {
      throw Refusal(
        .internalFault, "the verifier returned \(seen.pixels.count) pixels, \(asked) were asked for")
    }
    unready.succeeded(FrameOfJob(job: id, frame: pass.frame))
    try noteMemory(seen.peakBytes, of: id)
    var next = 0
    for (tile, probe) in zip(waiting, probes) {
      let observed = Array(seen.pixels[next..<next + probe.pixels.count])
      next += probe.pixels.count
      let judgement = Judgement.judge(
        probe, observed: observed, deviceScene: seen.deviceScene, by: keys.verifier)
      try record(judgement, of: tile.tile, in: id, tile.pending)
    }
    notify(id)
  }

  /// A frame took more memory than is known of its job.
  private func noteMemory(_ bytes: UInt64?, of id: JobID) throws {
    guard let bytes, var job = jobs[id], bytes > job.memoryBytes ?? 0 else { return }
    job.memoryBytes = bytes
    try commit { try store.update(job) }
    jobs[id] = job
    book.need(id, memoryBytes: bytes)
  }

  func challenge(_ tile: TileIndex, _ pending: JobPlan.Pending) throws -> Waiting {
    let (assignment, commitment) = try store.commitment(at: pending.logIndex)
    guard let epoch = treasury.books.epoch(at: pending.logIndex) else {
      throw StoreDamage("commitment \(pending.logIndex) is before the first epoch")
    }
    let standing = treasury.books.standings[pending.worker] ?? Books.Standing()
    return Waiting(
      tile: tile, pending: pending, assignment: assignment, commitment: commitment,
      challenger: Challenger(epoch: epoch.number, secret: epoch.secret ?? epochSecret),
      workProbes: standing.workProbes)
  }

  /// Reads the fragments back and draws their probes, outside the actor.
  nonisolated func draw(_ waiting: [Waiting], terms: JobTerms) async throws -> [TileProbes] {
    var probes: [TileProbes] = []
    for tile in waiting {
      let claim = try await load(tile.assignment, tile.commitment, terms: terms)
      probes.append(tile.challenger.probes(of: claim, workProbes: tile.workProbes))
    }
    return probes
  }

  /// A result that was accepted before; its bytes must still be there.
  nonisolated func load(
    _ assignment: Assignment, _ commitment: Signed<Commitment>, terms: JobTerms
  ) async throws -> CheckedResult {
    let row = try await fragmentRow(commitment.record.fragment, of: assignment.job)
    guard let bytes = try row ?? blobs.get(commitment.record.fragment) else {
      throw StoreDamage("fragment \(commitment.record.fragment) is missing")
    }
    do {
      return try CheckedResult.check(
        assignment: assignment, commitment: commitment, fragmentBytes: bytes, terms: terms)
    } catch { throw StoreDamage("fragment \(commitment.record.fragment): \(error)") }
  }

  /// One change: verdict, payment or void, what is released by it, the tile.
  private func record(
    _ judgement: Judgement, of tile: TileIndex, in id: JobID, _ pending: JobPlan.Pending
  ) throws {
    guard book.plans[id]?.pending[tile] == pending else { return }
    switch judgement {
    case .equal(let verified):
      try commit {
        let index = try treasury.pay(verified, nowMS: nowMS, to: store)
        book.verified(tile, of: id)
        if let plan = book.plans[id] {
          let frame = plan.frame(of: tile)
          board.ready(plan.version(ofFrame: frame), of: frame, id)
        }
        fund(id)
        try treasury.releaseDue(
          of: verified.claim.assignment.worker, banned: isBanned, nowMS: nowMS, to: store)
        try write(tile, of: id, commitmentIndex: pending.logIndex, verdictIndex: index)
        try close(id)
      }
    case .mismatch(let refuted):
      let lost = try commit {
        try treasury.void(refuted, nowMS: nowMS, to: store)
        let failure = book.voided(tile, of: id, why: refuted.why, nowMS: nowMS)
        fund(id)
        try write(tile, of: id)
        let lost = try strike(refuted.claim.assignment.worker)
        if case .exhausted(let reason) = failure { try hold(id, reason: reason) }
        try close(id)
        return lost
      }
      notify(lost)
    }
  }

  func write(
    _ tile: TileIndex, of id: JobID, commitmentIndex: UInt64? = nil, verdictIndex: UInt64? = nil
  ) throws {
    guard let plan = book.plans[id] else { return }
    try store.put(plan, tile, commitmentIndex: commitmentIndex, verdictIndex: verdictIndex)
  }

  /// A worker returned a wrong tile; after the third it is banned. Inside a transaction.
  private func strike(_ worker: PublicKey) throws -> [LostLease] {
    let strikes = treasury.books.standings[worker]?.voided ?? 0
    guard strikes >= FarmCoordinator.strikesMax, !isBanned(worker) else { return [] }
    let lost = book.workerBanned(worker, nowMS: nowMS)
    try store.put(worker: worker, name: workerNames[worker] ?? "", banned: true)
    try write(lost)
    return lost
  }

  // MARK: Frames

  /// The oldest running job all of whose frames are written.
  private var nextCompleted: JobID? {
    jobs.values.filter { !$0.state.isOver && book.plans[$0.id]?.isDone ?? false && !board.waits($0.id) }
      .min { $0.reservedAt < $1.reservedAt }?.id
  }

  /// A verified tile as the store has it.
  private struct Placed: Sendable {
    let assignment: Assignment
    let commitment: Signed<Commitment>
    let verdict: Signed<Verdict>
  }

  /// Writes a frame, or a preview of it.
  private func assemble(_ id: JobID, _ frame: UInt32, _ version: FrameBoard.Version) async throws {
    guard let job = jobs[id] else { preconditionFailure("no job \(id)") }
    let (count, all) = (job.terms.grid.tileCount, job.terms.tiles(ofFrame: frame))
    let tiles = try (0..<count).map { local in
      try (0..<version.passes).map { try placed(all[$0 * count + local], of: id) }
    }
    try await write(frame, isPreview: !version.isDone, of: job.terms, tiles)
    board.wrote(version, of: frame, id)
    if version.isDone { frames.removePreview(id, frame) }
    notify(id)
  }

  private func placed(_ tile: TileIndex, of id: JobID) throws -> Placed {
    guard let row = try store.tile(tile, of: id), let commitment = row.commitmentIndex,
      let verdict = row.verdictIndex
    else { throw StoreDamage("tile \(tile.value) of job \(id) is verified and has no verdict") }
    let (assignment, signed) = try store.commitment(at: commitment)
    return Placed(assignment: assignment, commitment: signed, verdict: try store.verdict(at: verdict))
  }

  /// - Parameter tiles: of each tile of the frame its passes, in order.
  private nonisolated func write(
    _ frame: UInt32, isPreview: Bool, of terms: JobTerms, _ tiles: [[Placed]]
  ) async throws {
    var assembly = Assembly(terms: terms, frame: frame, isPreview: isPreview)
    for passes in tiles {
      var verified: [VerifiedFragment] = []
      for tile in passes {
        let claim = try await load(tile.assignment, tile.commitment, terms: terms)
        verified.append(
          try VerifiedFragment.reload(claim, verdict: tile.verdict, verifier: keys.verifier.publicKey))
      }
      assembly.place(verified)
    }
    try configuration.step("frame")
    try await frames.write(assembly)
  }
}
