import Cryptography

/// `POST /v1/bans`, operator only: a worker's key gets no more leases and its results are refused.
public struct BanRequest: Hashable, Sendable, Codable {
  /// The worker's key.
  public var key: PublicKey
  /// A request.
  public init(key: PublicKey) { self.key = key }
}

extension Routes {
  /// Operator only.
  public static let bans = "/v1/bans"
}
