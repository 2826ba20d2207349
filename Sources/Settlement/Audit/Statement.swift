import Cryptography

/// The movements and balances of one key's accounts (its escrows included), or of all accounts, out of the
/// log alone. Transfers that the ledger refuses are left out; `LogAuditor` is who reports them.
public struct Statement: Sendable {
  /// One movement.
  public struct Line: Hashable, Sendable {
    /// Index of the entry in the log.
    public let logIndex: UInt64
    /// The entry's time, milliseconds since 1970.
    public let timeMS: UInt64
    /// The entry's leaf hash: what a proof of inclusion is about.
    public let leafHash: Digest
    /// What moved.
    public let transfer: Transfer
    /// What of a pending transfer became free again by this one.
    public let freed: Microcredits

    /// `posted`, `pending` or `void`.
    public var state: String {
      switch transfer.kind {
      case .immediate, .post: "posted"
      case .pending: "pending"
      case .void: "void"
      }
    }
  }

  /// What an account has in the end.
  public struct Closing: Hashable, Sendable {
    /// The account.
    public let account: AccountID
    /// Posted credits less posted debits.
    public let balance: Microcredits
    /// Pending against it.
    public let pendingDebits: Microcredits
    /// Pending towards it.
    public let pendingCredits: Microcredits
  }

  /// Whose; nil for all accounts.
  public let key: PublicKey?
  /// The movements in the order of the log.
  public let lines: [Line]
  /// The accounts in ascending order.
  public let closings: [Closing]
  /// Time of the log's last entry, milliseconds since 1970.
  public let timeMS: UInt64

  /// Replays a log for `key`, or for everybody.
  public init(of entries: some Sequence<LogEntry>, for key: PublicKey? = nil) {
    var ledger = Ledger()
    var submitters: [JobID: PublicKey] = [:]
    var held: [Digest: Microcredits] = [:]
    var lines: [Line] = []
    var timeMS: UInt64 = 0
    let isOwn = { (account: AccountID, submitters: [JobID: PublicKey]) in
      guard let key else { return true }
      if case .escrow(let job) = account { return submitters[job] == key }
      return account.key == key
    }
    for (index, entry) in entries.enumerated() {
      timeMS = max(timeMS, entry.timeMS)
      if case .job(let terms) = entry.body { submitters[terms.id] = terms.submitter }
      guard case .transfer(let transfer) = entry.body, ledger.post(transfer) == .posted else { continue }
      let freed = Statement.freed(by: transfer, &held)
      guard isOwn(transfer.debit, submitters) || isOwn(transfer.credit, submitters) else { continue }
      lines.append(
        Line(
          logIndex: UInt64(index), timeMS: entry.timeMS, leafHash: entry.leafHash, transfer: transfer,
          freed: freed))
    }
    self.key = key
    self.lines = lines
    self.timeMS = timeMS
    closings = ledger.accounts.filter { isOwn($0, submitters) }.map {
      let pending = ledger.pending(of: $0)
      return Closing(
        account: $0, balance: ledger.balance(of: $0), pendingDebits: pending.debits,
        pendingCredits: pending.credits)
    }
  }

  private static func freed(by transfer: Transfer, _ held: inout [Digest: Microcredits]) -> Microcredits {
    switch transfer.kind {
    case .immediate: return .zero
    case .pending:
      held[transfer.id] = transfer.amount
      return .zero
    case .post(let id): return (held[id] ?? transfer.amount) - transfer.amount
    case .void: return transfer.amount
    }
  }
}

extension Statement {
  /// For people: a line a movement, then the balances, amounts in credits.
  public var text: String {
    var out =
      "Statement of \(key.map { "key \($0)" } ?? "all accounts"), \(lines.count) movements, in credits\n"
    for line in lines {
      let at = UTCTime(timeMS: line.timeMS)
      let t = line.transfer
      out += "\(at.date) \(at.time)  #\(line.logIndex)  \(line.state)  \(t.amount.credits)  "
      out += "\(t.debit.short) -> \(t.credit.short)  \(t.cause)\n"
    }
    out += "Balances after \(UTCTime(timeMS: timeMS).date)\n"
    for closing in closings {
      out += "  \(closing.account.short)  \(closing.balance.credits)"
      if closing.pendingDebits > .zero { out += "  pending out \(closing.pendingDebits.credits)" }
      if closing.pendingCredits > .zero { out += "  pending in \(closing.pendingCredits.credits)" }
      out += "\n"
    }
    return out
  }

  /// For programs: one JSON object a line, first the movements, then the accounts; amounts in microcredits.
  public var jsonLines: String {
    // Every string in it is made here of letters, digits and plain punctuation: nothing needs escaping.
    let movements = lines.map { line in
      let t = line.transfer
      return "{\"logIndex\":\(line.logIndex),\"timeMS\":\(line.timeMS),\"leaf\":\"\(line.leafHash)\","
        + "\"state\":\"\(line.state)\",\"debit\":\"\(t.debit)\",\"credit\":\"\(t.credit)\","
        + "\"amount\":\(t.amount.value),\"cause\":\"\(t.cause)\"}\n"
    }
    let accounts = closings.map {
      "{\"account\":\"\($0.account)\",\"balance\":\($0.balance.value),"
        + "\"pendingDebits\":\($0.pendingDebits.value),\"pendingCredits\":\($0.pendingCredits.value)}\n"
    }
    return (movements + accounts).joined()
  }
}
