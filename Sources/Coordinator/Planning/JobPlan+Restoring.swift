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
    priority: Int = Limits.priorityDefault, stored: [StoredTile]
  ) {
    self.init(
      id: id, terms: terms, reservedAt: reservedAt, expectedWork: expectedWork, deadlineMS: deadlineMS,
      priority: priority)
    for row in stored.sorted(by: { $0.tile < $1.tile }) { restore(row) }
  }
}
