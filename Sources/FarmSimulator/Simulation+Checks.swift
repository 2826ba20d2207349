import Coordinator
import Cryptography
import Durability
import FarmProtocol
import Foundation
import Imaging
import Settlement

/// What must hold, and the end.
extension Simulation {
  /// Large farms are looked at less often: each look reads the whole log.
  var checkEveryMS: UInt64 { 20_000 * UInt64(max(1, (scenario.tiles + scenario.workers) / 500)) }

  /// Everything that must hold at any time, and whether all is done.
  func checkAll() async throws {
    schedule(.check, inMS: farm == nil ? 2_000 : checkEveryMS)
    try await check(farm)
    try await readLog()
    try keepCopy()
    guard !isDying, !isDiskFull, let jobs = try await jobs() else { return try checkTime([]) }
    let open = jobs.filter { !$0.state.isOver }
    for held in open where held.isHeld { try await requeue(held) }
    if open.isEmpty, workload.isHandedIn, jobs.count == workload.jobs.count, !watch.books.hasEscrow {
      tally.isDone = true
    } else {
      try checkTime(open)
    }
  }

  /// Apart, so that no reference to the coordinator outlives the look: a requeue below may be its end.
  private func jobs() async throws -> [JobStatus]? {
    guard let farm else { return nil }
    return try await farm.jobList(for: farm.keys.operator).jobs
  }

  /// Its submitter wants a job that is held to go on.
  private func requeue(_ held: JobStatus) async throws {
    tally.requeues += 1
    _ = try await ask { try await $0.requeue(held.id, RequeueRequest(), by: held.terms.submitter) }
  }

  private func checkTime(_ open: [JobStatus]) throws {
    guard isCalm, clock.nowMS > calmMS + Simulation.settlingMS + slowestMS else { return }
    let first = open.first.map {
      "job \($0.id.digest.short) is \($0.state.rawValue) with \($0.tilesVerified) of \($0.tileCount) tiles "
        + "verified, \($0.tilesLeased) leased, \($0.tilesPending) pending"
        + ($0.waiting.map { "; it waits: \($0)" } ?? "")
    }
    throw violated(
      "\(open.count) jobs are not done so long after the last fault; \(first ?? "money is held")")
  }

  /// What rendering everything may take, were one slow worker alone.
  private var slowestMS: UInt64 { UInt64(scenario.tiles) * 120_000 }

  /// Reads the published log from the disk, as anybody could over HTTP.
  private func readLog() async throws {
    guard let outcome = try await ask({ try await $0.publishLog() }), case .success = outcome, let farm else {
      return
    }
    let storage = DiskLogStorage(directory: "\(folder)/log")
    let key = try await LogDirectory.announcedKey(in: storage)
    let contents = try await LogDirectory(storage: storage, key: key).read()
    if scenario.tiles <= 1_000 { try await checkFiles(of: contents, in: storage) }
    let entries = published(contents.entries)
    let verifier = farm.keys.verifier.publicKey
    if let what = watch.read(entries, as: contents.log, verifier: verifier) { throw violated(what) }
  }

  /// Every file that the signed size promises is there, with the hashes that its entries give.
  private func checkFiles(
    of contents: LogDirectory<DiskLogStorage>.Contents, in storage: DiskLogStorage
  ) async throws {
    let files = contents.log.files(from: 0, to: contents.log.size) {
      contents.entries[Int($0)].canonicalBytes
    }
    for file in files where try storage.bytes(at: file.path) != file.bytes {
      throw violated("the published log of \(contents.log.size) entries lacks \(file.path)")
    }
  }

  /// A worker was given a lease.
  func granted(_ lease: Lease, to worker: SimulatedWorker) async throws {
    guard lease.fence > tally.lastFence else {
      throw violated("lease \(lease.fence) is given after lease \(tally.lastFence)")
    }
    tally.lastFence = lease.fence
    tally.leases += 1
    fold(lease.fence)
    for assignment in lease.assignments { fold(UInt64(assignment.record.tile.value)) }
    // Where nothing fails, every tile is for everyone; deadlines come before shares.
    let disturbing = scenario.faults.subtracting([.slow, .verifier])
    guard disturbing.isEmpty, scenario.cheats.isEmpty, scenario.workers <= 64, let farm,
      workload.jobs.allSatisfy({ $0.deadlineMS == nil })
    else { return }
    let jobs = try await farm.jobList(for: farm.keys.operator).jobs
    let waiting = jobs.filter {
      $0.state == .running && $0.tilesLeased + $0.tilesPending + $0.tilesVerified < $0.tileCount
    }
    let work = lease.assignments.reduce(0.0) { sum, assignment in
      let place = lease.terms.tile(assignment.record.tile)
      return sum + Double(Picture(of: lease.terms).content(place).totalWork)
    }
    let keys = Set(waiting.map(\.terms.submitter))
    if let what = fairness.granted(work, to: lease.terms.submitter, while: keys) { throw violated(what) }
  }

  // MARK: The end

  /// One more start, then the whole record: everything judged, paid, balanced, and every frame true.
  func finish() async throws {
    if !isCalm { try becomeCalm() }
    if farm == nil { try await start() }
    // What a status says may be a flush ahead of the disk; upkeep flushes.
    _ = try await ask { farm in
      try await farm.settle()
      try await farm.tick()
    }
    try await check(farm)
    await bury()
    try await start()
    try await readLog()
    guard let farm else { throw violated("the coordinator does not start at the end") }
    let report = try await farm.audit()
    if let finding = report.findings.first { throw violated("the audit finds \(finding)") }
    guard report.tilesVerified == watch.counts.verified else {
      throw violated("the farm verified \(report.tilesVerified) tiles, its log has \(watch.counts.verified)")
    }
    if let what = watch.unpaid() { throw violated(what) }
    for status in try await farm.jobList(for: farm.keys.operator).jobs {
      try await checkEnd(of: status, at: farm)
    }
  }

  private func checkEnd(of status: JobStatus, at farm: FarmCoordinator) async throws {
    guard let job = workload.jobs.first(where: { $0.terms.id == status.id }) else {
      throw violated("job \(status.id.digest.short) was never submitted")
    }
    switch status.state {
    case .completed: tally.jobsCompleted += 1
    case .cancelled:
      guard job.isCancelled else { throw violated("a job was cancelled by nobody") }
      tally.jobsCancelled += 1
    case .failed:
      let isLegal =
        (job.unrenderable != nil && status.reason.contains("cannot render frame"))
        || (job.budget != nil && status.reason.contains("the budget is spent"))
      guard isLegal else { throw violated("a job failed: \(status.reason)") }
      tally.jobsFailed += 1
      tally.failures.append(status.reason)
    case .running, .paused: throw violated("a job is not over")
    }
    for frame in status.framesDone { try await checkFrame(frame, of: job.terms, at: farm) }
    if status.state == .completed, status.framesDone.count != job.terms.frameCount {
      throw violated("a completed job has \(status.framesDone.count) of \(job.terms.frameCount) frames")
    }
    if status.state == .completed, let preview = status.previews?.first {
      throw violated("a completed job shows a preview of frame \(preview.frame)")
    }
  }

  /// Every pixel of a written frame is true, but those of tiles that escaped.
  private func checkFrame(_ number: UInt32, of terms: JobTerms, at farm: FarmCoordinator) async throws {
    let path = try await farm.framePath(terms.id, number, format: "exr", for: farm.keys.operator)
    guard let bytes = try DurableFile.read(path) else {
      throw violated("frame \(number) of a job is not there")
    }
    let frame = try EXRReader.decode(bytes).frame
    let picture = Picture(of: terms)
    let escaped = watch.escapedTiles[terms.id] ?? []
    let falsified = Set(terms.tiles(ofFrame: number).filter(escaped.contains).map { terms.tile($0).rect })
    for tile in terms.tiles(ofFrame: number).prefix(terms.grid.tileCount) {
      let rect = terms.tile(tile).rect
      if falsified.contains(rect) { continue }
      let truth = picture.fragment(frame: number, rect: rect)
      for row in 0..<rect.height {
        let start = 4 * ((rect.y + row) * frame.width + rect.x)
        let expected = truth.rgbaHalfBits[4 * row * rect.width..<4 * (row + 1) * rect.width]
        guard frame.rgbaHalfBits[start..<start + 4 * rect.width].elementsEqual(expected) else {
          throw violated(
            "tile \(tile.value) of frame \(number) is placed with other pixels than the true ones")
        }
      }
    }
    tally.framesChecked += 1
  }
}
