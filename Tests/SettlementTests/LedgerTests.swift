import Cryptography
import Settlement
import TestSupport
import Testing

@Suite struct LedgerTests {
  let alice = AccountID.submitter(signingKey(1).publicKey)
  let bob = AccountID.payable(signingKey(2).publicKey)

  func transfer(
    _ n: Int, _ debit: AccountID, _ credit: AccountID, _ amount: Int64, _ kind: Transfer.Kind = .immediate
  ) -> Transfer {
    Transfer(
      id: digest(n), debit: debit, credit: credit, amount: Microcredits(amount), kind: kind,
      cause: .deposit(reference: digest(n)))
  }

  @Test func `each refusal is given in its order and changes nothing`() {
    var ledger = Ledger()
    #expect(ledger.post(transfer(1, .custody, alice, 100)) == .posted)
    #expect(ledger.post(transfer(2, alice, bob, 60, .pending)) == .posted)
    #expect(ledger.post(transfer(3, alice, bob, 10, .pending)) == .posted)
    #expect(ledger.post(transfer(4, alice, bob, 10, .void(pending: digest(3)))) == .posted)
    let refused: [(PostResult, Transfer)] = [
      (.exists, transfer(1, .custody, alice, 100)),
      (.existsWithDifferentBody, transfer(1, .custody, alice, -1)),
      (.amountNotPositive, transfer(9, alice, alice, 0)),
      (.accountsEqual, transfer(9, alice, alice, 1000)),
      (.debitBalanceTooLow, transfer(9, alice, bob, 41)),
      (.debitBalanceTooLow, transfer(9, alice, .custody, 41, .pending)),
      (.pendingNotFound, transfer(9, alice, bob, 1, .post(pending: digest(99)))),
      (.pendingNotFound, transfer(9, alice, bob, 1, .post(pending: digest(1)))),
      (.pendingAlreadyResolved, transfer(9, alice, bob, 99, .post(pending: digest(3)))),
      (.amountExceedsPending, transfer(9, bob, alice, 61, .post(pending: digest(2)))),
      (.amountExceedsPending, transfer(9, bob, alice, 61, .void(pending: digest(2)))),
      (.amountBelowPending, transfer(9, bob, alice, 59, .void(pending: digest(2)))),
      (.accountsDiffer, transfer(9, bob, alice, 60, .post(pending: digest(2)))),
      (.overflow, transfer(9, .custody, bob, Int64.max - 99)),
    ]
    let before = ledger
    for (result, transfer) in refused {
      #expect(ledger.result(of: transfer) == result)
      #expect(ledger.post(transfer) == result)
      #expect(ledger == before)
    }
    #expect(Set(refused.map(\.0)).union([.posted]) == Set(PostResult.allCases))
  }

  @Test func `pending money counts against the limit until it is posted or void`() {
    var ledger = Ledger()
    #expect(ledger.post(transfer(1, .custody, alice, 100)) == .posted)
    #expect(ledger.post(transfer(2, alice, bob, 70, .pending)) == .posted)
    #expect(ledger.available(of: alice).value == 30)
    #expect(ledger.balance(of: alice).value == 100)
    #expect(ledger.pending(of: bob).credits.value == 70)
    #expect(ledger.post(transfer(3, alice, bob, 50, .post(pending: digest(2)))) == .posted)
    #expect(ledger.available(of: alice).value == 50)
    #expect(ledger.balance(of: bob).value == 50)
    #expect(ledger.pending(of: alice).debits == .zero)
    ledger.checkInvariants()
  }

  @Test func `all money together may be the largest amount there is`() {
    var ledger = Ledger()
    #expect(ledger.post(transfer(1, .custody, alice, .max - 1)) == .posted)
    #expect(ledger.post(transfer(2, .custody, bob, 1, .pending)) == .posted)
    #expect(ledger.post(transfer(3, .custody, alice, 1)) == .overflow)
    #expect(ledger.post(transfer(4, alice, bob, .max - 1)) == .posted)
    #expect(ledger.post(transfer(5, .custody, bob, 1, .post(pending: digest(2)))) == .posted)
    #expect(ledger.balance(of: bob).value == .max)
    ledger.checkInvariants()
  }

  static let accounts: [AccountID] =
    [.custody, .fee]
    + (1...2).flatMap { n -> [AccountID] in
      let key = signingKey(UInt8(n)).publicKey
      return [.submitter(key), .holdback(key), .payable(key), .escrow(JobID(digest(n)))]
    }

  /// Transfers that are right often enough to move money and wrong often enough to reach every refusal.
  static func randomTransfer(_ n: Int, _ recent: [Transfer], _ random: inout Seeded) -> Transfer {
    func account() -> AccountID {
      Int.random(in: 0..<3, using: &random) == 0
        ? .custody : accounts[Int.random(in: 0..<accounts.count, using: &random)]
    }
    func amount() -> Int64 {
      switch Int.random(in: 0..<40, using: &random) {
      case 0: return 0
      case 1: return -Int64.random(in: 1...Int64.max, using: &random)
      case 2: return Int64.random(in: 1...Int64.max, using: &random)
      default: return Int64.random(in: 1...1000, using: &random)
      }
    }
    let old = recent.randomElement(using: &random)
    let (debit, credit, value) = (account(), account(), amount())
    let make = { (id: Digest, debit: AccountID, credit: AccountID, value: Int64, kind: Transfer.Kind) in
      Transfer(
        id: id, debit: debit, credit: credit, amount: Microcredits(value), kind: kind,
        cause: .deposit(reference: id))
    }
    let id = digest(n)
    switch (Int.random(in: 0..<10, using: &random), old) {
    case (0, let old?):
      return Bool.random(using: &random) ? old : make(old.id, debit, credit, value, old.kind)
    case (1...2, let old?): return make(id, old.debit, old.credit, old.amount.value, .post(pending: old.id))
    case (3, let old?): return make(id, old.debit, old.credit, old.amount.value, .void(pending: old.id))
    case (4, let old?): return make(id, old.debit, old.credit, value, .post(pending: old.id))
    case (5, let old?):
      let kind: Transfer.Kind = Bool.random(using: &random) ? .void(pending: old.id) : .post(pending: old.id)
      return make(id, debit, credit, value, kind)
    case (6...7, _): return make(id, debit, credit, value, .immediate)
    default: return make(id, debit, credit, value, .pending)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `fifty thousand random transfers come out as the model predicts`(seed: UInt64) {
    var random = Seeded(seed: seed)
    var (ledger, model) = (Ledger(), LedgerModel())
    var recent: [Transfer] = []
    var posted: [Transfer] = []
    var results: [PostResult: Int] = [:]
    for n in 0..<50_000 {
      let transfer = Self.randomTransfer(n, recent, &random)
      let (result, predicted) = (ledger.post(transfer), model.post(transfer))
      guard result == predicted else {
        Issue.record("seed \(seed), transfer \(n): \(result), predicted \(predicted): \(transfer)")
        return
      }
      results[result, default: 0] += 1
      if result == .posted { posted.append(transfer) }
      recent.append(transfer)
      if recent.count > 24 { recent.remove(at: Int.random(in: 0..<24, using: &random)) }
      if n.isMultiple(of: 5000) { #expect(model.agrees(with: ledger), "seed \(seed), after transfer \(n)") }
    }
    ledger.checkInvariants()
    #expect(model.agrees(with: ledger), "seed \(seed)")
    #expect(Set(results.keys) == Set(PostResult.allCases), "seed \(seed): \(results)")
    var replayed = Ledger()
    for transfer in posted { #expect(replayed.post(transfer) == .posted) }
    #expect(replayed == ledger, "seed \(seed)")
    for transfer in posted.suffix(100) { #expect(replayed.post(transfer) == .exists) }
    #expect(replayed == ledger, "seed \(seed)")
  }

  @Test func `every sequence of five of eleven transfers comes out as the model predicts`() {
    let alphabet = [
      transfer(1, .custody, alice, 2), transfer(1, .custody, alice, 3), transfer(2, alice, bob, 1),
      transfer(3, alice, bob, 2, .pending), transfer(4, alice, bob, 2, .post(pending: digest(3))),
      transfer(5, alice, bob, 1, .post(pending: digest(3))),
      transfer(6, alice, bob, 2, .void(pending: digest(3))),
      transfer(7, bob, .custody, 1), transfer(8, .custody, bob, .max - 2, .pending),
      transfer(9, bob, alice, 1, .void(pending: digest(3))), transfer(10, bob, bob, 1),
    ]
    var sequences = 0
    func extend(_ ledger: Ledger, _ model: LedgerModel, _ depth: Int) -> Bool {
      guard depth < 5 else {
        sequences += 1
        ledger.checkInvariants()
        return model.agrees(with: ledger)
      }
      return alphabet.allSatisfy { transfer in
        var (nextLedger, nextModel) = (ledger, model)
        return nextLedger.post(transfer) == nextModel.post(transfer)
          && extend(nextLedger, nextModel, depth + 1)
      }
    }
    #expect(extend(Ledger(), LedgerModel(), 0))
    #expect(sequences == 161_051)
  }
}
