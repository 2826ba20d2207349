import Cryptography

/// The farm's money rules: every transfer that may appear in its log, made here and nowhere else. The
/// coordinator appends these; an auditor makes them again from the same facts and compares.
extension Transfer {
  private init(
    _ rule: Rule, _ cause: Cause, from debit: AccountID, to credit: AccountID, _ amount: Microcredits,
    kind: Kind = .immediate
  ) {
    self.init(
      id: Transfer.id(cause, rule), debit: debit, credit: credit, amount: amount, kind: kind, cause: cause)
  }

  /// Money from outside becomes a submitter's: custody -> submitter.
  public static func deposit(to key: PublicKey, amount: Microcredits, reference: Digest) -> Transfer {
    Transfer(.deposit, .deposit(reference: reference), from: .custody, to: .submitter(key), amount)
  }

  /// An accepted job's budget is set aside: submitter -> escrow. At least one tile at its cap.
  /// A hold that the rest of it does not cover, with the fees on all open holds, is not allowed.
  public static func reserve(_ terms: JobTerms, amount: Microcredits) -> Transfer {
    let job = terms.id
    return Transfer(.reserve, .reserve(job), from: .submitter(terms.submitter), to: .escrow(job), amount)
  }

  /// A committed tile's pay, pending until it is verified: escrow -> holdback of the worker.
  /// Nil when the pay is nothing: such a tile moves no money.
  public static func hold(_ terms: JobTerms, _ assignment: Assignment, work: UInt64) -> Transfer? {
    let pay = Pricing.tilePay(
      work: work, terms: terms, samples: terms.sampleCount(of: assignment.tile))
    guard pay > .zero else { return nil }
    return Transfer(
      .hold, .tile(assignment.job, assignment.tile, attempt: assignment.attempt),
      from: .escrow(assignment.job),
      to: .holdback(assignment.worker), pay, kind: .pending)
  }

  /// Pays a hold in full, after an equal verdict.
  public static func pay(_ hold: Transfer) -> Transfer {
    Transfer(.pay, hold.cause, from: hold.debit, to: hold.credit, hold.amount, kind: .post(pending: hold.id))
  }

  /// Frees a hold, after a mismatch.
  public static func void(_ hold: Transfer) -> Transfer {
    Transfer(.void, hold.cause, from: hold.debit, to: hold.credit, hold.amount, kind: .void(pending: hold.id))
  }

  /// The verifier's fee on a paid hold: escrow -> payable of the verifier. Nil when it rounds to nothing.
  public static func verifierFee(_ hold: Transfer, verifier: PublicKey) -> Transfer? {
    fee(.verifierFee, hold, to: .payable(verifier), Pricing.verifierFee(hold.amount))
  }

  /// The coordinator's fee on a paid hold: escrow -> fee. Nil when it rounds to nothing.
  public static func coordinatorFee(_ hold: Transfer) -> Transfer? {
    fee(.coordinatorFee, hold, to: .fee, Pricing.coordinatorFee(hold.amount))
  }

  /// A paid hold is the worker's own: holdback -> payable.
  public static func release(_ hold: Transfer) -> Transfer {
    guard case .tile(let job, let tile, _) = hold.cause, case .holdback(let worker) = hold.credit else {
      preconditionFailure("\(hold.cause) to \(hold.credit) is no hold")
    }
    return Transfer(
      .release, .holdbackRelease(job, tile), from: hold.credit, to: .payable(worker), hold.amount)
  }

  /// What a job did not spend returns when it ends: escrow -> submitter.
  public static func refund(_ terms: JobTerms, amount: Microcredits) -> Transfer {
    let job = terms.id
    return Transfer(.refund, .refund(job), from: .escrow(job), to: .submitter(terms.submitter), amount)
  }

  private static func fee(
    _ rule: Rule, _ hold: Transfer, to credit: AccountID, _ amount: Microcredits
  ) -> Transfer? {
    guard case .tile(let job, let tile, let attempt) = hold.cause else {
      preconditionFailure("\(hold.cause) is no hold")
    }
    guard amount > .zero else { return nil }
    return Transfer(rule, .verification(job, tile, attempt: attempt), from: hold.debit, to: credit, amount)
  }
}
