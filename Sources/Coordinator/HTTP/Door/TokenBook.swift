import Cryptography
import FarmProtocol

/// Bearer tokens by their hashes. Pure.
package struct TokenBook: Sendable {
  /// A token and whose it is.
  package struct Entry: Hashable, Sendable, Codable {
    package let owner: PublicKey
    package let token: TokenRequest
  }

  private var entries: [Digest: Entry] = [:]
  /// Grows with each change, so that of two copies the newer is known.
  package private(set) var version = 0

  /// A book with these tokens.
  package init(_ entries: [Entry] = []) {
    self.entries = Dictionary(entries.map { ($0.token.hash, $0) }) { first, _ in first }
  }

  /// A key's tokens that still hold.
  package func list(of owner: PublicKey, nowMS: UInt64) -> TokenList {
    TokenList(
      tokens: entries.values.filter { $0.owner == owner && $0.token.expiresMS > nowMS }.map(\.token)
        .sorted { $0.hash < $1.hash })
  }

  /// Adds a token; the same one again is harmless. Refuses what `validate` refuses, and `conflict` for a hash
  /// that names another token and for one token too many.
  /// - Returns: what is new; nil when it was there.
  package mutating func add(
    _ token: TokenRequest, of owner: PublicKey, nowMS: UInt64
  ) throws(Refusal) -> Entry? {
    let entry = Entry(owner: owner, token: token)
    if let known = entries[token.hash] {
      guard known == entry else { throw .init(.conflict, "the hash names another token") }
      return nil
    }
    try token.validate(nowMS: nowMS)
    guard list(of: owner, nowMS: nowMS).tokens.count < Limits.tokensPerAccountMax else {
      throw .init(
        .conflict, "the account has \(Limits.tokensPerAccountMax) tokens, which is all it may have",
        remedy: "revoke one")
    }
    entries[token.hash] = entry
    version += 1
    return entry
  }

  /// Ends a token of this owner. Refuses `notFound`.
  package mutating func revoke(_ hash: Digest, of owner: PublicKey) throws(Refusal) {
    guard let entry = entries[hash], entry.owner == owner else {
      throw .init(.notFound, "the account has no token \(hash.short)")
    }
    entries[hash] = nil
    version += 1
  }

  /// Forgets tokens that are over. Returns their hashes.
  package mutating func sweep(nowMS: UInt64) -> [Digest] {
    let over = entries.values.filter { $0.token.expiresMS <= nowMS }.map(\.token.hash)
    for hash in over { entries[hash] = nil }
    if !over.isEmpty { version += 1 }
    return over
  }

  /// Who comes with this `Authorization` field. Refuses `badRequest` for another scheme, and `unauthorized`
  /// for a token that is unknown or over.
  package func caller(_ authorization: String, nowMS: UInt64) throws(Refusal) -> Entry {
    let words = authorization.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      throw .init(.badRequest, "header authorization: expected \"Bearer TOKEN\"")
    }
    guard let hash = TokenSecret.hash(of: words[1]), let entry = entries[hash] else {
      throw .init(
        .unauthorized, "the token is not known here", remedy: "make one with 'render token create'")
    }
    guard entry.token.expiresMS > nowMS else {
      throw .init(
        .unauthorized, "token \"\(entry.token.name)\" has expired",
        remedy: "make one with 'render token create'")
    }
    return entry
  }
}
