import Cryptography

/// The bounds that a log is held to, beside the money rules in `Transfer`.
public struct AuditRules: Hashable, Sendable {
  /// Fewest work-proportional probes of any tile: with at least one on every tile cheating never pays, and
  /// with k of them at most 1/k of a faked tile escapes in an identity's lifetime.
  public var workProbesMin: UInt32
  /// Later verified tiles of its worker after which a tile's pay may leave holdback.
  public var holdbackTiles: UInt64
  /// Time since its verdict after which it may leave anyway, milliseconds.
  public var holdbackMS: UInt64
  /// Keys that may judge; nil for any key but the tile's worker.
  public var verifiers: Set<PublicKey>?

  /// The farm's rules; any of them may be set otherwise.
  public init(
    workProbesMin: UInt32 = 16, holdbackTiles: UInt64 = 16, holdbackMS: UInt64 = 86_400_000,
    verifiers: Set<PublicKey>? = nil
  ) {
    self.workProbesMin = workProbesMin
    self.holdbackTiles = holdbackTiles
    self.holdbackMS = holdbackMS
    self.verifiers = verifiers
  }
}
