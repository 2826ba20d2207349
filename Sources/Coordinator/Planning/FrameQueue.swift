/// The tiles of one frame that wait for a worker: those never given out by a counter, those that came back by
/// an ascending list, so that a job of a million tiles costs a few bytes a frame.
struct FrameQueue: Sendable, Equatable {
  /// Tiles of the frame.
  let tileCount: Int
  /// The first tile that was never given out, 0 ... tileCount.
  private(set) var nextFresh = 0
  /// Tiles that came back, ascending.
  private(set) var returned: [Int] = []

  init(tileCount: Int) { self.tileCount = tileCount }

  /// How many tiles wait.
  var count: Int { tileCount - nextFresh + returned.count }

  /// Removes up to `limit` waiting tiles that `accepts`, in raster order.
  mutating func take(_ limit: Int, accepts: (Int) -> Bool) -> [Int] {
    var taken: [Int] = []
    var kept: [Int] = []
    for tile in returned {
      if taken.count < limit && accepts(tile) { taken.append(tile) } else { kept.append(tile) }
    }
    returned = kept
    while taken.count < limit && nextFresh < tileCount {
      taken.append(nextFresh)
      nextFresh += 1
    }
    return taken.sorted()
  }

  /// Whether `take` would give anything.
  func offers(accepts: (Int) -> Bool) -> Bool { nextFresh < tileCount || returned.contains(where: accepts) }

  /// Puts a tile back.
  mutating func put(_ tile: Int) {
    precondition(tile < nextFresh, "tile \(tile) was never given out; the next fresh one is \(nextFresh)")
    let at = returned.firstIndex { $0 >= tile } ?? returned.count
    precondition(at == returned.count || returned[at] != tile, "tile \(tile) waits already")
    returned.insert(tile, at: at)
  }

  /// Marks every tile below `count` as given out; used when a plan is rebuilt from its store.
  mutating func skipFresh(to count: Int) { nextFresh = max(nextFresh, count) }
}
