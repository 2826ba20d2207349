import Cryptography
import FarmProtocol
import Settlement

/// The last tiles: when nothing waits any more, an idle worker gets copies of tiles that others hold and have
/// probably not begun. The first result counts and is paid; the other holder is told to leave the tile.
extension LeaseBook {
  /// A lease is helped with when it is so old: its holder had time to deliver what is quickly done.
  package static let helpAfterMS: UInt64 = 1_000

  /// The last tiles of the lease with the most left, up to half of them.
  func tilesToHelpWith(
    for key: PublicKey, _ request: LeaseRequest, nowMS: UInt64
  ) -> (job: JobID, frame: UInt32, [TileIndex])? {
    var best: (lease: HeldLease, tiles: [TileIndex])?
    for watched in leases.values {
      let lease = watched.lease
      guard lease.worker != key, !lease.isDuplicate, nowMS >= lease.grantedMS + LeaseBook.helpAfterMS,
        !paused.contains(lease.job), !strikes.isKeptOff(key, lease.job, nowMS: nowMS),
        let plan = plans[lease.job], request.offer?.objection(to: plan) == nil
      else { continue }
      let tiles = lease.outstanding.keys.filter { tile in
        plan.duplicates[tile] == nil && !plan.failures(of: tile).contains(key)
      }
      guard !tiles.isEmpty else { continue }
      if let best, (best.tiles.count, lease.fence) > (tiles.count, best.lease.fence) { continue }
      best = (lease, tiles.sorted())
    }
    guard let best else { return nil }
    let limit = min(leaseLimit(best.lease.job, for: key, request), (best.tiles.count + 1) / 2)
    return (best.lease.job, best.lease.frame, Array(best.tiles.suffix(limit)))
  }

  /// A lease on copies.
  mutating func grantHelp(to key: PublicKey, _ request: LeaseRequest, nowMS: UInt64) -> LeaseAction? {
    guard let (job, frame, tiles) = tilesToHelpWith(for: key, request, nowMS: nowMS) else { return nil }
    let fence = nextFence
    nextFence += 1
    let taken = tiles.map { tile in
      (tile: tile, attempt: plans[job]?.duplicated(tile, fence: fence) ?? 0)
    }
    let device = request.offer?.device ?? ""
    return grant(
      fence, to: key, device, job: job, frame: frame, taken, isDuplicate: true, nowMS: nowMS)
  }

  /// A tile was returned under `fence`: whoever else holds it holds it no more.
  /// - Returns: the fence of the other lease if that was its last tile.
  mutating func endCopies(of tile: TileIndex, of job: JobID, besides fence: UInt64) -> UInt64? {
    guard let plan = plans[job], case .leased(let holder) = plan.state(of: tile),
      let copy = plan.duplicates[tile]
    else { return nil }
    let other = holder == fence ? copy : holder
    leases[other]?.lease.outstanding[tile] = nil
    leases[other]?.taken.append(tile)
    guard leases[other]?.lease.outstanding.isEmpty ?? false else { return nil }
    drop(other)
    return other
  }
}
