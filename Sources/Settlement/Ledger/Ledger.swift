import Cryptography

/// Double-entry accounts as a pure machine: transfers in, results and balances out. The same transfers always
/// give the same ledger. After every entry: balances sum to zero, pending debits equal pending credits, and
/// no liability is negative even if everything pending against it were posted. (The shape is TigerBeetle's.)
public struct Ledger: Sendable, Equatable {
  private struct Account: Hashable {
    var balance: Int64 = 0
    var pendingDebits: Int64 = 0
    var pendingCredits: Int64 = 0
  }

  private enum State: Hashable { case final, open, resolved }

  private struct Entry: Hashable {
    let body: Digest
    var state: State
  }

  private var accountsByID: [AccountID: Account] = [:]
  private var entries: [Digest: Entry] = [:]
  private var open: [Digest: Transfer] = [:]
  private var liabilities: Int64 = 0
  private var pendingDebits: Int64 = 0
  private var pendingCredits: Int64 = 0

  /// No accounts, no money.
  public init() {}

  /// Every account that money ever moved through, ascending.
  public var accounts: [AccountID] { accountsByID.keys.sorted() }
  /// How many transfers were posted.
  public var transferCount: Int { entries.count }

  /// Posted credits less posted debits: what the farm owes; negative for custody only, whose contra it is.
  public func balance(of account: AccountID) -> Microcredits { Microcredits(self[account].balance) }

  /// What is pending against and towards an account.
  public func pending(of account: AccountID) -> (debits: Microcredits, credits: Microcredits) {
    (Microcredits(self[account].pendingDebits), Microcredits(self[account].pendingCredits))
  }

  /// What may be debited now: the balance less what is pending against it.
  public func available(of account: AccountID) -> Microcredits {
    Microcredits(self[account].balance - self[account].pendingDebits)
  }

  /// Whether a transfer of that name was posted.
  public func contains(_ id: Digest) -> Bool { entries[id] != nil }

  /// What `post` would give.
  public func result(of t: Transfer) -> PostResult { refusal(of: t, body: t.digest) ?? .posted }

  /// Applies a transfer, or says in `PostResult`'s order why not.
  public mutating func post(_ t: Transfer) -> PostResult {
    let body = t.digest
    if let refusal = refusal(of: t, body: body) { return refusal }
    apply(t)
    entries[t.id] = Entry(body: body, state: t.kind == .pending ? .open : .final)
    assertInvariants(after: t)
    return .posted
  }

  /// Recomputes every sum from the accounts and the open transfers. Traps when the ledger is not in balance.
  public func checkInvariants() {
    var sums = Account()
    var held: [AccountID: Account] = [:]
    for transfer in open.values {
      held[transfer.debit, default: Account()].pendingDebits += transfer.amount.value
      held[transfer.credit, default: Account()].pendingCredits += transfer.amount.value
    }
    for (id, account) in accountsByID {
      sums.balance += account.balance
      sums.pendingDebits += account.pendingDebits
      sums.pendingCredits += account.pendingCredits
      let open = held[id] ?? Account()
      precondition(
        account.pendingDebits == open.pendingDebits, "\(id): pending debits are not its transfers'")
      precondition(
        account.pendingCredits == open.pendingCredits, "\(id): pending credits are not its transfers'")
      check(id, account)
    }
    precondition(sums.balance == 0, "balances sum to \(sums.balance)")
    precondition(
      sums.pendingDebits == sums.pendingCredits, "pending \(sums.pendingDebits) and \(sums.pendingCredits)")
    let custody = self[.custody].balance
    precondition(liabilities == -custody, "custody \(-custody) and liabilities \(liabilities)")
  }
}

extension Ledger {
  private subscript(id: AccountID) -> Account { accountsByID[id] ?? Account() }

  private func refusal(of t: Transfer, body: Digest) -> PostResult? {
    if let known = entries[t.id] { return known.body == body ? .exists : .existsWithDifferentBody }
    if t.amount <= .zero { return .amountNotPositive }
    if t.debit == t.credit { return .accountsEqual }
    switch t.kind {
    case .immediate, .pending: return refusalOfNew(t)
    case .post(let pending): return refusalOfResolving(t, pending, partial: true)
    case .void(let pending): return refusalOfResolving(t, pending, partial: false)
    }
  }

  private func refusalOfNew(_ t: Transfer) -> PostResult? {
    if t.debit != .custody { return available(of: t.debit) < t.amount ? .debitBalanceTooLow : nil }
    // Everything that custody gave or may have to give. It bounds each balance with all that is pending
    // towards it, so nothing else can overflow.
    let exposure = self[.custody].pendingDebits - self[.custody].balance
    return exposure.addingReportingOverflow(t.amount.value).overflow ? .overflow : nil
  }

  private func refusalOfResolving(_ t: Transfer, _ id: Digest, partial: Bool) -> PostResult? {
    guard let entry = entries[id], entry.state != .final else { return .pendingNotFound }
    guard let pending = open[id] else { return .pendingAlreadyResolved }
    if t.amount > pending.amount { return .amountExceedsPending }
    if t.amount < pending.amount && !partial { return .amountBelowPending }
    return t.debit == pending.debit && t.credit == pending.credit ? nil : .accountsDiffer
  }

  private mutating func apply(_ t: Transfer) {
    switch t.kind {
    case .immediate: move(t.amount, from: t.debit, to: t.credit)
    case .pending:
      hold(t.amount.value, from: t.debit, to: t.credit)
      open[t.id] = t
    case .post(let id), .void(let id):
      guard let pending = open.removeValue(forKey: id) else { preconditionFailure("\(id) is not pending") }
      entries[id]?.state = .resolved
      hold(-pending.amount.value, from: t.debit, to: t.credit)
      if case .post = t.kind { move(t.amount, from: t.debit, to: t.credit) }
    }
  }

  private mutating func move(_ amount: Microcredits, from debit: AccountID, to credit: AccountID) {
    accountsByID[debit, default: Account()].balance -= amount.value
    accountsByID[credit, default: Account()].balance += amount.value
    if debit != .custody { liabilities -= amount.value }
    if credit != .custody { liabilities += amount.value }
  }

  private mutating func hold(_ amount: Int64, from debit: AccountID, to credit: AccountID) {
    accountsByID[debit, default: Account()].pendingDebits += amount
    accountsByID[credit, default: Account()].pendingCredits += amount
    pendingDebits += amount
    pendingCredits += amount
  }

  private func assertInvariants(after t: Transfer) {
    precondition(
      self[.custody].balance == -liabilities, "custody \(self[.custody].balance), owed \(liabilities)")
    precondition(pendingDebits == pendingCredits, "pending \(pendingDebits) and \(pendingCredits)")
    check(t.debit, self[t.debit])
    check(t.credit, self[t.credit])
  }

  private func check(_ id: AccountID, _ account: Account) {
    precondition(
      account.pendingDebits >= 0 && account.pendingCredits >= 0, "\(id): less than nothing pending")
    guard id != .custody else { return precondition(account.balance <= 0, "custody is \(account.balance)") }
    precondition(
      account.balance >= account.pendingDebits, "\(id): \(account.balance), pending \(account.pendingDebits)")
  }
}
