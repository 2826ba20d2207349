import Cryptography
import FarmProtocol
import Settlement

/// Makes every log entry, in the store's open transaction, and keeps the books that follow from them.
/// What pays takes a `VerifiedFragment`, which only a comparison of bits can make: nothing else can be paid.
///
/// After an error the treasury is ahead of its store: the coordinator must stop and read the log again.
struct Treasury {
  private(set) var books = Books()
  private(set) var log = TransparencyLog()
  /// Holds each entry to the farm's rules before it is appended, and keeps the balances.
  private var auditor: LogAuditor

  /// Reads the whole log; throws when it breaks a rule. What stands under a checkpoint of our own was
  /// verified before that was signed: with the same root its signatures need no second look, which saves most
  /// of the time.
  init(replaying store: Store, verifier: PublicKey, checkpoint: Checkpoint? = nil) throws {
    auditor = LogAuditor(
      rules: AuditRules(
        workProbesMin: UInt32(Limits.probesStandard), holdbackTiles: UInt64(Limits.holdbackTiles),
        holdbackMS: Limits.holdbackMS, verifiers: [verifier]))
    let count = try store.entryCount()
    let pages = stride(from: 0, to: count, by: Treasury.pageEntries).map {
      $0..<min($0 + UInt64(Treasury.pageEntries), count)
    }
    for page in pages {
      for bytes in try store.entryBytes(page) { log.append(leafHash: MerkleTree.leafHash(bytes)) }
    }
    if let checkpoint, checkpoint.size <= count, log.root(at: checkpoint.size) == checkpoint.root {
      auditor.signaturesKnownUntil = checkpoint.size
    }
    for page in pages {
      for (index, entry) in zip(page, try store.entries(from: page.lowerBound, to: page.upperBound)) {
        try admit(entry, at: index)
      }
    }
    ledger.checkInvariants()
  }

  /// Entries read at a time.
  private static let pageEntries = 4_096

  /// The balances.
  var ledger: Ledger { auditor.ledger }
  /// What a job's escrow has that is promised to nobody.
  func uncommitted(of job: JobID) -> Microcredits { auditor.uncommitted(of: job) }
  /// What the entries so far add up to.
  var report: AuditReport { auditor.report }
  /// The epoch whose secret is not revealed; nil between two.
  var openEpoch: Books.Epoch? { books.epochs.last.flatMap { $0.secret == nil ? $0 : nil } }

  /// Every entry goes through here: held to the rules, stored, applied to the books, hashed into the tree.
  @discardableResult
  private mutating func append(_ body: LogEntry.Body, nowMS: UInt64, to store: Store) throws -> UInt64 {
    let entry = LogEntry(timeMS: max(nowMS, auditor.timeMS), body: body)
    let index = log.size
    try store.append(entry, at: index)
    // Only `CheckedResult.check` makes a claim, and verdicts are signed here: to verify them again would be
    // half of what a tile costs. A replay does.
    auditor.signaturesKnownUntil = index + 1
    try admit(entry, at: index)
    log.append(entry)
    return index
  }

  private mutating func admit(_ entry: LogEntry, at index: UInt64) throws {
    if let reason = auditor.admit(entry) {
      throw StoreDamage("log entry \(index) breaks a rule: \(reason)")
    }
    books.apply(entry, at: index)
  }

  // MARK: Money in, money reserved, money back

  /// Credits a deposit; nil when this very deposit was credited before. Throws the refusal of a reference
  /// that names another deposit.
  mutating func deposit(_ request: DepositRequest, nowMS: UInt64, to store: Store) throws -> UInt64? {
    let transfer = Transfer.deposit(to: request.account, amount: request.amount, reference: request.reference)
    switch ledger.result(of: transfer) {
    case .exists: return nil
    case .existsWithDifferentBody:
      throw Refusal(
        .conflict, "deposit \(request.reference.short) was made before, with another account or amount",
        remedy: "use a new reference for a new deposit")
    case .posted: return try append(.transfer(transfer), nowMS: nowMS, to: store)
    case let other:
      throw Refusal(.badRequest, "a deposit of \(request.amount.value) microcredits: \(other.rawValue)")
    }
  }

  /// Accepts a job: its terms, then its money. The index goes into each assignment.
  mutating func reserve(
    _ terms: JobTerms, budget: Microcredits, nowMS: UInt64, to store: Store
  ) throws -> UInt64 {
    let index = try append(.job(terms), nowMS: nowMS, to: store)
    guard budget > .zero else { return index }
    return try append(.transfer(.reserve(terms, amount: budget)), nowMS: nowMS, to: store)
  }

  /// Returns what an ended job did not spend. Every one of its commitments must have its verdict.
  mutating func refund(_ terms: JobTerms, nowMS: UInt64, to store: Store) throws {
    let escrow = AccountID.escrow(terms.id)
    let rest = ledger.balance(of: escrow)
    precondition(
      ledger.available(of: escrow) == rest, "job \(terms.id) ends while tiles of it are pending")
    guard rest > .zero else { return }
    try append(.transfer(.refund(terms, amount: rest)), nowMS: nowMS, to: store)
  }

  // MARK: Tiles

  /// A tile was returned: the commitment, and its pay pending. The commitment's index.
  mutating func commit(_ claim: CheckedResult, nowMS: UInt64, to store: Store) throws -> UInt64 {
    let index = try append(.commitment(claim.assignment, claim.commitment), nowMS: nowMS, to: store)
    if let hold = claim.hold { try append(.transfer(hold), nowMS: nowMS, to: store) }
    return index
  }

  /// A tile was found equal: the verdict, its pay, the fees. The verdict's index.
  mutating func pay(_ tile: VerifiedFragment, nowMS: UInt64, to store: Store) throws -> UInt64 {
    let index = try append(.verdict(tile.verdict), nowMS: nowMS, to: store)
    guard let hold = tile.claim.hold else { return index }
    try append(.transfer(.pay(hold)), nowMS: nowMS, to: store)
    if let fee = Transfer.verifierFee(hold, verifier: tile.verdict.record.verifier) {
      try append(.transfer(fee), nowMS: nowMS, to: store)
    }
    if let fee = Transfer.coordinatorFee(hold) { try append(.transfer(fee), nowMS: nowMS, to: store) }
    return index
  }

  /// A tile was found wrong: the verdict, and its pay freed.
  mutating func void(_ tile: RefutedFragment, nowMS: UInt64, to store: Store) throws {
    try append(.verdict(tile.verdict), nowMS: nowMS, to: store)
    if let hold = tile.claim.hold { try append(.transfer(.void(hold)), nowMS: nowMS, to: store) }
  }

  /// Releases what of a worker's pay is held back no longer. A banned worker's pay stays where it is.
  mutating func releaseDue(
    of worker: PublicKey, banned: (PublicKey) -> Bool, nowMS: UInt64, to store: Store
  ) throws {
    guard !banned(worker) else { return }
    for held in books.dueHoldbacks(of: worker, nowMS: nowMS) {
      try append(.transfer(.release(held.pay)), nowMS: nowMS, to: store)
    }
  }

  // MARK: Epochs

  mutating func openEpoch(secret: [UInt8], nowMS: UInt64, to store: Store) throws {
    let number = (books.epochs.last?.number ?? 0) + 1
    try append(.epochOpened(epoch: number, secretDigest: Digest(of: secret)), nowMS: nowMS, to: store)
  }

  mutating func closeEpoch(secret: [UInt8], nowMS: UInt64, to store: Store) throws {
    guard let epoch = openEpoch else { preconditionFailure("no epoch is open") }
    precondition(epoch.secretDigest == Digest(of: secret), "the secret is not epoch \(epoch.number)'s")
    try append(.epochClosed(epoch: epoch.number, secret: secret), nowMS: nowMS, to: store)
  }
}
