import Cryptography

/// Replays a log and holds each entry to the farm's rules. Anyone can run it over the published entries; the
/// coordinator runs the same over each entry before it appends it.
///
/// The life of a tile in the log: commitment, hold (pending), verdict, then either pay (post) and fees, later
/// the release from holdback; or void, after which a later attempt may follow. A tile whose pay is nothing
/// moves no money: its verdict settles it. An entry that breaks a rule has no effect on the state that
/// follows.
public struct LogAuditor: Sendable {
  /// The rules.
  public let rules: AuditRules
  /// The accounts after the entries so far.
  public private(set) var ledger = Ledger()
  /// How many entries were given.
  public private(set) var entryCount: UInt64 = 0
  /// Time of the last entry that was right; the next may not be before.
  public private(set) var timeMS: UInt64 = 0
  /// What was found so far.
  public private(set) var findings: [Finding] = []
  /// Signatures of entries before this index are not verified: for who verified them before and knows by the
  /// log's root that they are the same. Everything else is.
  public var signaturesKnownUntil: UInt64 = 0

  var jobs: [JobID: AuditedJob] = [:]
  var tiles: [AuditedTile.Key: AuditedTile] = [:]
  var commitments: [Digest: AuditedTile.Key] = [:]
  var epochs: [UInt64: AuditedEpoch] = [:]
  var lastEpoch: UInt64?
  var verifiedByWorker: [PublicKey: UInt64] = [:]
  var counts = Counts()

  /// Running sums for the report.
  struct Counts: Sendable {
    var verified = 0
    var paid = 0
    var refuted = 0
    var work: UInt64 = 0
    var probeWork: UInt64 = 0
  }

  /// Starts before the first entry.
  public init(rules: AuditRules = AuditRules()) { self.rules = rules }

  /// Replays a whole log.
  public static func audit(_ entries: some Sequence<LogEntry>, rules: AuditRules = AuditRules())
    -> AuditReport
  {
    var auditor = LogAuditor(rules: rules)
    for entry in entries { auditor.replay(entry) }
    auditor.ledger.checkInvariants()
    return auditor.report
  }

  /// Takes an entry that is in the log, right or wrong; what is wrong becomes a finding.
  public mutating func replay(_ entry: LogEntry) {
    if let reason = admit(entry) {
      findings.append(Finding(logIndex: entryCount, reason: reason))
      entryCount += 1
    }
  }

  /// Takes an entry only if it is right; otherwise says why not and changes nothing. For who appends.
  public mutating func admit(_ entry: LogEntry) -> Finding.Reason? {
    do throws(Finding.Reason) {
      try checkForm(entry)
      switch entry.body {
      case .epochOpened(let epoch, let secretDigest): try open(epoch, secretDigest)
      case .epochClosed(let epoch, let secret): try close(epoch, secret)
      case .job(let terms): try accept(terms)
      case .commitment(let assignment, let commitment): try commit(assignment, commitment)
      case .verdict(let verdict): try judge(verdict, timeMS: entry.timeMS)
      case .transfer(let transfer): try move(transfer, timeMS: entry.timeMS)
      }
    } catch { return error }
    timeMS = entry.timeMS
    entryCount += 1
    return nil
  }

  /// What the entries so far add up to.
  public var report: AuditReport {
    let accounts = ledger.accounts
    return AuditReport(
      entries: entryCount, jobs: jobs.count, tilesVerified: counts.verified, tilesPaid: counts.paid,
      tilesRefuted: counts.refuted, tilesUnsettled: jobs.values.reduce(0) { $0 + $1.unsettledCount },
      balances: nonZero(accounts) { ledger.balance(of: $0) },
      pending: nonZero(accounts) { ledger.pending(of: $0).debits }, work: counts.work,
      probeWork: counts.probeWork, findings: findings)
  }

  /// What a job's escrow has that is promised to nobody: its balance less the open holds and their fees.
  public func uncommitted(of job: JobID) -> Microcredits {
    ledger.available(of: .escrow(job)) - (jobs[job]?.feesOpen ?? .zero)
  }

  /// Whether the entry at hand has such a signature, or had it when it was verified before.
  func isSigned<Record>(_ signed: Signed<Record>, by key: PublicKey) -> Bool {
    entryCount < signaturesKnownUntil || signed.isSigned(by: key)
  }

  private func nonZero(
    _ accounts: [AccountID], _ amount: (AccountID) -> Microcredits
  ) -> [AccountID: Microcredits] {
    Dictionary(uniqueKeysWithValues: accounts.map { ($0, amount($0)) }).filter { $0.value != .zero }
  }

  /// Posts a transfer that the rules allow.
  mutating func post(_ transfer: Transfer) throws(Finding.Reason) {
    let result = ledger.post(transfer)
    guard result == .posted else { throw .refused(result) }
  }

  private func checkForm(_ entry: LogEntry) throws(Finding.Reason) {
    guard entry.timeMS >= timeMS else { throw .timeWentBack(previousMS: timeMS, foundMS: entry.timeMS) }
    guard case .job = entry.body else { return }
    let count = entry.canonicalBytes.count
    guard count <= LogEntry.bytesMax else { throw .entryTooLong(bytes: count) }
  }

  private mutating func open(_ epoch: UInt64, _ secretDigest: Digest) throws(Finding.Reason) {
    if let lastEpoch, epoch <= lastEpoch { throw .epochNotNext(after: lastEpoch, found: epoch) }
    epochs[epoch] = AuditedEpoch(secretDigest: secretDigest, openedAt: entryCount)
    lastEpoch = epoch
  }

  private mutating func close(_ epoch: UInt64, _ secret: [UInt8]) throws(Finding.Reason) {
    guard let opened = epochs[epoch], opened.closedAt == nil else { throw .epochNotOpen(epoch) }
    guard Digest(of: secret) == opened.secretDigest else { throw .epochSecretWrong(epoch) }
    epochs[epoch]?.closedAt = entryCount
  }

  private mutating func accept(_ terms: JobTerms) throws(Finding.Reason) {
    let id = terms.id
    guard jobs[id] == nil else { throw .jobExists(id) }
    guard let tiles = JobTiles(terms), let most = Pricing.reservation(terms: terms, tileCount: 1) else {
      throw .jobInvalid(id)
    }
    jobs[id] = AuditedJob(terms: terms, tiles: tiles, tileCostMax: most)
  }
}
