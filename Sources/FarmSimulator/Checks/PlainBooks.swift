import Cryptography
import Settlement

/// Accounts kept a second time, in the plainest way, from the transfers alone.
struct PlainBooks {
  private var balances: [AccountID: Int64] = [:]
  private var held: [AccountID: Int64] = [:]
  private var open: [Digest: Transfer] = [:]

  /// What an account has.
  func balance(of account: AccountID) -> Int64 { balances[account] ?? 0 }

  /// Whether any job's money is still set aside.
  var hasEscrow: Bool {
    balances.contains { account, balance in
      if case .escrow = account { balance != 0 } else { false }
    }
  }

  /// Moves money. What is wrong with that; nil when nothing is.
  mutating func post(_ transfer: Transfer) -> String? {
    let amount = transfer.amount.value
    guard amount > 0 else { return "moves \(amount)" }
    switch transfer.kind {
    case .immediate: move(amount, transfer)
    case .pending:
      open[transfer.id] = transfer
      held[transfer.debit, default: 0] += amount
    case .post(let id), .void(let id):
      guard let pending = open.removeValue(forKey: id) else { return "settles what is not pending" }
      held[pending.debit, default: 0] -= pending.amount.value
      if case .post = transfer.kind { move(amount, transfer) }
    }
    for account in [transfer.debit, transfer.credit] where account != .custody {
      let left = balance(of: account) - (held[account] ?? 0)
      if left < 0 { return "\(account.short) is \(-left) short" }
    }
    let sum = balances.values.reduce(0, +)
    return sum == 0 ? nil : "the accounts sum to \(sum)"
  }

  private mutating func move(_ amount: Int64, _ transfer: Transfer) {
    balances[transfer.debit, default: 0] -= amount
    balances[transfer.credit, default: 0] += amount
  }
}
