import Cryptography
import Settlement
import Testing

@Suite struct LogAuditorTests {
  typealias Reason = Finding.Reason
  static let other = signingKey(99)

  /// What the auditor says of one more entry at the end of a log.
  func reason(_ farm: TestFarm, _ body: LogEntry.Body, rules: AuditRules = AuditRules()) -> Reason? {
    var auditor = LogAuditor(rules: rules)
    for entry in farm.entries { #expect(auditor.admit(entry) == nil) }
    let before = auditor.report
    let reason = auditor.admit(LogEntry(timeMS: farm.timeMS + 1, body: body))
    if reason != nil { #expect(auditor.report == before, "a refused entry changed something") }
    return reason
  }

  /// A farm with a committed tile 0 and its hold, to try the next entry on.
  func committed(held: Bool = true) -> (farm: TestFarm, commitment: Commitment, hold: Transfer) {
    var farm = TestFarm()
    farm.open()
    let assignment = farm.assignment(0)
    let commitment = farm.commitment(assignment, work: 2000)
    farm.add(.commitment(assignment, Signed(commitment, by: farm.worker(0))))
    guard let hold = Transfer.hold(farm.terms, assignment, work: 2000) else { preconditionFailure("no pay") }
    if held { farm.add(.transfer(hold)) }
    return (farm, commitment, hold)
  }

  @Test func `a whole job's log is clean and adds up`() {
    let farm = TestFarm.whole()
    let report = LogAuditor.audit(farm.entries)
    #expect(report.findings == [])
    let work = (0..<24).map { $0 == 7 ? 9000 : 2000 + Int64($0) }
    let pays = work.map { min($0 * 7, 50_000) }
    let fees = (pays.map { $0 / 50 }.reduce(0, +), pays.map { $0 / 100 }.reduce(0, +))
    let odd = stride(from: 1, to: 24, by: 2).map { pays[$0] }.reduce(0, +)
    let all = pays.reduce(0, +)
    #expect(
      report.balances == [
        .custody: Microcredits(-10_000_000), .fee: Microcredits(fees.1),
        .submitter(TestFarm.submitter.publicKey): Microcredits(10_000_000 - all - fees.0 - fees.1),
        .payable(TestFarm.workers[0].publicKey): Microcredits(all - odd),
        .payable(TestFarm.workers[1].publicKey): Microcredits(odd),
        .payable(TestFarm.verifier.publicKey): Microcredits(fees.0),
      ])
    #expect(report.pending == [:])
    #expect(report.entries == UInt64(farm.entries.count))
    #expect((report.jobs, report.tilesVerified, report.tilesPaid, report.tilesRefuted) == (1, 24, 24, 1))
    #expect(report.tilesUnsettled == 0)
    #expect(report.work == UInt64(work.reduce(0, +)))
    #expect(report.probeWork == 25 * 300)
  }

  /// What nothing later depends on may end a log early: a worker not yet released, a secret not yet told.
  static func mayBeMissing(_ body: LogEntry.Body) -> Bool {
    switch body {
    case .epochClosed: return true
    case .transfer(let transfer):
      if case .holdbackRelease = transfer.cause { return true }
      return false
    default: return false
    }
  }

  @Test func `each entry that others depend on is missed`() {
    let entries = TestFarm.whole().entries
    for i in entries.indices.dropLast() {
      var forged = entries
      forged.remove(at: i)
      let isClean = LogAuditor.audit(forged).isClean
      #expect(isClean == Self.mayBeMissing(entries[i].body), "entry \(i): \(entries[i].body)")
    }
  }

  @Test func `no entry may come twice`() {
    let entries = TestFarm.whole().entries
    for i in entries.indices {
      var forged = entries
      forged.insert(entries[i], at: i + 1)
      #expect(
        LogAuditor.audit(forged).findings.first?.logIndex == UInt64(i + 1), "entry \(i): \(entries[i].body)")
    }
  }

  @Test func `a tile is paid after an equal verdict only`() {
    let (farm, commitment, hold) = committed()
    #expect(reason(farm, .transfer(.pay(hold))) == .notVerified(TileIndex(0)))
    var refuted = farm
    refuted.add(.verdict(Signed(farm.verdict(commitment, .mismatch), by: TestFarm.verifier)))
    #expect(reason(refuted, .transfer(.pay(hold))) == .notVerified(TileIndex(0)))
    #expect(reason(refuted, .transfer(.void(hold))) == nil)
    var verified = farm
    verified.add(.verdict(Signed(farm.verdict(commitment, .equal), by: TestFarm.verifier)))
    #expect(reason(verified, .transfer(.void(hold))) == .notRefuted(TileIndex(0)))
    #expect(reason(verified, .transfer(.pay(hold))) == nil)
    #expect(reason(farm, .transfer(.void(hold))) == .notRefuted(TileIndex(0)))
  }

  @Test func `a tile is paid once, whatever the transfer is called`() {
    var farm = TestFarm()
    farm.open()
    guard let hold = farm.render(0) else { preconditionFailure("no pay") }
    #expect(reason(farm, .transfer(.pay(hold))) == .paidTwice(TileIndex(0)))
    let renamed = Transfer(
      id: digest(1), debit: hold.debit, credit: hold.credit, amount: hold.amount, kind: .immediate,
      cause: hold.cause)
    #expect(reason(farm, .transfer(renamed)) == .kindNotAllowed)
    let assignment = farm.assignment(0, attempt: 1)
    let again = Signed(farm.commitment(assignment), by: farm.worker(0))
    #expect(reason(farm, .commitment(assignment, again)) == .tileBusy(TileIndex(0)))
    let moved = Transfer(
      id: Transfer.id(.reserve(farm.terms.id), .refund), debit: hold.debit, credit: hold.credit,
      amount: hold.amount,
      kind: .immediate, cause: .reserve(farm.terms.id))
    #expect(
      reason(farm, .transfer(moved)) == .reservationTooLow(Microcredits(51_500), found: hold.amount))
  }

  @Test func `a hold that the escrow does not cover with all open fees is found`() throws {
    // 300 rays at 7 are 2,100, with fees 2,163: the reservation of a tile at its cap covers 23 and a bit.
    var farm = TestFarm()
    farm.open(reserve: 51_500)
    var held: [Assignment] = []
    for tile in 0..<23 as Range<UInt32> {
      let assignment = farm.assignment(tile)
      let commitment = Signed(farm.commitment(assignment, work: 300), by: farm.worker(tile))
      farm.add(.commitment(assignment, commitment))
      if let hold = Transfer.hold(farm.terms, assignment, work: 300) { farm.add(.transfer(hold)) }
      held.append(assignment)
    }
    #expect(LogAuditor.audit(farm.entries).findings.isEmpty)
    let last = farm.assignment(23)
    farm.add(.commitment(last, Signed(farm.commitment(last, work: 250), by: farm.worker(23))))
    let hold = try #require(Transfer.hold(farm.terms, last, work: 250))
    // 51,500 less 23 holds leave 3,200, enough for 1,750 alone; but 23 times 63 are promised as fees.
    let left = Microcredits(51_500 - 23 * 2_163)
    #expect(reason(farm, .transfer(hold)) == .holdUncovered(left, found: Microcredits(1_802)))
    // A void frees the hold and its fees.
    let wrong = farm.commitment(held[0], work: 300)
    farm.add(.verdict(Signed(farm.verdict(wrong, .mismatch), by: TestFarm.verifier)))
    let freed = try #require(Transfer.hold(farm.terms, held[0], work: 300))
    farm.add(.transfer(.void(freed)))
    #expect(reason(farm, .transfer(hold)) == nil)
  }

  @Test func `signatures are taken as known up to a given entry and no further`() throws {
    let farm = TestFarm.whole()
    let at = try #require(
      farm.entries.firstIndex { if case .commitment = $0.body { true } else { false } })
    guard case .commitment(let assignment, var commitment) = farm.entries[at].body else { return }
    commitment.signature = Self.other.sign([1])
    var entries = farm.entries
    entries[at].body = .commitment(assignment, commitment)
    for (known, isFound) in [(at, true), (at + 1, false)] {
      var auditor = LogAuditor()
      auditor.signaturesKnownUntil = UInt64(known)
      for entry in entries { auditor.replay(entry) }
      #expect(auditor.findings.first.map(\.logIndex) == (isFound ? UInt64(at) : nil))
    }
  }

  @Test func `amounts and accounts are the rules' own`() {
    let (farm, _, hold) = committed(held: false)
    func changed(_ t: Transfer, credit: AccountID? = nil, amount: Int64? = nil, id: Digest? = nil)
      -> LogEntry.Body
    {
      .transfer(
        Transfer(
          id: id ?? t.id, debit: t.debit, credit: credit ?? t.credit,
          amount: amount.map { .init($0) } ?? t.amount,
          kind: t.kind, cause: t.cause))
    }
    #expect(
      reason(farm, changed(hold, amount: 14_001))
        == .amountWrong(expected: Microcredits(14_000), found: Microcredits(14_001)))
    #expect(reason(farm, changed(hold, credit: .fee)) == .transferWrong(expected: hold))
    #expect(reason(farm, changed(hold, id: digest(1))) == .transferWrong(expected: hold))
    var paid = TestFarm()
    paid.open()
    guard let paidHold = paid.render(0) else { preconditionFailure("no pay") }
    #expect(reason(paid, .transfer(.release(paidHold))) == .releaseTooEarly(TileIndex(0)))
    #expect(reason(paid, .transfer(.release(paidHold)), rules: AuditRules(holdbackTiles: 0)) == nil)
    let fee = Transfer.verifierFee(paidHold, verifier: Self.other.publicKey)
    guard let fee else { preconditionFailure("no fee") }
    guard case .transferWrong = reason(paid, .transfer(fee)) else {
      Issue.record("a fee to another key than the verifier's passed")
      return
    }
  }

  @Test func `money and tiles need a job, its reservation and its price`() {
    var farm = TestFarm()
    let assignment = farm.assignment(0)
    let commitment = Signed(farm.commitment(assignment), by: farm.worker(0))
    farm.add(
      .transfer(
        .deposit(to: TestFarm.submitter.publicKey, amount: Microcredits(9_000_000), reference: digest(4))))
    let reserve = Transfer.reserve(farm.terms, amount: Microcredits(2_000_000))
    #expect(reason(farm, .transfer(reserve)) == .jobUnknown(farm.terms.id))
    #expect(reason(farm, .commitment(assignment, commitment)) == .jobUnknown(farm.terms.id))
    farm.add(.job(farm.terms))
    #expect(reason(farm, .commitment(assignment, commitment)) == .notReserved(farm.terms.id))
    #expect(reason(farm, .job(farm.terms)) == .jobExists(farm.terms.id))
    let least = Microcredits(51_500)
    #expect(
      reason(farm, .transfer(.reserve(farm.terms, amount: least - Microcredits(1))))
        == .reservationTooLow(least, found: least - Microcredits(1)))
    #expect(reason(farm, .transfer(.reserve(farm.terms, amount: least))) == nil)
    #expect(
      reason(farm, .transfer(.reserve(farm.terms, amount: Microcredits(9_000_001))))
        == .refused(.debitBalanceTooLow))
    var invalid = farm.terms
    invalid.capPerTile = Microcredits(-1)
    #expect(reason(farm, .job(invalid)) == .jobInvalid(invalid.id))
    var long = farm.terms
    long.camera = String(repeating: "c", count: 70_000)
    guard case .entryTooLong = reason(farm, .job(long)) else {
      Issue.record("an entry of 70,000 bytes passed")
      return
    }
  }

  @Test func `a commitment is its worker's, to this assignment, of this tile`() {
    var farm = TestFarm()
    farm.open()
    let assignment = farm.assignment(0)
    let good = farm.commitment(assignment)
    func reasonFor(_ assignment: Assignment, _ commitment: Commitment, by key: SigningKey) -> Reason? {
      reason(farm, .commitment(assignment, Signed(commitment, by: key)))
    }
    #expect(reasonFor(assignment, good, by: farm.worker(0)) == nil)
    #expect(reasonFor(assignment, good, by: Self.other) == .commitmentUnsigned)
    #expect(reasonFor(farm.assignment(0, attempt: 1), good, by: farm.worker(0)) == .assignmentForeign)
    var wrong = good
    wrong.pixelCount = 63
    #expect(reasonFor(assignment, wrong, by: farm.worker(0)) == .pixelCountWrong(expected: 64, found: 63))
    wrong = good
    wrong.work = 9217
    #expect(
      reasonFor(assignment, wrong, by: farm.worker(0)) == .workAboveBound(9216, found: 9217)
    )
    var moved = assignment
    moved.tile = TileIndex(24)
    #expect(reasonFor(moved, good, by: farm.worker(0)) == .tileOutOfRange(TileIndex(24), tileCount: 24))
    moved = assignment
    moved.reservedAt = 1
    #expect(reasonFor(moved, good, by: farm.worker(0)) == .reservationIndexWrong(expected: 2, found: 1))
  }

  @Test func `an attempt that was void is over, and the next may follow`() {
    var farm = TestFarm()
    farm.open()
    farm.render(0, attempt: 1, .mismatch)
    for (attempt, expected) in [
      (0, Reason.attemptNotNew(TileIndex(0), attempt: 0)), (1, .attemptNotNew(TileIndex(0), attempt: 1)),
      (2, nil),
    ] {
      let assignment = farm.assignment(0, attempt: UInt32(attempt))
      let commitment = Signed(farm.commitment(assignment), by: farm.worker(0))
      #expect(reason(farm, .commitment(assignment, commitment)) == expected)
    }
  }

  @Test func `a verdict is a verifier's, of a held commitment, with enough probes`() {
    let (farm, commitment, _) = committed()
    func reasonFor(
      _ farm: TestFarm, rules: AuditRules = AuditRules(), by key: SigningKey = TestFarm.verifier,
      _ change: (inout Verdict) -> Void
    ) -> Reason? {
      var verdict = farm.verdict(commitment, .equal)
      change(&verdict)
      return reason(farm, .verdict(Signed(verdict, by: key)), rules: rules)
    }
    #expect(reasonFor(farm) { _ in } == nil)
    #expect(reasonFor(farm, by: Self.other) { _ in } == .verdictUnsigned)
    #expect(reasonFor(farm) { $0.commitment = digest(1) } == .commitmentUnknown(digest(1)))
    #expect(reasonFor(farm) { $0.workProbes = 15 } == .tooFewProbes(16, found: 15))
    let worker = farm.worker(0)
    #expect(
      reasonFor(farm, by: worker) { $0.verifier = worker.publicKey } == .verifierIsWorker(worker.publicKey))
    let rules = AuditRules(verifiers: [Self.other.publicKey])
    #expect(reasonFor(farm, rules: rules) { _ in } == .verifierUnknown(TestFarm.verifier.publicKey))
    #expect(reasonFor(committed(held: false).farm) { _ in } == .notHeld(TileIndex(0)))
    #expect(reasonFor(farm) { $0.epoch = 2 } == .epochNotOpenAtCommitment(2))
    var late = farm
    late.add(.epochOpened(epoch: 2, secretDigest: digest(1)))
    #expect(reasonFor(late) { $0.epoch = 2 } == .epochNotOpenAtCommitment(2))
    late.add(.epochClosed(epoch: 1, secret: TestFarm.secret))
    #expect(reasonFor(late) { _ in } == nil)
  }

  @Test func `a commitment after its epoch's secret was told is not judged by it`() {
    var farm = TestFarm()
    farm.open()
    farm.add(.epochClosed(epoch: 1, secret: TestFarm.secret))
    farm.render(0)
    let report = LogAuditor.audit(farm.entries)
    #expect(report.findings.first?.reason == .epochNotOpenAtCommitment(1))
    #expect(report.tilesPaid == 0)
    #expect(report.balances[.holdback(farm.worker(0).publicKey)] == nil)
  }

  @Test func `epochs are opened in order and closed by their own secret`() {
    var farm = TestFarm()
    farm.open()
    #expect(
      reason(farm, .epochOpened(epoch: 1, secretDigest: digest(1))) == .epochNotNext(after: 1, found: 1))
    #expect(
      reason(farm, .epochClosed(epoch: 1, secret: [UInt8](repeating: 8, count: 32))) == .epochSecretWrong(1))
    #expect(reason(farm, .epochClosed(epoch: 2, secret: TestFarm.secret)) == .epochNotOpen(2))
    farm.add(.epochClosed(epoch: 1, secret: TestFarm.secret))
    #expect(reason(farm, .epochClosed(epoch: 1, secret: TestFarm.secret)) == .epochNotOpen(1))
  }

  @Test func `time does not go back`() {
    var auditor = LogAuditor()
    let body = LogEntry.Body.epochOpened(epoch: 1, secretDigest: digest(1))
    #expect(auditor.admit(LogEntry(timeMS: 5, body: body)) == nil)
    let next = LogEntry.Body.epochOpened(epoch: 2, secretDigest: digest(1))
    #expect(auditor.admit(LogEntry(timeMS: 4, body: next)) == .timeWentBack(previousMS: 5, foundMS: 4))
    #expect(auditor.admit(LogEntry(timeMS: 5, body: next)) == nil)
  }

  @Test func `a refund is all that is left, after everything is settled`() {
    let (farm, _, _) = committed()
    let job = farm.terms.id
    let all = Transfer.refund(farm.terms, amount: Microcredits(2_000_000))
    #expect(reason(farm, .transfer(all)) == .tilesUnsettled(1))
    var unpaid = TestFarm()
    unpaid.open()
    unpaid.render(0)
    let rest = Microcredits(2_000_000 - 14_000 - 280 - 140)
    var noFee = unpaid
    noFee.entries.removeLast()
    #expect(reason(noFee, .transfer(.refund(unpaid.terms, amount: rest))) == .feesUnpaid(1))
    #expect(
      reason(unpaid, .transfer(.refund(unpaid.terms, amount: rest - Microcredits(1))))
        == .amountWrong(expected: rest, found: rest - Microcredits(1)))
    unpaid.add(.transfer(.refund(unpaid.terms, amount: rest)))
    let assignment = unpaid.assignment(1)
    let commitment = Signed(unpaid.commitment(assignment), by: unpaid.worker(1))
    #expect(reason(unpaid, .commitment(assignment, commitment)) == .jobEnded(job))
  }

  @Test func `a job without a price moves no money and is clean`() {
    var farm = TestFarm(price: 0)
    farm.add(.job(farm.terms))
    farm.add(.epochOpened(epoch: 1, secretDigest: Digest(of: TestFarm.secret)))
    farm.render(0)
    farm.render(1, .mismatch)
    farm.render(1, attempt: 1)
    let report = LogAuditor.audit(farm.entries)
    #expect(report.findings == [])
    #expect((report.tilesVerified, report.tilesPaid, report.tilesUnsettled) == (2, 0, 0))
    #expect(report.balances == [:])
  }
}
