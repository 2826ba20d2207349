import Cryptography
import FarmProtocol
import Imaging
import Settlement

/// Where every tile of one job stands, and which is given out next. Pure: no clock, no store, no network. A
/// tile goes queued -> leased -> pending -> verified, and back to queued when its lease ends or it is found
/// wrong.
package struct JobPlan: Sendable, Equatable {
  /// A tile's state.
  package enum TileState: Sendable, Equatable {
    /// Waits for a worker.
    case queued
    /// In the hands of the worker that holds the lease with this fence.
    case leased(fence: UInt64)
    /// Returned and durable, not yet verified.
    case pending
    /// Verified and paid.
    case verified
  }
  /// A returned tile that waits for its verdict.
  package struct Pending: Sendable, Equatable {
    package var worker: PublicKey
    package var attempt: UInt32
    /// Digest of the commitment.
    package var commitment: Digest
    /// Index of the commitment's log entry: also the order of verification.
    package var logIndex: UInt64
    package init(worker: PublicKey, attempt: UInt32, commitment: Digest, logIndex: UInt64) {
      self.worker = worker
      self.attempt = attempt
      self.commitment = commitment
      self.logIndex = logIndex
    }
  }
  /// What became of a tile that failed.
  package enum Failure: Sendable, Equatable {
    /// It waits again.
    case requeued
    /// It failed too often; the job cannot be finished.
    case exhausted(reason: String)
  }

  package let id: JobID
  package let terms: JobTerms
  /// Index of the log entry that reserved the job's money; goes into each assignment.
  package let reservedAt: UInt64
  package let grid: TileGrid
  /// When it should be done, milliseconds since 1970; nil for whenever.
  package let deadlineMS: UInt64?
  /// Among its submitter's jobs the higher goes first.
  package let priority: Int
  /// Rays that a tile with all its samples is expected to take while none is returned; nil when nothing is
  /// known.
  private let expectedWork: UInt64?
  /// Memory that a worker needs, bytes: the most that was measured, or an estimate.
  package private(set) var memoryBytes: UInt64
  /// Most that one tile of each pass can cost, fees included, microcredits.
  private let costs: [Int64]
  /// The same of all leased tiles.
  private var leasedCost: Int64 = 0
  /// What the job's escrow has that is promised to no returned tile.
  private(set) var funds = Microcredits(.max)
  private var states: [TileState]
  /// Of each pass of each frame, in the order of `JobTerms.framePass`.
  private var queues: [FrameQueue]
  /// The first queue that may have waiting tiles.
  private var firstOpen = 0
  /// Times given out, by tile; absent: never.
  private var attempts: [TileIndex: UInt32] = [:]
  /// Who failed a tile, once a failure.
  private var failedBy: [TileIndex: [PublicKey]] = [:]
  /// Leased tiles of which a second worker has a copy, and under which fence.
  package private(set) var duplicates: [TileIndex: UInt64] = [:]
  /// Returned tiles that wait for a verdict.
  package private(set) var pending: [TileIndex: Pending] = [:]
  package private(set) var leasedCount = 0
  package private(set) var verifiedCount = 0
  /// Verified tiles of each queue.
  private var verifiedByQueue: [Int]
  /// Rays of returned tiles, and samples of a pixel in them, summed over tiles: what the next lease is sized
  /// by.
  private var returnedWork: UInt64 = 0
  private var returnedSamples: UInt64 = 0
  /// The same samples of the tiles that wait or are leased.
  private var openSamples: UInt64

  /// A job of which nothing was done. `terms` must have passed `validate()`.
  package init(
    id: JobID, terms: JobTerms, reservedAt: UInt64, expectedWork: UInt64? = nil, deadlineMS: UInt64? = nil,
    priority: Int = Limits.priorityDefault, memoryBytes: UInt64 = 0
  ) {
    self.id = id
    self.terms = terms
    self.reservedAt = reservedAt
    self.expectedWork = expectedWork
    self.deadlineMS = deadlineMS
    self.priority = priority
    self.memoryBytes = memoryBytes
    costs = (0..<terms.passCount).map {
      Pricing.tileCostMax(terms: terms, samples: terms.samples(ofPass: $0).count)?.value ?? 0
    }
    grid = TileGrid(width: Int(terms.widthPX), height: Int(terms.heightPX), side: Int(terms.tileSidePX))
    let tileCount = terms.tileCount
    precondition(
      tileCount <= Limits.tilesPerJobMax, "\(tileCount) tiles, at most \(Limits.tilesPerJobMax) a job")
    states = Array(repeating: .queued, count: tileCount)
    queues = Array(
      repeating: FrameQueue(tileCount: grid.tileCount), count: terms.frameCount * terms.passCount)
    verifiedByQueue = Array(repeating: 0, count: queues.count)
    openSamples = UInt64(terms.wholeTileCount) * UInt64(terms.samplesPerPixel)
  }

  package var tileCount: Int { states.count }
  package var queuedCount: Int { tileCount - leasedCount - pending.count - verifiedCount }
  package var isDone: Bool { verifiedCount == tileCount }
  /// Mean rays of a tile of the pass that is given out next, from those returned so far; before the first
  /// what is expected, nil when nothing is.
  package var meanWork: UInt64? {
    let next = terms.framePass(at: min(firstOpen, queues.count - 1))
    let samples = Double(terms.samples(ofPass: next.pass).count)
    return workPerSample.map { max(1, UInt64(min($0 * samples, 0x1p62))) }
  }
  /// Rays that waiting and leased tiles will take; nil when nothing is known.
  package var remainingWork: Double? { workPerSample.map { $0 * Double(openSamples) } }
  /// Waiting and leased tiles; one that is a pass counts as its part of a tile.
  package var remainingTiles: Double { Double(openSamples) / Double(terms.samplesPerPixel) }
  private var workPerSample: Double? {
    if returnedSamples > 0 { return Double(returnedWork) / Double(returnedSamples) }
    return expectedWork.map { Double($0) / Double(terms.samplesPerPixel) }
  }
  /// Whether a tile waits that the money covers at its cap, beside those that are in work.
  package var canGiveOut: Bool {
    guard queuedCount > 0, funds.value - leasedCost >= costs.min() ?? 0 else { return false }
    return (firstOpen..<queues.count).contains { queues[$0].count > 0 && affordableCount(at: $0) > 0 }
  }
  /// Why the job cannot go on for want of money; nil while it can.
  package var unfundedReason: String? {
    guard queuedCount > 0, leasedCount == 0, pending.isEmpty, !canGiveOut else { return nil }
    let next = Microcredits(costs[terms.framePass(at: firstOpen).pass])
    return "the budget is spent: \(verifiedCount) of \(tileCount) tiles are done, the next may cost "
      + "\(next.credits) credits, \(funds.credits) are left"
  }
  /// Tiles of that queue that may be given out beside those that are: each could cost the most that it can.
  private func affordableCount(at place: Int) -> Int {
    let cost = costs[terms.framePass(at: place).pass]
    return cost > 0 ? max(0, Int((funds.value - leasedCost) / cost)) : .max
  }
  /// The need was measured.
  package mutating func need(memoryBytes: UInt64) { self.memoryBytes = memoryBytes }
  /// The escrow changed.
  package mutating func fund(_ amount: Microcredits) { funds = amount }

  /// Whether the job has that tile.
  package func has(_ tile: TileIndex) -> Bool { Int(tile.value) < states.count }
  package func state(of tile: TileIndex) -> TileState { states[Int(tile.value)] }
  /// Times the tile was given out.
  package func attempts(of tile: TileIndex) -> UInt32 { attempts[tile] ?? 0 }
  /// Whether a tile failed, ever.
  package var hasFailures: Bool { !failedBy.isEmpty }
  /// Times the tile failed.
  package func failures(of tile: TileIndex) -> [PublicKey] { failedBy[tile] ?? [] }
  /// The frame's number as in the terms.
  package func frame(of tile: TileIndex) -> UInt32 { framePass(of: tile).frame }
  /// The frame and the pass of its samples.
  package func framePass(of tile: TileIndex) -> FramePass { terms.framePass(at: queue(of: tile)) }
  /// Whether every tile of the frame is verified.
  package func isFrameDone(_ number: UInt32) -> Bool { passesDone(ofFrame: number) == terms.passCount }
  /// How many passes of the frame, from the first, are verified in all its tiles.
  package func passesDone(ofFrame number: UInt32) -> Int {
    terms.places(ofFrame: number).prefix { verifiedByQueue[$0] == grid.tileCount }.count
  }
  /// How much of the frame could be written.
  func version(ofFrame number: UInt32) -> FrameBoard.Version {
    let passes = passesDone(ofFrame: number)
    return FrameBoard.Version(passes: passes, isDone: passes == terms.passCount)
  }

  private func queue(of tile: TileIndex) -> Int { Int(tile.value) / grid.tileCount }
  private func sampleCount(of tile: TileIndex) -> UInt64 {
    UInt64(terms.samples(ofPass: framePass(of: tile).pass).count)
  }
}

extension JobPlan {
  /// The frame a worker would get tiles of: the preferred one if it has any, else the first that has. First
  /// passes go before all others, preferred or not.
  /// A tile that this worker failed before is for it only when all `others`, who could take it instead,
  /// failed it too.
  package func nextFrame(for worker: PublicKey, preferred: UInt32?, others: [PublicKey]) -> UInt32? {
    guard canGiveOut else { return nil }
    let hasSome = { (place: Int) in offers(place, worker, others) }
    guard let first = (firstOpen..<queues.count).first(where: hasSome) else { return nil }
    if let preferred, preferred >= terms.firstFrame, preferred <= terms.lastFrame,
      let place = terms.places(ofFrame: preferred).first(where: hasSome),
      first >= terms.frameCount || place < terms.frameCount
    {
      return preferred
    }
    return terms.framePass(at: first).frame
  }

  /// Gives out up to `limit` tiles of a frame, all of one pass, under `fence`; each with how often it was
  /// given out before.
  package mutating func take(
    frame number: UInt32, limit: Int, fence: UInt64, worker: PublicKey, others: [PublicKey]
  ) -> [(tile: TileIndex, attempt: UInt32)] {
    guard let place = terms.places(ofFrame: number).first(where: { offers($0, worker, others) }) else {
      return []
    }
    var queue = queues[place]
    let local = queue.take(min(limit, affordableCount(at: place))) { isFor(worker, others, place, local: $0) }
    queues[place] = queue
    skipEmpty()
    return local.map { index in
      let tile = TileIndex(UInt32(place * grid.tileCount + index))
      precondition(states[Int(tile.value)] == .queued, "tile \(tile.value) is \(states[Int(tile.value)])")
      states[Int(tile.value)] = .leased(fence: fence)
      countLeased(tile, 1)
      let attempt = attempts[tile] ?? 0
      attempts[tile] = attempt + 1
      return (tile, attempt)
    }
  }

  /// A leased tile was returned and is durable.
  package mutating func returned(_ tile: TileIndex, _ result: Pending, work: UInt64) {
    guard case .leased = states[Int(tile.value)] else {
      preconditionFailure("tile \(tile.value) is \(states[Int(tile.value)]), not leased")
    }
    states[Int(tile.value)] = .pending
    duplicates[tile] = nil
    countLeased(tile, -1)
    pending[tile] = result
    returnedWork += work
    returnedSamples += sampleCount(of: tile)
    openSamples -= sampleCount(of: tile)
  }

  /// A pending tile was found equal.
  package mutating func verified(_ tile: TileIndex) {
    precondition(pending[tile] != nil, "tile \(tile.value) is \(states[Int(tile.value)]), not pending")
    pending[tile] = nil
    states[Int(tile.value)] = .verified
    verifiedCount += 1
    verifiedByQueue[queue(of: tile)] += 1
  }

  /// A second worker gets a copy of a leased tile. It is the same attempt, of which one result will be taken:
  /// so the attempt of a leased tile is always the last one given out, for a start to read back.
  package mutating func duplicated(_ tile: TileIndex, fence: UInt64) -> UInt32 {
    guard case .leased = states[Int(tile.value)], duplicates[tile] == nil, let count = attempts[tile] else {
      preconditionFailure("tile \(tile.value) is \(states[Int(tile.value)]): nothing to copy")
    }
    duplicates[tile] = fence
    return count - 1
  }

  /// Whether the tile, or its copy, is in the hands of the lease with that fence.
  package func isHeld(_ tile: TileIndex, under fence: UInt64) -> Bool {
    states[Int(tile.value)] == .leased(fence: fence) || duplicates[tile] == fence
  }

  /// A lease on the tile ended by its holder's fault. The tile waits again unless another worker has it too;
  /// or the job fails.
  package mutating func failed(
    _ tile: TileIndex, fence: UInt64, by worker: PublicKey, why: String
  ) -> Failure {
    released(tile, fence: fence)
    return note(tile, worker, why)
  }

  /// A pending tile was found wrong: it waits again, or the job fails.
  package mutating func voided(_ tile: TileIndex, by worker: PublicKey, why: String) -> Failure {
    requeue(tile)
    return note(tile, worker, why)
  }

  /// A pending tile could not be checked; nobody's failure.
  package mutating func unverifiable(_ tile: TileIndex) { requeue(tile) }

  /// A lease on the tile ended; nobody's failure. It waits again unless another worker has it too.
  package mutating func released(_ tile: TileIndex, fence: UInt64) {
    precondition(isHeld(tile, under: fence), "tile \(tile.value) is not held under \(fence)")
    guard let copy = duplicates.removeValue(forKey: tile) else { return requeue(tile) }
    if copy != fence { states[Int(tile.value)] = .leased(fence: copy) }
  }

  /// Forgets who failed the tiles of a frame, of all frames for nil, that are still to be rendered: everyone
  /// may try them again.
  /// - Returns: those that somebody had failed, ascending.
  package mutating func forgive(frame number: UInt32?) -> [TileIndex] {
    let forgiven = failedBy.keys.filter { tile in
      guard number == nil || frame(of: tile) == number else { return false }
      return switch states[Int(tile.value)] {
      case .queued, .leased: true
      case .pending, .verified: false
      }
    }
    for tile in forgiven { failedBy[tile] = nil }
    return forgiven.sorted()
  }

  private mutating func note(_ tile: TileIndex, _ worker: PublicKey, _ why: String) -> Failure {
    failedBy[tile, default: []].append(worker)
    let count = UInt32(failedBy[tile]?.count ?? 0)
    guard count >= Limits.tileAttemptsMax else { return .requeued }
    return .exhausted(
      reason: "tile \(tile.value) (frame \(frame(of: tile))) failed \(count) times, last: \(why)")
  }

  private mutating func requeue(_ tile: TileIndex) {
    switch states[Int(tile.value)] {
    case .leased: countLeased(tile, -1)
    case .pending:
      pending[tile] = nil
      openSamples += sampleCount(of: tile)
    case .queued, .verified:
      preconditionFailure("tile \(tile.value) is \(states[Int(tile.value)]): nothing to give back")
    }
    states[Int(tile.value)] = .queued
    let place = queue(of: tile)
    queues[place].put(Int(tile.value) % grid.tileCount)
    firstOpen = min(firstOpen, place)
  }

  /// Puts a tile of a fresh plan into its stored state. Tiles below the highest stored one of a queue that
  /// are not stored themselves were never given out, and wait like tiles that came back.
  mutating func restore(_ row: StoredTile) {
    let (place, local) = (queue(of: row.tile), Int(row.tile.value) % grid.tileCount)
    let fresh = queues[place].nextFresh
    queues[place].skipFresh(to: local + 1)
    for skipped in fresh..<max(fresh, local) { queues[place].put(skipped) }
    attempts[row.tile] = row.attempts
    failedBy[row.tile] = row.failedBy.isEmpty ? nil : row.failedBy
    states[Int(row.tile.value)] = row.state
    if let work = row.work {
      returnedWork += work
      returnedSamples += sampleCount(of: row.tile)
    }
    switch row.state {
    case .queued: queues[place].put(local)
    case .leased: countLeased(row.tile, 1)
    case .pending:
      pending[row.tile] = row.pending
      openSamples -= sampleCount(of: row.tile)
    case .verified:
      verifiedCount += 1
      verifiedByQueue[place] += 1
      openSamples -= sampleCount(of: row.tile)
    }
    firstOpen = min(firstOpen, place)
    skipEmpty()
  }

  private mutating func skipEmpty() {
    while firstOpen < queues.count && queues[firstOpen].count == 0 { firstOpen += 1 }
  }

  private mutating func countLeased(_ tile: TileIndex, _ count: Int) {
    leasedCount += count
    leasedCost += Int64(count) * costs[framePass(of: tile).pass]
  }

  /// Whether that queue has a tile for the worker that can be paid.
  private func offers(_ place: Int, _ worker: PublicKey, _ others: [PublicKey]) -> Bool {
    affordableCount(at: place) > 0 && queues[place].offers { isFor(worker, others, place, local: $0) }
  }

  private func isFor(_ worker: PublicKey, _ others: [PublicKey], _ place: Int, local: Int) -> Bool {
    let tile = TileIndex(UInt32(place * grid.tileCount + local))
    guard let failed = failedBy[tile], failed.contains(worker) else { return true }
    return others.allSatisfy(failed.contains)
  }
}
