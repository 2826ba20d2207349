import Cryptography
import FarmProtocol
import Settlement

/// Accounts: money in, statements.
extension FarmCoordinator {
  /// Movements in one statement, the newest; older ones are in the log.
  static let statementLinesMax = 20_000

  /// Operator: credits an account. Refuses what `validate` refuses, and `conflict` for a reference that names
  /// another deposit. The statement of the account.
  package func deposit(_ request: DepositRequest) async throws -> AccountStatement {
    try request.validate()
    try checkRunning()
    _ = try commit { try treasury.deposit(request, nowMS: nowMS, to: store) }
    wake()
    try await durable()
    return try statement(of: request.account)
  }

  /// A key's balances and movements.
  package func statement(of key: PublicKey) throws -> AccountStatement {
    try checkRunning()
    let ledger = treasury.ledger
    var balances: [String: Microcredits] = [:]
    var pending: [String: Microcredits] = [:]
    for account in treasury.books.accounts(of: key) {
      let balance = ledger.balance(of: account)
      if balance != .zero { balances["\(account)"] = balance }
      let held = ledger.pending(of: account)
      let open = held.credits + held.debits
      if open != .zero { pending["\(account)"] = open }
    }
    let indexes = (treasury.books.movements[key] ?? []).suffix(FarmCoordinator.statementLinesMax)
    return AccountStatement(
      key: key, balances: balances, pending: pending, lines: try indexes.map { try line(at: $0, ledger) })
  }

  private func line(at index: UInt64, _ ledger: Ledger) throws -> AccountStatement.Line {
    let entry = try store.entry(at: index)
    guard case .transfer(let transfer) = entry.body else {
      throw StoreDamage("log entry \(index) is no transfer")
    }
    return AccountStatement.Line(
      logIndex: index, timeMS: entry.timeMS, debit: "\(transfer.debit)", credit: "\(transfer.credit)",
      amount: transfer.amount, state: state(of: transfer, ledger), cause: "\(transfer.cause)")
  }

  private func state(of transfer: Transfer, _ ledger: Ledger) -> String {
    guard transfer.kind == .pending else { return "posted" }
    if ledger.contains(Transfer.id(transfer.cause, .pay)) { return "posted" }
    return ledger.contains(Transfer.id(transfer.cause, .void)) ? "void" : "pending"
  }
}
