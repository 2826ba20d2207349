/// Plain-text double entry that `bean-check` (Beancount 2 and 3) accepts and checks: a wrong movement breaks
/// a closing balance. What is pending sits in an account of its own, so that both columns always add up.
extension Statement {
  /// The statement as a Beancount file; `*` is posted or void, `!` pending, the link names the log entry.
  public var beancount: String {
    var opened: Set<String> = []
    var body = ""
    for line in lines {
      let postings = Statement.postings(line)
      let date = UTCTime(timeMS: line.timeMS).date
      for posting in postings where opened.insert(posting.account).inserted {
        body += "\(date) open \(posting.account) CREDIT\n"
      }
      body +=
        "\(date) \(line.state == "pending" ? "!" : "*") \"\(line.transfer.cause)\" ^seq-\(line.logIndex)\n"
      body += "  leaf: \"\(line.leafHash)\"\n"
      for posting in postings { body += "  \(posting.account)  \(posting.amount.credits) CREDIT\n" }
    }
    // A balance holds at the start of its day: the day after the last entry. Without a tolerance of its own
    // it would let one unit of the last decimal pass.
    let closingDate = UTCTime.date(day: Int(timeMS / 86_400_000) + 1)
    for (account, amount) in closingBalances where opened.contains(account) {
      body += "\(closingDate) balance \(account)  \(amount.credits) ~ 0 CREDIT\n"
    }
    return "option \"operating_currency\" \"CREDIT\"\n" + body
  }

  /// Debits are positive, credits negative, as Beancount has it.
  private static func postings(_ line: Line) -> [(account: String, amount: Microcredits)] {
    let t = line.transfer
    let (debit, credit) = (beancountName(t.debit), beancountName(t.credit))
    let pending = pendingName(t.credit)
    let minus = Microcredits.zero - t.amount
    switch t.kind {
    case .immediate: return [(debit, t.amount), (credit, minus)]
    case .pending: return [(debit, t.amount), (pending, minus)]
    case .post where line.freed == .zero: return [(pending, t.amount), (credit, minus)]
    case .post: return [(pending, t.amount + line.freed), (credit, minus), (debit, .zero - line.freed)]
    case .void: return [(pending, t.amount), (debit, minus)]
    }
  }

  private var closingBalances: [(account: String, amount: Microcredits)] {
    closings.flatMap { closing in
      [
        (Statement.beancountName(closing.account), closing.pendingDebits - closing.balance),
        (Statement.pendingName(closing.account), .zero - closing.pendingCredits),
      ]
    }
  }

  private static func beancountName(_ account: AccountID) -> String {
    switch account {
    case .custody: "Assets:Custody"
    case .submitter(let key): "Liabilities:Submitter:K\(key)"
    case .escrow(let job): "Liabilities:Escrow:J\(job)"
    case .holdback(let key): "Liabilities:Holdback:K\(key)"
    case .payable(let key): "Liabilities:Payable:K\(key)"
    case .fee: "Liabilities:Fee"
    }
  }

  /// Beside the account, not below it: a balance in Beancount counts what is below.
  private static func pendingName(_ account: AccountID) -> String {
    let name = beancountName(account)
    return name.prefix { $0 != ":" } + ":Pending" + name.drop { $0 != ":" }
  }
}
