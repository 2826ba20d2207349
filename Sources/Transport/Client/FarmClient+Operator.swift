import FarmProtocol

/// What only the operator may ask, beside deposits.
extension FarmClient {
  /// Bans a worker's key. Returns the request.
  public func ban(_ request: BanRequest) async throws -> BanRequest {
    try await fetch("POST", Routes.bans, body: try WireJSON.encode(request))
  }
}
