import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Terminal
import Transport

/// `render account`: who the caller is, and what it has.
let accountCommand = Command(
  "account", "Shows your account's key and balances.", flags: FarmFlags.access + [.toggle("--json", "as JSON")]
) { arguments in
  let statement = try await FarmAccess(arguments).client.account()
  if arguments.has("--json") {
    try printJSON(statement)
    return .done
  }
  Console.output.line("account \(statement.key)")
  for (account, amount) in statement.balances.sorted(by: { $0.key < $1.key }) {
    Console.output.line("  \(kind(account))  \(credits(amount.value))")
  }
  if statement.balances.isEmpty { Console.output.line("  nothing yet; the farm's operator can deposit") }
  return .done
}

enum StatementFormat: String, CaseIterable { case text, json, beancount }

/// `render statement`: every movement of the caller's money.
let statementCommand = Command(
  "statement", "Lists every movement of your money.",
  flags: [.value("--format", "F", "text, json or beancount", default: "text")] + FarmFlags.access
) { arguments in
  let statement = try await FarmAccess(arguments).client.account()
  switch try arguments.choice("--format", default: StatementFormat.text) {
  case .json: try printJSON(statement)
  case .beancount: Console.output.write(BeancountExport.text(statement))
  case .text:
    Console.output.line("account \(statement.key)")
    for line in statement.lines {
      let way = "\(kind(line.debit)) -> \(kind(line.credit))"
      Console.output.line("  #\(line.logIndex)  \(credits(line.amount.value))  \(line.state)  \(way)  \(line.cause)")
    }
    for (account, amount) in statement.balances.sorted(by: { $0.key < $1.key }) {
      Console.output.line("  balance of \(kind(account)): \(credits(amount.value))")
    }
  }
  return .done
}

/// `render ledger verify`: checks the public log without trusting the coordinator.
let ledgerVerifyCommand = Command(
  "ledger verify", "Checks a farm's public log: signatures, tree, every payment, every balance.",
  positionals: [Positional("URL|DIR", "a farm, or a folder with its log")],
  flags: [.toggle("--json", "as JSON")]
) { arguments in
  let place = arguments.positionals[0]
  let log: LogDirectory
  if place.hasPrefix("http://") || place.hasPrefix("https://") {
    log = try await LogDirectory.read(from: HTTPLogStorage(client: FarmClient(url: place, key: .random())))
  } else {
    log = try LogDirectory.read(from: FolderLogStorage(folder: URL(fileURLWithPath: place)))
  }
  return .done
}

/// "submitter" of "submitter:0a1b...": whose it is goes without saying in one's own statement.
private func kind(_ account: String) -> String {
  let parts = account.split(separator: ":")
  return parts.count == 2 ? "\(parts[0]) \(parts[1].prefix(8))" : account
}
