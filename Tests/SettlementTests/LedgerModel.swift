import Cryptography
import Settlement

/// A second ledger, written another way: it keeps the four running totals of each account in wide integers
/// and tests every refusal by itself, then takes the first in the documented order.
struct LedgerModel {
  struct Totals: Hashable {
    var debits: Int128 = 0
    var credits: Int128 = 0
    var pendingDebits: Int128 = 0
    var pendingCredits: Int128 = 0
  }

  private(set) var totals: [AccountID: Totals] = [:]
  private var accepted: [Digest: Transfer] = [:]
  private var resolved: Set<Digest> = []

  mutating func post(_ t: Transfer) -> PostResult {
    let result = predict(t)
    guard result == .posted else { return result }
    accepted[t.id] = t
    let amount = Int128(t.amount.value)
    switch t.kind {
    case .immediate: settle(t, amount)
    case .pending: hold(t, amount)
    case .post(let id), .void(let id):
      resolved.insert(id)
      hold(t, -Int128(accepted[id]?.amount.value ?? 0))
      if case .post = t.kind { settle(t, amount) }
    }
    return .posted
  }

  private func predict(_ t: Transfer) -> PostResult {
    let refusals: [(PostResult, Bool)] = [
      (.exists, accepted[t.id] == t),
      (.existsWithDifferentBody, accepted[t.id] != nil),
      (.amountNotPositive, t.amount.value < 1),
      (.accountsEqual, t.debit == t.credit),
      (.debitBalanceTooLow, isNew(t) && t.debit != .custody && free(t.debit) < Int128(t.amount.value)),
      (.pendingNotFound, !isNew(t) && pending(t) == nil),
      (.pendingAlreadyResolved, !isNew(t) && resolved.contains(named(t))),
      (.amountExceedsPending, pending(t).map { $0.amount < t.amount } ?? false),
      (.amountBelowPending, isVoid(t) && pending(t).map { $0.amount > t.amount } ?? false),
      (.accountsDiffer, pending(t).map { $0.debit != t.debit || $0.credit != t.credit } ?? false),
      (
        .overflow,
        isNew(t) && t.debit == .custody && Int128(t.amount.value) - free(.custody) > Int128(Int64.max)
      ),
    ]
    return refusals.first { $0.1 }?.0 ?? .posted
  }

  private func isNew(_ t: Transfer) -> Bool { t.kind == .immediate || t.kind == .pending }
  private func isVoid(_ t: Transfer) -> Bool { t.kind == .void(pending: named(t)) }
  private func named(_ t: Transfer) -> Digest {
    switch t.kind {
    case .immediate, .pending: .zero
    case .post(let id), .void(let id): id
    }
  }
  private func pending(_ t: Transfer) -> Transfer? {
    accepted[named(t)].flatMap { $0.kind == .pending ? $0 : nil }
  }
  private func free(_ account: AccountID) -> Int128 {
    let t = totals[account] ?? Totals()
    return t.credits - t.debits - t.pendingDebits
  }
  private mutating func settle(_ t: Transfer, _ amount: Int128) {
    totals[t.debit, default: Totals()].debits += amount
    totals[t.credit, default: Totals()].credits += amount
  }
  private mutating func hold(_ t: Transfer, _ amount: Int128) {
    totals[t.debit, default: Totals()].pendingDebits += amount
    totals[t.credit, default: Totals()].pendingCredits += amount
  }

  /// Whether a ledger has these totals, and the totals what double entry demands.
  func agrees(with ledger: Ledger) -> Bool {
    let sums = totals.values.reduce(into: Totals()) { sums, t in
      sums.debits += t.debits
      sums.credits += t.credits
      sums.pendingDebits += t.pendingDebits
      sums.pendingCredits += t.pendingCredits
    }
    guard sums.debits == sums.credits, sums.pendingDebits == sums.pendingCredits else { return false }
    guard ledger.accounts == totals.keys.sorted() else { return false }
    return totals.allSatisfy { id, t in
      let pending = ledger.pending(of: id)
      return Int128(ledger.balance(of: id).value) == t.credits - t.debits
        && Int128(pending.debits.value) == t.pendingDebits
        && Int128(pending.credits.value) == t.pendingCredits
        && (id == .custody || free(id) >= 0)
    }
  }
}
