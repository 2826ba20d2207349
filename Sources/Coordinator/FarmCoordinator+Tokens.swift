import Cryptography
import FarmProtocol
import Foundation

/// Bearer tokens: kept with the store's small values, so that they are in every backup.
extension FarmCoordinator {
  private static let prefix = "token:"

  /// All tokens, as they are stored.
  static func tokenBook(_ store: Store) throws -> TokenBook {
    let values = try store.values(prefix: FarmCoordinator.prefix)
    return TokenBook(try values.map { try JSONDecoder().decode(TokenBook.Entry.self, from: Data($0)) })
  }

  /// Makes a token durable, then puts it into the book; see `TokenBook.add`.
  package func add(_ token: TokenRequest, of owner: PublicKey) async throws -> TokenBook {
    var changed = tokens
    let over = changed.sweep(nowMS: nowMS)
    let entry = try changed.add(token, of: owner, nowMS: nowMS)
    try commit {
      for hash in over { try store.removeValue(FarmCoordinator.prefix + hash.hex) }
      if let entry {
        try store.setValue(FarmCoordinator.prefix + token.hash.hex, try WireJSON.encode(entry))
      }
    }
    tokens = changed
    try await durable()
    return changed
  }

  /// Ends a token; see `TokenBook.revoke`.
  package func revokeToken(_ hash: Digest, of owner: PublicKey) async throws -> TokenBook {
    var changed = tokens
    try changed.revoke(hash, of: owner)
    try commit { try store.removeValue(FarmCoordinator.prefix + hash.hex) }
    tokens = changed
    try await durable()
    return changed
  }
}
