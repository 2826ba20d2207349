import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Terminal
import Transport

/// `render account`: who the caller is, and what it has.
let accountCommand = Command(
  "account", "Shows your account's key and balances.",
  flags: FarmFlags.access + [.toggle("--json", "as JSON")]
) { arguments in
  let statement = try await FarmAccess(arguments).client.account()
  if arguments.has("--json") {
    try printJSON(statement)
    return .done
  }
  Console.output.line("account \(statement.key)")
  for (account, amount) in statement.balances.sorted(by: { $0.key < $1.key }) {
    Console.output.line("  \(account.prefix { $0 != ":" })  \(amount.credits) credits")
  }
  if statement.balances.isEmpty { Console.output.line("  nothing yet; the farm's operator can deposit") }
  return .done
}

enum StatementFormat: String, CaseIterable { case text, json, beancount }

/// `render statement`: every movement of the caller's money, recomputed from the public log.
let statementCommand = Command(
  "statement", "Lists every movement of your money, recomputed from the farm's public log.",
  flags: [.value("--format", "F", "text, json (a line each) or beancount", default: "text")]
    + FarmFlags.access
) { arguments in
  let format = try arguments.choice("--format", default: StatementFormat.text)
  let access = try FarmAccess(arguments)
  let contents = try await readLog(HTTPLogStorage(client: access.client))
  let statement = Statement(of: contents.entries, for: access.key.publicKey)
  switch format {
  case .text: Console.output.write(statement.text)
  case .json: Console.output.write(statement.jsonLines)
  case .beancount: Console.output.write(statement.beancount)
  }
  return .done
}

/// `render ledger verify`: checks the public log without trusting the coordinator.
let ledgerVerifyCommand = Command(
  "ledger verify", "Checks a farm's public log: signatures, tree, every payment, every balance.",
  positionals: [Positional("URL|DIR", "a farm, or a folder with its log")],
  flags: [.toggle("--json", "as JSON"), FarmFlags.authorityFile]
) { arguments in
  let place = arguments.positionals[0]
  let contents: (checkpoint: Checkpoint, entries: [LogEntry])
  if place.hasPrefix("http://") || place.hasPrefix("https://") {
    let client = try FarmClient(
      url: place, key: .random(), options: .init(authorityFile: arguments.string("--ca-file")))
    contents = try await readLog(HTTPLogStorage(client: client))
  } else {
    contents = try await readLog(DiskLogStorage(directory: place))
  }
  let report = LogAuditor.audit(contents.entries)
  if arguments.has("--json") {
    try printJSON(AuditSummary(report, contents.checkpoint))
  } else {
    tell(report, contents.checkpoint)
  }
  guard report.isClean else {
    throw CommandFailure(
      .failed, "\(report.findings.count) entries break a rule, the first: \(report.findings[0])",
      remedy: "keep this log and show it to others: it is signed", code: "log_invalid")
  }
  return .done
}

/// Entries of a log whose root is the signed checkpoint's; the key is the one the log announces.
private func readLog(_ storage: some LogStorage) async throws -> (checkpoint: Checkpoint, entries: [LogEntry])
{
  let key = try await LogDirectory.announcedKey(in: storage)
  let contents = try await LogDirectory(storage: storage, key: key).read()
  return (contents.checkpoint, contents.entries)
}

/// A farm's log over HTTP.
private struct HTTPLogStorage: LogStorage {
  let client: FarmClient

  func bytes(at path: String) async throws -> [UInt8]? { try await client.logFile(path) }
}

private struct AuditSummary: Encodable {
  let origin: String
  let entries: UInt64
  let root: Digest
  let jobs, tilesVerified, tilesPaid, tilesRefuted, tilesUnsettled: Int
  let work, probeWork: UInt64
  let findings: [String]

  init(_ report: AuditReport, _ checkpoint: Checkpoint) {
    origin = checkpoint.origin
    entries = report.entries
    root = checkpoint.root
    jobs = report.jobs
    tilesVerified = report.tilesVerified
    tilesPaid = report.tilesPaid
    tilesRefuted = report.tilesRefuted
    tilesUnsettled = report.tilesUnsettled
    work = report.work
    probeWork = report.probeWork
    findings = report.findings.map(\.description)
  }
}

private func tell(_ report: AuditReport, _ checkpoint: Checkpoint) {
  Console.output.line(
    "log \(checkpoint.origin): \(report.entries) entries, signed root \(checkpoint.root.short)")
  Console.output.line(
    "  \(counted(report.jobs, "job")), \(counted(report.tilesVerified, "tile")) verified, "
      + "\(report.tilesPaid) paid, "
      + "\(report.tilesRefuted) found wrong, \(report.tilesUnsettled) open")
  let share = report.work > 0 ? Double(report.probeWork) / Double(report.work) * 100 : 0
  Console.output.line(
    "  \(report.work) rays paid for, \(report.probeWork) traced to check them "
      + "(\((share * 100).rounded() / 100)%)")
  let verdict =
    report.isClean
    ? "every signature, payment and balance holds" : "\(report.findings.count) entries break a rule"
  Console.output.line("  \(verdict)")
}
