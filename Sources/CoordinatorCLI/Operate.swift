import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Terminal

/// What an operator does to a farm, running or not.
enum Operate {
  private static let data = Flag.value("--data", "DIR", "the farm's data folder")

  static let deposit = Command(
    "deposit", "credits a submitter's account",
    positionals: [
      Positional("ACCOUNT", "public key, 64 hex digits"),
      Positional("AMOUNT", "credits, up to 6 decimals"),
    ],
    flags: [
      data,
      .value(
        "--reference", "DIGEST", "names the deposit: the same one twice credits once", default: "random"),
    ]
  ) { arguments in
    let account = try key(arguments.positionals[0])
    let amount = try credits(arguments.positionals[1])
    var reference = Digest(of: randomBytes(count: 32))
    if let text = arguments.string("--reference") {
      guard let given = Digest(hex: text) else {
        throw CommandFailure.usage("--reference \(text): expected 64 hex digits")
      }
      reference = given
    }
    let statement = try await operation(arguments).deposit(
      DepositRequest(account: account, amount: amount, reference: reference))
    let balance = statement.balances["\(AccountID.submitter(account))"] ?? .zero
    Console.output.line("\(account.short) has \(balance.credits) credits")
    return .done
  }

  static let ban = Command(
    "ban", "gives a worker's key no more work", positionals: [Positional("KEY", "public key, 64 hex digits")],
    flags: [data]
  ) { arguments in
    let worker = try key(arguments.positionals[0])
    try await operation(arguments).ban(worker)
    Console.output.line("\(worker.short) is banned")
    return .done
  }

  static let audit = Command(
    "audit", "recomputes the books from the log and compares", flags: [data]
  ) { arguments in
    let (report, differences) = try operation(arguments).audit()
    Console.output.line(
      "\(report.entries) entries, \(counted(report.jobs, "job")), "
        + "\(counted(report.tilesVerified, "tile")) verified, "
        + "\(report.tilesPaid) paid, \(report.tilesRefuted) refuted, \(report.tilesUnsettled) unsettled")
    for finding in report.findings { Console.output.line("entry \(finding.logIndex): \(finding.reason)") }
    for difference in differences { Console.output.line(difference) }
    guard report.findings.isEmpty, differences.isEmpty else { return .failed }
    Console.output.line("the books balance")
    return .done
  }

  static let backup = Command(
    "backup", "copies the store into a new file, beside a running coordinator",
    positionals: [Positional("FILE", "where to; must not be there yet")], flags: [data]
  ) { arguments in
    let file = arguments.positionals[0]
    let report = try operation(arguments).backup(to: file)
    let jobs = counted(report.jobs, "job")
    Console.output.line("\(file): \(report.entries) entries, \(jobs), the books balance")
    return .done
  }

  private static func operation(_ arguments: Arguments) throws -> FarmOperation {
    guard let root = arguments.string("--data") else { throw CommandFailure.usage("--data DIR is missing") }
    return FarmOperation(root: root)
  }

  private static func key(_ text: String) throws -> PublicKey {
    guard let key = PublicKey(hex: text) else {
      throw CommandFailure.usage("\(text): expected a public key of 64 hex digits")
    }
    return key
  }

  private static func credits(_ text: String) throws -> Microcredits {
    guard let amount = Microcredits(credits: text), amount > .zero, amount.value <= Limits.amountMax else {
      throw CommandFailure.usage("\(text): expected credits such as 10 or 2.5")
    }
    return amount
  }
}
