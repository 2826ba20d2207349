import FarmProtocol

/// How fast a worker has lately been, in rays a second. Rays and time decay alike with each returned tile, so
/// that a burst of uploads is no burst of speed.
package struct WorkerSpeed: Sendable, Equatable {
  private var rays = 0.0
  private var elapsedMS = 0.0
  /// When it last returned a tile; 0 before the first.
  private var lastResultMS: UInt64 = 0

  package init() {}

  /// Rays a millisecond; nil before the first tile.
  package var raysPerMS: Double? { elapsedMS > 0 ? rays / elapsedMS : nil }

  /// A tile with that much work came back. The time counts from the later of the grant and the last result:
  /// what was prefetched was not worked on before.
  package mutating func returned(work: UInt64, grantedMS: UInt64, nowMS: UInt64) {
    let start = max(grantedMS, lastResultMS)
    let decay = 0.75
    rays = rays * decay + Double(work)
    elapsedMS = elapsedMS * decay + Double(nowMS > start ? nowMS - start : 0)
    lastResultMS = nowMS
  }

  /// Tiles of `meanWork` rays that make about `Limits.leaseTargetMS`, at `unknown` rays a millisecond before
  /// the first is back: 1 while nothing is known.
  package func leaseTiles(meanWork: UInt64?, unknown: Double? = nil) -> Int {
    guard let raysPerMS = raysPerMS ?? unknown, let meanWork else { return 1 }
    let tiles = raysPerMS * Double(Limits.leaseTargetMS) / Double(max(1, meanWork))
    return tiles >= Double(Limits.leaseTilesMax) ? Limits.leaseTilesMax : max(1, Int(tiles))
  }
}
