import Cryptography
import FarmProtocol
import Foundation
import Terminal
import Transport

/// `render token create`: a secret with which programs that cannot sign may ask in the account's stead.
let tokenCreateCommand = Command(
  "token create", "Makes a bearer token for curl and scripts, and prints it once.",
  flags: [
    .value("--scope", "S", "read, or submit, which uploads, submits and cancels too", default: "read"),
    .value("--name", "N", "what it is for, for people", default: "unnamed"),
    .value("--days", "N", "how long it holds, at most 366", default: "30"),
  ] + FarmFlags.access
) { arguments in
  let scope = try arguments.choice("--scope", default: TokenScope.read)
  let days: UInt64 = try arguments.integer("--days", in: 1...366, default: 30)
  let secret = TokenSecret.random()
  guard let hash = TokenSecret.hash(of: secret) else { preconditionFailure("a new secret is no token") }
  let expires = Date(timeIntervalSinceNow: Double(days) * 86_400)
  let access = try FarmAccess(arguments)
  _ = try await access.client.createToken(
    TokenRequest(
      hash: hash, name: arguments.string("--name") ?? "unnamed", scope: scope,
      // A second early: the farm's clock may be behind.
      expiresMS: UInt64(expires.timeIntervalSince1970 * 1000) - 1_000))
  Console.output.line(secret)
  Console.notes.line(
    "whoever has it may \(scope == .read ? "read" : "read and submit") as you until "
      + "\(expires.formatted(.iso8601)); it is shown only now: curl -H \"Authorization: Bearer TOKEN\" "
      + "\(access.client.url)\(Routes.jobs)")
  return .done
}

/// `render token list`.
let tokenListCommand = Command(
  "token list", "Lists your bearer tokens, without their secrets.",
  flags: FarmFlags.access + [.toggle("--json", "as JSON")]
) { arguments in
  let list = try await FarmAccess(arguments).client.tokens()
  if arguments.has("--json") {
    try printJSON(list)
    return .done
  }
  for token in list.tokens {
    let expires = Date(timeIntervalSince1970: Double(token.expiresMS) / 1000).formatted(.iso8601)
    Console.output.line("\(token.hash.short)  \(token.scope.rawValue)  until \(expires)  \(token.name)")
  }
  if list.tokens.isEmpty { Console.notes.line("no tokens; 'render token create' makes one") }
  return .done
}

/// `render token revoke TOKEN`.
let tokenRevokeCommand = Command(
  "token revoke", "Ends a bearer token at once.",
  positionals: [Positional("TOKEN", "the first digits that 'token list' shows, its name, or its secret")],
  flags: FarmFlags.access
) { arguments in
  let client = try FarmAccess(arguments).client
  let text = arguments.positionals[0]
  let secret = TokenSecret.hash(of: text)
  let matches = try await client.tokens().tokens.filter {
    $0.hash == secret || $0.hash.hex.hasPrefix(text.lowercased()) || $0.name == text
  }
  guard let token = matches.first, matches.count == 1 else {
    throw CommandFailure.usage(
      "that names \(matches.count) of your tokens", remedy: "see 'render token list'")
  }
  _ = try await client.revokeToken(token.hash)
  Console.output.line("\(token.hash.short) (\(token.name)) is ended")
  return .done
}
