import Cryptography

/// Transfers: each is made again from what is known by the money rules and must be equal.
extension LogAuditor {
  mutating func move(_ transfer: Transfer, timeMS: UInt64) throws(Finding.Reason) {
    switch transfer.cause {
    case .deposit(let reference):
      guard case .submitter(let key) = transfer.credit else { throw .kindNotAllowed }
      try post(transfer, as: .deposit(to: key, amount: transfer.amount, reference: reference))
    case .reserve(let id): try reserve(transfer, id)
    case .tile(let job, let tile, let attempt):
      try settle(transfer, AuditedTile.Key(job: job, tile: tile), attempt)
    case .verification(let job, let tile, let attempt):
      try payFee(transfer, AuditedTile.Key(job: job, tile: tile), attempt)
    case .holdbackRelease(let job, let tile):
      try release(transfer, AuditedTile.Key(job: job, tile: tile), timeMS: timeMS)
    case .refund(let id): try refund(transfer, id)
    }
  }

  private mutating func post(_ transfer: Transfer, as expected: Transfer) throws(Finding.Reason) {
    guard transfer.amount == expected.amount else {
      throw .amountWrong(expected: expected.amount, found: transfer.amount)
    }
    guard transfer == expected else { throw .transferWrong(expected: expected) }
    try post(transfer)
  }

  private mutating func reserve(_ transfer: Transfer, _ id: JobID) throws(Finding.Reason) {
    guard let job = jobs[id] else { throw .jobUnknown(id) }
    guard !job.hasEnded else { throw .jobEnded(id) }
    guard transfer.amount >= job.tileCostMax else {
      throw .reservationTooLow(job.tileCostMax, found: transfer.amount)
    }
    try post(transfer, as: .reserve(job.terms, amount: transfer.amount))
    jobs[id]?.reservedAt = entryCount
  }

  private mutating func settle(
    _ transfer: Transfer, _ key: AuditedTile.Key, _ attempt: UInt32
  ) throws(Finding.Reason) {
    guard jobs[key.job] != nil else { throw .jobUnknown(key.job) }
    guard let tile = tiles[key], tile.assignment.attempt == attempt, let hold = tile.hold else {
      throw .notCommitted(key.tile)
    }
    switch transfer.kind {
    case .immediate: throw .kindNotAllowed
    case .pending:
      guard case .committed = tile.stage else { throw .notCommitted(key.tile) }
      let cost = hold.amount + Pricing.fees(hold.amount)
      let left = uncommitted(of: key.job)
      guard transfer != hold || cost <= left else { throw .holdUncovered(left, found: cost) }
      try post(transfer, as: hold)
      tiles[key]?.stage = .held
      jobs[key.job]?.feesOpen += Pricing.fees(hold.amount)
    case .post:
      if case .paid = tile.stage { throw .paidTwice(key.tile) }
      guard case .verified = tile.stage else { throw .notVerified(key.tile) }
      try post(transfer, as: .pay(hold))
      tiles[key]?.stage = .paid
      jobs[key.job]?.unsettledCount -= 1
      let feesDueCount = feesDueCount(tile, hold)
      jobs[key.job]?.feesDueCount += feesDueCount
      counts.paid += 1
    case .void:
      guard case .refuted = tile.stage else { throw .notRefuted(key.tile) }
      try post(transfer, as: .void(hold))
      tiles[key]?.stage = .voided
      jobs[key.job]?.unsettledCount -= 1
      closeFees(Pricing.fees(hold.amount), of: key.job)
    }
  }

  private mutating func payFee(
    _ transfer: Transfer, _ key: AuditedTile.Key, _ attempt: UInt32
  ) throws(Finding.Reason) {
    let (tile, hold) = try paidTile(key)
    guard let verifier = tile.verifier, tile.assignment.attempt == attempt else { throw .feeNotDue(key.tile) }
    let fee = transfer.credit == .fee ? Transfer.coordinatorFee(hold) : .verifierFee(hold, verifier: verifier)
    guard let fee else { throw .feeNotDue(key.tile) }
    try post(transfer, as: fee)
    jobs[key.job]?.feesDueCount -= 1
    closeFees(fee.amount, of: key.job)
  }

  private mutating func closeFees(_ amount: Microcredits, of job: JobID) {
    let open = jobs[job]?.feesOpen ?? .zero
    jobs[job]?.feesOpen = open - amount
  }

  private func feesDueCount(_ tile: AuditedTile, _ hold: Transfer) -> Int {
    let fees = [Transfer.coordinatorFee(hold), tile.verifier.flatMap { .verifierFee(hold, verifier: $0) }]
    return fees.count { $0 != nil }
  }

  private mutating func release(
    _ transfer: Transfer, _ key: AuditedTile.Key, timeMS: UInt64
  ) throws(Finding.Reason) {
    let (tile, hold) = try paidTile(key)
    let later = (verifiedByWorker[tile.assignment.worker] ?? 0) - tile.ordinal
    guard later >= rules.holdbackTiles || timeMS - tile.verdictMS >= rules.holdbackMS else {
      throw .releaseTooEarly(key.tile)
    }
    try post(transfer, as: .release(hold))
  }

  private mutating func refund(_ transfer: Transfer, _ id: JobID) throws(Finding.Reason) {
    guard let job = jobs[id] else { throw .jobUnknown(id) }
    guard !job.hasEnded else { throw .jobEnded(id) }
    guard job.unsettledCount == 0 else { throw .tilesUnsettled(job.unsettledCount) }
    guard job.feesDueCount == 0 else { throw .feesUnpaid(job.feesDueCount) }
    try post(transfer, as: .refund(job.terms, amount: ledger.balance(of: .escrow(id))))
    jobs[id]?.hasEnded = true
  }

  private func paidTile(_ key: AuditedTile.Key) throws(Finding.Reason) -> (AuditedTile, hold: Transfer) {
    guard let tile = tiles[key], case .paid = tile.stage, let hold = tile.hold else {
      throw .notPaid(key.tile)
    }
    return (tile, hold)
  }
}
