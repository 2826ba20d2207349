import FarmProtocol
import Settlement

/// A lease in a worker's hands.
package struct HeldLease: Hashable, Sendable {
  /// How far its preparation has come.
  package enum Stage: Hashable, Sendable {
    /// Its files are not all here.
    case leased
    /// Its files are here.
    case fetched
    /// The renderer is preparing its frame.
    case loading
    /// The renderer holds its frame.
    case ready
  }

  package let lease: Lease
  package var stage = Stage.leased
  /// Tiles not rendered yet, in order.
  package var queue: [Assignment]
  /// Whether the first of `queue` is with the renderer.
  package var isRendering = false
  /// How often in a row the renderer died over it.
  package var rendererLosses = 0
  /// The farm has given it to someone else; only the tile with the renderer is waited for.
  package var isLost = false
  /// Fetching its files.
  package var fetch: Attempt

  package init(_ lease: Lease, fetch: Attempt) {
    self.lease = lease
    self.fetch = fetch
    queue = lease.assignments.map(\.record)
  }

  package var fence: UInt64 { lease.fence }

  /// Drops tiles that others have returned; the one with the renderer is finished all the same.
  package mutating func leave(_ tiles: [TileIndex]) {
    let taken = Set(tiles)
    let kept = isRendering ? queue.first : nil
    queue.removeAll { taken.contains($0.tile) && $0 != kept }
  }

  /// Leaves only the tile with the renderer, if any; returns how many were dropped.
  package mutating func dropRest() -> Int {
    let kept = isRendering ? 1 : 0
    let dropped = queue.count - kept
    queue.removeLast(dropped)
    return dropped
  }
}
