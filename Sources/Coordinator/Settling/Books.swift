import Cryptography
import FarmProtocol
import Settlement

/// A paid tile whose pay its worker may still lose.
package struct Holdback: Sendable, Equatable {
  /// The transfer that paid it; names tile, worker and amount.
  package var pay: Transfer
  /// Released when its worker has this many verified tiles,
  package var dueVerified: Int
  /// or at this time, milliseconds since 1970.
  package var dueMS: UInt64
}

/// What a coordinator needs to know beside the balances, all of it from the log alone: standings of workers,
/// what is held back, sums of jobs. The same entries always give the same books.
package struct Books: Sendable, Equatable {
  /// What a worker's verdicts say about it.
  package struct Standing: Sendable, Equatable {
    /// Tiles found equal.
    package var verified = 0
    /// Tiles found equal since the last one found wrong.
    package var verifiedSinceFault = 0
    /// Tiles found wrong.
    package var voided = 0
    package init() {}

    /// Probes for its next tile, in proportion to work.
    package var workProbes: Int {
      verifiedSinceFault < Limits.probationTiles ? Limits.probesProbation : Limits.probesStandard
    }
  }
  /// Sums over a job.
  package struct JobSums: Sendable, Equatable {
    package var work: UInt64 = 0
    package var probeWork: UInt64 = 0
    package var voided = 0
    package var spent = Microcredits.zero
    package init() {}
  }
  /// The span in which one secret draws the probes of what is committed to.
  package struct Epoch: Sendable, Equatable {
    package var number: UInt64
    package var openedMS: UInt64
    /// Index of the log entry that opened it.
    package var openedAt: UInt64
    package var secretDigest: Digest
    /// Revealed when it was closed; nil while it is open.
    package var secret: [UInt8]?
  }
  /// A commitment whose verdict is not in.
  private struct Open: Sendable, Equatable {
    var worker: PublicKey
    var job: JobID
    var work: UInt64
  }

  package private(set) var standings: [PublicKey: Standing] = [:]
  package private(set) var sums: [JobID: JobSums] = [:]
  /// By worker, oldest first.
  package private(set) var holdbacks: [PublicKey: [Holdback]] = [:]
  /// Ascending; only the last may be open.
  package private(set) var epochs: [Epoch] = []
  /// Log indexes of the transfers that touch a key's accounts or a submitter's jobs.
  package private(set) var movements: [PublicKey: [UInt64]] = [:]
  private var submitters: [JobID: PublicKey] = [:]
  private var open: [Digest: Open] = [:]

  package init() {}

  /// Applies the entry at `index`, which an auditor must have admitted.
  package mutating func apply(_ entry: LogEntry, at index: UInt64) {
    switch entry.body {
    case .epochOpened(let number, let digest):
      epochs.append(
        Epoch(number: number, openedMS: entry.timeMS, openedAt: index, secretDigest: digest, secret: nil))
    case .epochClosed(_, let secret): epochs[epochs.count - 1].secret = secret
    case .job(let terms):
      submitters[terms.id] = terms.submitter
      sums[terms.id] = JobSums()
    case .commitment(let assignment, let commitment):
      open[commitment.record.digest] = Open(
        worker: assignment.worker, job: assignment.job, work: commitment.record.work)
    case .verdict(let verdict): apply(verdict.record)
    case .transfer(let transfer): apply(transfer, at: index, timeMS: entry.timeMS)
    }
  }

  /// The epoch that was open when the entry at `index` was appended: the one that probes a commitment.
  package func epoch(at index: UInt64) -> Epoch? { epochs.last { $0.openedAt < index } }

  private mutating func apply(_ verdict: Verdict) {
    guard let judged = open.removeValue(forKey: verdict.commitment) else {
      preconditionFailure("commitment \(verdict.commitment) is judged and not open")
    }
    sums[judged.job, default: JobSums()].probeWork += verdict.work
    switch verdict.outcome {
    case .equal:
      standings[judged.worker, default: Standing()].verified += 1
      standings[judged.worker, default: Standing()].verifiedSinceFault += 1
      sums[judged.job, default: JobSums()].work += judged.work
    case .mismatch:
      standings[judged.worker, default: Standing()].voided += 1
      standings[judged.worker, default: Standing()].verifiedSinceFault = 0
      sums[judged.job, default: JobSums()].voided += 1
    case .unverifiable: break
    }
  }

  private mutating func apply(_ transfer: Transfer, at index: UInt64, timeMS: UInt64) {
    note(transfer, at: index)
    guard case .escrow(let job) = transfer.debit else {
      if case .holdback(let worker) = transfer.debit { release(transfer, of: worker) }
      return
    }
    switch (transfer.kind, transfer.credit) {
    case (.post, .holdback(let worker)):
      sums[job, default: JobSums()].spent += transfer.amount
      // The verdict that this pays is counted already: "later" means after it.
      let verified = standings[worker]?.verified ?? 0
      holdbacks[worker, default: []].append(
        Holdback(
          pay: transfer, dueVerified: verified + Limits.holdbackTiles, dueMS: timeMS + Limits.holdbackMS))
    case (.immediate, .payable), (.immediate, .fee): sums[job, default: JobSums()].spent += transfer.amount
    default: return
    }
  }

  private mutating func release(_ transfer: Transfer, of worker: PublicKey) {
    // Mostly the oldest: naming a transfer takes a hash.
    let index = holdbacks[worker]?.firstIndex { Transfer.release($0.pay).id == transfer.id }
    if let index { holdbacks[worker]?.remove(at: index) }
    if holdbacks[worker]?.isEmpty ?? false { holdbacks[worker] = nil }
  }

  private mutating func note(_ transfer: Transfer, at index: UInt64) {
    switch transfer.kind {
    case .post, .void: return
    case .immediate, .pending: break
    }
    var keys: [PublicKey] = []
    for account in [transfer.debit, transfer.credit] {
      if case .escrow(let job) = account, let submitter = submitters[job] { keys.append(submitter) }
      if let key = account.key { keys.append(key) }
    }
    for key in Set(keys) { movements[key, default: []].append(index) }
  }

  /// Workers with a holdback that is due by its age.
  package func workersDue(nowMS: UInt64) -> [PublicKey] {
    holdbacks.filter { $0.value.first.map { $0.dueMS <= nowMS } ?? false }.keys.sorted()
  }

  /// A worker's holdbacks that are due, oldest first: what was held back before another is due before it.
  package func dueHoldbacks(of worker: PublicKey, nowMS: UInt64) -> ArraySlice<Holdback> {
    let verified = standings[worker]?.verified ?? 0
    return (holdbacks[worker] ?? []).prefix { $0.dueVerified <= verified || $0.dueMS <= nowMS }
  }

  /// A key's accounts, and the escrows of its jobs.
  package func accounts(of key: PublicKey) -> [AccountID] {
    let jobs = submitters.filter { $0.value == key }.map(\.key).sorted()
    return [.submitter(key), .holdback(key), .payable(key)] + jobs.map { .escrow($0) }
  }
}
