import Cryptography
import FarmProtocol

/// Bearer tokens of the caller's account.
extension FarmClient {
  /// Makes a token known by its hash. Returns all of the account's.
  public func createToken(_ request: TokenRequest) async throws -> TokenList {
    try await fetch("POST", Routes.tokens, body: try WireJSON.encode(request))
  }

  /// The account's tokens, without their secrets.
  public func tokens() async throws -> TokenList { try await fetch("GET", Routes.tokens) }

  /// Ends a token. Returns those that are left.
  public func revokeToken(_ hash: Digest) async throws -> TokenList {
    try await fetch("DELETE", Routes.token(hash))
  }
}

/// What only the operator may ask, beside deposits.
extension FarmClient {
  /// Bans a worker's key. Returns the request.
  public func ban(_ request: BanRequest) async throws -> BanRequest {
    try await fetch("POST", Routes.bans, body: try WireJSON.encode(request))
  }
}
