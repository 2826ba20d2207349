import Cryptography
import Settlement

/// Writes the log of a small farm: one submitter, two workers, one verifier.
struct TestFarm {
  static let submitter = signingKey(11)
  static let workers = [signingKey(12), signingKey(13)]
  static let verifier = signingKey(14)
  static let secret = [UInt8](repeating: 9, count: 32)

  let terms: JobTerms
  var entries: [LogEntry] = []
  var timeMS: UInt64 = 1_795_000_000_000
  var reservedAt: UInt64 = 0

  /// 20 x 28 pixels in tiles of 8: 3 x 4 tiles a frame, two frames.
  static func terms(price: Int64, cap: Int64) -> JobTerms {
    JobTerms(
      bundle: digest(1), sceneFile: "szene/scène.gltf", kernelSet: digest(2), widthPX: 20, heightPX: 28,
      tileSidePX: 8, samplesPerPixel: 16, maxDepth: 4, background: .environment, camera: "Camera",
      environmentFile: "", environmentStrength: 1.5, environmentRotationDeg: -90, firstFrame: 1, lastFrame: 2,
      framesPerSecond: 24, pricePerRay: Microcredits(price), capPerTile: Microcredits(cap),
      submitter: submitter.publicKey, nonce: digest(3))
  }

  init(price: Int64 = 7, cap: Int64 = 50_000) { terms = TestFarm.terms(price: price, cap: cap) }
  init(terms: JobTerms) { self.terms = terms }

  @discardableResult
  mutating func add(_ body: LogEntry.Body) -> Int {
    timeMS += 100
    entries.append(LogEntry(timeMS: timeMS, body: body))
    return entries.count - 1
  }

  /// Deposit, job, reservation, epoch 1.
  mutating func open(deposit: Int64 = 10_000_000, reserve: Int64 = 2_000_000) {
    add(
      .transfer(
        .deposit(to: Self.submitter.publicKey, amount: Microcredits(deposit), reference: digest(4))))
    add(.job(terms))
    reservedAt = UInt64(add(.transfer(.reserve(terms, amount: Microcredits(reserve)))))
    add(.epochOpened(epoch: 1, secretDigest: Digest(of: Self.secret)))
  }

  func assignment(_ tile: UInt32, attempt: UInt32 = 0) -> Assignment {
    Assignment(
      job: terms.id, tile: TileIndex(tile), attempt: attempt, fence: UInt64(tile) + 1,
      worker: worker(tile).publicKey,
      deadlineMS: timeMS + 60_000, reservedAt: reservedAt)
  }
  func worker(_ tile: UInt32) -> SigningKey { Self.workers[Int(tile % 2)] }

  func commitment(_ assignment: Assignment, work: UInt64 = 5000) -> Commitment {
    let pixelCount = JobTiles(terms)?.pixelCount(of: assignment.tile) ?? 0
    return Commitment(
      assignment: assignment.digest, root: digest(5), pixelCount: UInt32(pixelCount), work: work,
      fragment: digest(6),
      deviceScene: digest(7), device: digest(8))
  }

  func verdict(_ commitment: Commitment, _ outcome: Verdict.Outcome) -> Verdict {
    Verdict(
      commitment: commitment.digest, epoch: 1, workProbes: 32, observed: digest(9), work: 300,
      verifier: Self.verifier.publicKey, outcome: outcome)
  }

  /// One attempt from commitment to pay and fees, or to void. The hold's transfer.
  @discardableResult
  mutating func render(
    _ tile: UInt32, attempt: UInt32 = 0, work: UInt64 = 2000, _ outcome: Verdict.Outcome = .equal
  ) -> Transfer? {
    let assignment = assignment(tile, attempt: attempt)
    let commitment = commitment(assignment, work: work)
    add(.commitment(assignment, Signed(commitment, by: worker(tile))))
    let hold = Transfer.hold(terms, assignment, work: work)
    if let hold { add(.transfer(hold)) }
    add(.verdict(Signed(verdict(commitment, outcome), by: Self.verifier)))
    guard let hold else { return nil }
    guard outcome == .equal else {
      add(.transfer(.void(hold)))
      return hold
    }
    add(.transfer(.pay(hold)))
    let fees: [Transfer?] = [.verifierFee(hold, verifier: Self.verifier.publicKey), .coordinatorFee(hold)]
    for fee in fees { if let fee { add(.transfer(fee)) } }
    return hold
  }

  /// A whole job: 24 tiles, one of them wrong at first, pay released after a day, the rest refunded.
  static func whole() -> TestFarm {
    var farm = TestFarm()
    farm.open()
    farm.render(5, .mismatch)
    var holds: [Transfer] = []
    for tile in 0..<24 as Range<UInt32> {
      let work = tile == 7 ? 9000 : 2000 + UInt64(tile)
      if let hold = farm.render(tile, attempt: tile == 5 ? 1 : 0, work: work) { holds.append(hold) }
    }
    farm.add(.epochClosed(epoch: 1, secret: secret))
    farm.timeMS += 86_400_000
    for hold in holds { farm.add(.transfer(.release(hold))) }
    var ledger = Ledger()
    for case .transfer(let transfer) in farm.entries.map(\.body) { _ = ledger.post(transfer) }
    farm.add(.transfer(.refund(farm.terms, amount: ledger.balance(of: .escrow(farm.terms.id)))))
    return farm
  }
}
