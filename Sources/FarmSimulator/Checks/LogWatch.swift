import Coordinator
import Cryptography
import FarmProtocol
import Imaging
import Settlement

/// Reads the published log as anybody could, keeps books of its own, and knows what is true: who was honest
/// and what each tile looks like. Says what must not be.
struct LogWatch {
  private struct Key: Hashable {
    let job: JobID
    let tile: TileIndex
  }
  private struct Claim {
    let assignment: Assignment
    let commitment: Commitment
    /// Whether pixels, work and scene are the true ones.
    let isTrue: Bool
  }

  private let cheats: [PublicKey: Cheat?]
  /// Frames that the verifier cannot render.
  var unrenderable: Set<FrameOfJob>
  private(set) var books = PlainBooks()
  private var log = TransparencyLog()
  private var auditor: LogAuditor?
  private var terms: [JobID: JobTerms] = [:]
  private var claims: [Digest: Claim] = [:]
  /// The verified attempt of a tile.
  private var verified: [Key: UInt32] = [:]
  private var paid: [Key: Int] = [:]
  /// False tiles that were verified, by job.
  private(set) var escapedTiles: [JobID: Set<TileIndex>] = [:]
  /// What is false in what was committed to, by assignment; absent: nothing.
  private var falsehoods: [Digest: Falsehood] = [:]
  /// Where receipts say that results are, until the log is read that far.
  private var receipts: [Digest: UInt64] = [:]
  /// False tiles that were found equal, and how many were to be expected.
  private(set) var escaped = 0
  private(set) var expectedEscapes = 0.0
  private(set) var counts = (verified: 0, voided: 0, unverifiable: 0)

  init(cheats: [PublicKey: Cheat?], unrenderable: Set<FrameOfJob>) {
    self.cheats = cheats
    self.unrenderable = unrenderable
  }

  /// Entries read so far.
  var size: UInt64 { log.size }
  var root: Digest { log.root }

  /// A worker committed to a tile under that assignment.
  mutating func committed(_ assignment: Digest, _ falsehood: Falsehood?) {
    falsehoods[assignment] = falsehood
  }

  /// The coordinator says that it has a result. What is wrong with that; nil when nothing.
  mutating func acknowledged(_ commitment: Digest, _ receipt: ResultReceipt) -> String? {
    if let before = receipts.updateValue(receipt.logIndex, forKey: commitment), before != receipt.logIndex {
      return "the receipts of commitment \(commitment.short) name entries \(before) and \(receipt.logIndex)"
    }
    return nil
  }

  /// Reads on. The first thing that is wrong; nil when nothing is.
  mutating func read(_ contents: [LogEntry], as published: TransparencyLog, verifier: PublicKey) -> String? {
    guard published.size >= log.size else {
      return "the published log shrank from \(log.size) to \(published.size) entries"
    }
    guard published.root(at: log.size) == log.root else {
      return "the published log was changed below \(log.size)"
    }
    var auditor =
      auditor
      ?? LogAuditor(
        rules: AuditRules(
          workProbesMin: UInt32(Limits.probesStandard), holdbackTiles: UInt64(Limits.holdbackTiles),
          holdbackMS: Limits.holdbackMS, verifiers: [verifier]))
    // What the farm itself held every entry to: signatures are verified once, at the end.
    auditor.signaturesKnownUntil = .max
    for entry in contents.dropFirst(Int(log.size)) {
      let index = log.size
      if let what = take(entry, at: index) { return "log entry \(index): \(what)" }
      auditor.replay(entry)
      log.append(entry)
    }
    self.auditor = auditor
    if let finding = auditor.report.findings.first { return "the auditor finds \(finding)" }
    if let (commitment, index) = receipts.first(where: { $0.value >= log.size }) {
      return "commitment \(commitment.short) was acknowledged at entry \(index), the log has \(log.size)"
    }
    for (commitment, index) in receipts {
      guard case .commitment(_, let signed) = contents[Int(index)].body, signed.record.digest == commitment
      else { return "commitment \(commitment.short) was acknowledged and is not entry \(index)" }
    }
    receipts = [:]
    return nil
  }

  private mutating func take(_ entry: LogEntry, at index: UInt64) -> String? {
    switch entry.body {
    case .epochOpened, .epochClosed: return nil
    case .job(let accepted):
      terms[accepted.id] = accepted
      return nil
    case .commitment(let assignment, let signed): return take(assignment, signed.record)
    case .verdict(let verdict): return take(verdict.record)
    case .transfer(let transfer): return pay(transfer) ?? books.post(transfer)
    }
  }

  private mutating func take(_ assignment: Assignment, _ commitment: Commitment) -> String? {
    guard let terms = terms[assignment.job] else { return "a tile of an unknown job" }
    let place = terms.tile(assignment.tile)
    let picture = Picture(of: terms)
    let truth = picture.content(place)
    let isTrue =
      commitment.root == truth.commitmentRoot() && commitment.work == truth.totalWork
      && commitment.deviceScene == picture.deviceScene(frame: place.frame)
    guard isTrue || cheats[assignment.worker] != .some(nil) else {
      return "an honest worker committed to a false tile"
    }
    claims[commitment.digest] = Claim(assignment: assignment, commitment: commitment, isTrue: isTrue)
    return nil
  }

  private mutating func take(_ verdict: Verdict) -> String? {
    guard let claim = claims.removeValue(forKey: verdict.commitment) else { return "judges nothing" }
    let key = Key(job: claim.assignment.job, tile: claim.assignment.tile)
    guard let terms = terms[key.job] else { return "a verdict on an unknown job" }
    switch verdict.outcome {
    case .equal:
      if let before = verified.updateValue(claim.assignment.attempt, forKey: key) {
        return "tile \(key.tile.value) is verified in attempts \(before) and \(claim.assignment.attempt)"
      }
      counts.verified += 1
    case .mismatch:
      if claim.isTrue { return "a true tile of worker \(claim.assignment.worker.short) is found wrong" }
      counts.voided += 1
    case .unverifiable:
      let frame = FrameOfJob(job: key.job, frame: terms.tile(key.tile).frame)
      guard unrenderable.contains(frame) else { return "frame \(frame.frame) was not checked" }
      counts.unverifiable += 1
      return nil
    }
    return claim.isTrue ? nil : countEscape(claim, verdict, key)
  }

  /// A false tile was judged: whether that it was found equal can be chance.
  private mutating func countEscape(_ claim: Claim, _ verdict: Verdict, _ key: Key) -> String? {
    guard let falsehood = falsehoods[claim.commitment.assignment] else {
      return "a false tile that nobody falsified"
    }
    let chance = falsehood.escape(workProbes: Int(verdict.workProbes))
    expectedEscapes += chance
    guard verdict.outcome == .equal else { return nil }
    escaped += 1
    escapedTiles[key.job, default: []].insert(key.tile)
    guard chance < 1e-6 else { return nil }
    return "a tile with \(falsehood.pixelShare) of its pixels false was found equal, by a chance of \(chance)"
  }

  private mutating func pay(_ transfer: Transfer) -> String? {
    guard case .post = transfer.kind, case .tile(let job, let tile, let attempt) = transfer.cause else {
      return nil
    }
    let key = Key(job: job, tile: tile)
    guard verified[key] == attempt else { return "tile \(tile.value) is paid and not verified" }
    paid[key, default: 0] += 1
    return paid[key] == 1 ? nil : "tile \(tile.value) of job \(job.digest.short) is paid twice"
  }

  /// At the end: whether every verified tile of a price was paid.
  func unpaid() -> String? {
    for (key, _) in verified.sorted(by: {
      ($0.key.job.digest, $0.key.tile) < ($1.key.job.digest, $1.key.tile)
    })
    where paid[key] == nil {
      let isFree = terms[key.job].map { $0.capPerTile == .zero || $0.pricePerRay == .zero } ?? false
      if !isFree { return "tile \(key.tile.value) of job \(key.job.digest.short) is verified and not paid" }
    }
    return nil
  }
}
