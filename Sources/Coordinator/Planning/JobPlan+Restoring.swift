import Cryptography
import FarmProtocol
import Settlement

/// What a store keeps of a tile that was given out at least once.
package struct StoredTile: Sendable, Equatable {
  package var tile: TileIndex
  package var state: JobPlan.TileState
  /// Times given out.
  package var attempts: UInt32
  package var failedBy: [PublicKey]
  /// Of a pending tile only.
  package var pending: JobPlan.Pending?
  /// Rays of the returned tile; nil while none is.
  package var work: UInt64?

  package init(
    tile: TileIndex, state: JobPlan.TileState, attempts: UInt32, failedBy: [PublicKey] = [],
    pending: JobPlan.Pending? = nil, work: UInt64? = nil
  ) {
    self.tile = tile
    self.state = state
    self.attempts = attempts
    self.failedBy = failedBy
    self.pending = pending
    self.work = work
  }
}

extension JobPlan {
  /// Rebuilds a plan from its stored tiles; those not named were never given out.
  package init(
    id: JobID, terms: JobTerms, reservedAt: UInt64, expectedWork: UInt64? = nil, deadlineMS: UInt64? = nil,
    priority: Int = Limits.priorityDefault, memoryBytes: UInt64 = 0, stored: [StoredTile]
  ) {
    self.init(
      id: id, terms: terms, reservedAt: reservedAt, expectedWork: expectedWork, deadlineMS: deadlineMS,
      priority: priority, memoryBytes: memoryBytes)
    for row in stored.sorted(by: { $0.tile < $1.tile }) { restore(row) }
  }

  /// What a job would go on with differently than from `other`, for people; nil when nothing. Copies and the
  /// measured work of a tile are not kept over a restart, and do not count.
  package func difference(from other: JobPlan) -> String? {
    for value in 0..<UInt32(tileCount) {
      let tile = TileIndex(value)
      let (a, b) = (standing(of: tile), other.standing(of: tile))
      if a != b { return "tile \(value) is \(a) and \(b)" }
    }
    let counts = [(leasedCount, other.leasedCount), (verifiedCount, other.verifiedCount)]
    if let (a, b) = counts.first(where: { $0.0 != $0.1 }) { return "it counts \(a) and \(b) tiles" }
    return nil
  }

  /// What is kept of a tile.
  private func standing(of tile: TileIndex) -> StoredTile {
    StoredTile(
      tile: tile, state: state(of: tile), attempts: attempts(of: tile), failedBy: failures(of: tile),
      pending: pending[tile])
  }
}
