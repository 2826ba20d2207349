import Cryptography

/// What a bearer token may do in its account's stead.
public enum TokenScope: String, Hashable, Sendable, Codable, CaseIterable {
  /// Look at jobs, frames and the account.
  case read
  /// That, upload, submit and end jobs.
  case submit
}

/// `POST /v1/tokens`: makes a bearer token. Its secret stays with who made it; the farm knows the hash only,
/// so that a request that is sent again, by whomever, gives nothing away.
public struct TokenRequest: Hashable, Sendable, Codable {
  /// SHA-256 of the token's text as it will travel.
  public var hash: Digest
  /// For people; at most `Limits.nameBytesMax` bytes.
  public var name: String
  /// What it may do.
  public var scope: TokenScope
  /// Milliseconds since 1970 from which on it is nothing, at most `Limits.tokenLifeMSMax` from now.
  public var expiresMS: UInt64
  /// All fields.
  public init(hash: Digest, name: String, scope: TokenScope, expiresMS: UInt64) {
    self.hash = hash
    self.name = name
    self.scope = scope
    self.expiresMS = expiresMS
  }

  /// Refuses a name that is too long or has control characters, and a time that is over or too far away.
  public func validate(nowMS: UInt64) throws(Refusal) {
    try checkText("name", name, bytesMax: Limits.nameBytesMax)
    guard expiresMS > nowMS, expiresMS - nowMS <= Limits.tokenLifeMSMax else {
      throw .init(
        .badRequest,
        "expiresMS is \(expiresMS), allowed is from now, \(nowMS), to \(nowMS + Limits.tokenLifeMSMax)")
    }
  }
}

/// `GET /v1/tokens`: the caller's tokens, by their hashes.
public struct TokenList: Hashable, Sendable, Codable {
  /// In the order of their hashes.
  public var tokens: [TokenRequest]
  /// A list.
  public init(tokens: [TokenRequest]) { self.tokens = tokens }
}

/// The secret of a bearer token: 32 random bytes, in hex behind a mark that leak scanners can look for.
public enum TokenSecret {
  /// A new one.
  public static func random() -> String { "rft_" + randomBytes(count: 32).hex }

  /// What the farm knows it by; nil for a text that is no token.
  public static func hash(of text: some StringProtocol) -> Digest? {
    guard text.utf8.count == 68, text.hasPrefix("rft_") else { return nil }
    return Digest(of: Array(text.utf8))
  }
}

extension Routes {
  /// `POST` `TokenRequest`: `TokenList`. `GET`: `TokenList`. Signed only.
  public static let tokens = "/v1/tokens"
  /// `DELETE`: `TokenList`.
  public static func token(_ hash: Digest) -> String { "\(tokens)/\(hash.hex)" }
  /// `GET`: the description of this interface. Open to anyone.
  public static let openAPI = "/openapi.json"
}
