import Cryptography

/// An entry that breaks a rule, and which.
public struct Finding: Hashable, Sendable {
  /// The rule. Cases with two values name what was expected first, then what was found.
  public enum Reason: Error, Hashable, Sendable {
    /// Any entry.
    case entryTooLong(bytes: Int)
    case timeWentBack(previousMS: UInt64, foundMS: UInt64)
    /// Epochs.
    case epochNotNext(after: UInt64, found: UInt64)
    case epochNotOpen(UInt64)
    case epochSecretWrong(UInt64)
    /// Jobs.
    case jobExists(JobID)
    case jobInvalid(JobID)
    case jobUnknown(JobID)
    case jobEnded(JobID)
    case notReserved(JobID)
    /// Commitments.
    case reservationIndexWrong(expected: UInt64, found: UInt64)
    case tileOutOfRange(TileIndex, tileCount: Int)
    case assignmentForeign
    case commitmentUnsigned
    case tileBusy(TileIndex)
    case attemptNotNew(TileIndex, attempt: UInt32)
    case pixelCountWrong(expected: Int, found: UInt32)
    case workAboveBound(UInt64, found: UInt64)
    /// Verdicts.
    case commitmentUnknown(Digest)
    case commitmentJudged(Digest)
    case notHeld(TileIndex)
    case verdictUnsigned
    case verifierUnknown(PublicKey)
    case verifierIsWorker(PublicKey)
    case epochNotOpenAtCommitment(UInt64)
    case tooFewProbes(UInt32, found: UInt32)
    /// Money.
    case kindNotAllowed
    case amountWrong(expected: Microcredits, found: Microcredits)
    case transferWrong(expected: Transfer)
    case reservationTooLow(Microcredits, found: Microcredits)
    case holdUncovered(Microcredits, found: Microcredits)
    case notCommitted(TileIndex)
    case notVerified(TileIndex)
    case notRefuted(TileIndex)
    case notPaid(TileIndex)
    case paidTwice(TileIndex)
    case feeNotDue(TileIndex)
    case releaseTooEarly(TileIndex)
    case tilesUnsettled(Int)
    case feesUnpaid(Int)
    case refused(PostResult)
  }

  /// Index of the entry in the log.
  public let logIndex: UInt64
  /// What is wrong with it.
  public let reason: Reason

  /// Both fields.
  public init(logIndex: UInt64, reason: Reason) {
    self.logIndex = logIndex
    self.reason = reason
  }
}

extension Finding: CustomStringConvertible {
  /// One line for people.
  public var description: String { "entry \(logIndex): \(reason)" }
}

extension Finding.Reason: CustomStringConvertible {
  /// One line for people.
  public var description: String { ofEntry ?? ofCommitment ?? ofVerdict ?? ofMoney }

  private var ofEntry: String? {
    switch self {
    case .entryTooLong(let bytes): "it has \(bytes) bytes, more than \(LogEntry.bytesMax)"
    case .timeWentBack(let previous, let found): "its time \(found) is before the last entry's \(previous)"
    case .epochNotNext(let last, let found): "epoch \(found) opens after epoch \(last)"
    case .epochNotOpen(let epoch): "epoch \(epoch) is not open"
    case .epochSecretWrong(let epoch): "the secret of epoch \(epoch) has another SHA-256 than was announced"
    case .jobExists(let job): "job \(job.digest.short) was accepted before"
    case .jobInvalid(let job): "the terms of job \(job.digest.short) describe no tiles or no price"
    case .jobUnknown(let job): "job \(job.digest.short) was not accepted"
    case .jobEnded(let job): "job \(job.digest.short) was refunded and is over"
    case .notReserved(let job): "no money was reserved for job \(job.digest.short)"
    default: nil
    }
  }

  private var ofCommitment: String? {
    switch self {
    case .reservationIndexWrong(let expected, let found):
      "reserved at entry \(expected), but it names \(found)"
    case .tileOutOfRange(let tile, let count): "tile \(tile.value) of a job of \(count) tiles"
    case .assignmentForeign: "the commitment is to another assignment"
    case .commitmentUnsigned: "the assignment's worker did not sign the commitment"
    case .tileBusy(let tile): "tile \(tile.value) has a commitment that is not yet settled, or is paid"
    case .attemptNotNew(let tile, let attempt): "attempt \(attempt) of tile \(tile.value) is over"
    case .pixelCountWrong(let expected, let found): "the tile has \(expected) pixels, not \(found)"
    case .workAboveBound(let bound, let found): "the job's terms allow \(bound) rays, not \(found)"
    default: nil
    }
  }

  private var ofVerdict: String? {
    switch self {
    case .commitmentUnknown(let digest): "there is no commitment \(digest.short)"
    case .commitmentJudged(let digest): "commitment \(digest.short) was judged before"
    case .notHeld(let tile): "no pay was held for tile \(tile.value) before its verdict"
    case .verdictUnsigned: "its verifier did not sign the verdict"
    case .verifierUnknown(let key): "\(key.short) is no verifier"
    case .verifierIsWorker(let key): "\(key.short) judged its own tile"
    case .epochNotOpenAtCommitment(let epoch): "epoch \(epoch) was not open when the tile was committed to"
    case .tooFewProbes(let least, let found): "\(found) probes, fewer than \(least)"
    default: nil
    }
  }

  private var ofMoney: String {
    switch self {
    case .kindNotAllowed: "this cause does not move money so"
    case .amountWrong(let expected, let found): "the amount should be \(expected.value), not \(found.value)"
    case .transferWrong(let expected): "should go from \(expected.debit) to \(expected.credit)"
    case .reservationTooLow(let least, let found):
      "a tile may cost \(least.value), but \(found.value) is reserved"
    case .holdUncovered(let left, let found):
      "the tile costs \(found.value) with fees, the job has \(left.value) that is promised to nobody"
    case .notCommitted(let tile): "tile \(tile.value) has no commitment of that attempt that awaits its hold"
    case .notVerified(let tile): "tile \(tile.value) was paid without an equal verdict"
    case .notRefuted(let tile): "tile \(tile.value) was voided without a mismatch"
    case .notPaid(let tile): "tile \(tile.value) was not paid"
    case .paidTwice(let tile): "tile \(tile.value) was paid before"
    case .feeNotDue(let tile): "no such fee is due for tile \(tile.value)"
    case .releaseTooEarly(let tile): "the pay of tile \(tile.value) is still to be held back"
    case .tilesUnsettled(let count): "the job has \(count) tiles committed to and not settled"
    case .feesUnpaid(let count): "the job has \(count) fees on paid tiles not paid"
    case .refused(let result): "the ledger refuses: \(result.rawValue)"
    default: "breaks a rule"
    }
  }
}
