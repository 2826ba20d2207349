import FarmProtocol
import Settlement

/// What a worker delivered in one run, added up.
public struct EarningsTally: Hashable, Sendable {
  /// Tiles that the farm has taken.
  public private(set) var tilesAccepted = 0
  /// Tiles that it will never take: late, or of a job that ended.
  public private(set) var tilesRefused = 0
  /// Rays in the tiles taken.
  public private(set) var rays: UInt64 = 0
  /// Pay of the tiles taken, once verified; those of an earlier run are not in it.
  public private(set) var pay = Microcredits.zero

  /// Nothing yet.
  public init() {}

  /// Counts what concerns results; the rest is ignored.
  public mutating func add(_ notice: WorkerNotice) {
    switch notice {
    case .delivered(let entry, _):
      tilesAccepted += 1
      rays += entry.work
      pay += entry.price ?? .zero
    case .undeliverable: tilesRefused += 1
    default: break
    }
  }
}
