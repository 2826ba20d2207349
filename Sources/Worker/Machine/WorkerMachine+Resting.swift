import FarmProtocol
import Settlement

/// Ending and resting: what is given back, and when the device is left.
extension WorkerMachine {
  /// Finishes the tile in work, gives back the rest, and ends.
  mutating func drain(into actions: inout [WorkerAction]) {
    let released = giveBackRest()
    guard !isDraining || released > 0 else { return }
    isDraining = true
    actions.append(.tell(.draining(tilesReleased: released)))
  }

  /// Drains when all devices together have rendered as many tiles as they were to.
  mutating func drainIfDone(into actions: inout [WorkerAction]) {
    guard let limit = settings.drainAfterTiles, tilesRendered + renderedElsewhere >= limit else { return }
    drain(into: &actions)
  }

  /// Takes no more work until it is told to; a second wish can only shorten the tile in work.
  mutating func rest(graceMS: UInt64, nowMS: UInt64, into actions: inout [WorkerAction]) {
    restGraceEndsMS = isResting ? min(restGraceEndsMS, nowMS + graceMS) : nowMS + graceMS
    isResting = true
    let released = giveBackRest()
    if released > 0 { actions.append(.tell(.gaveBack(tiles: released, isCut: false))) }
  }

  /// While it rests the device is its owner's, memory and all: at once when nothing is in work, else with the
  /// end of the tile, which is cut short when its grace is over.
  mutating func leaveDevice(nowMS: UInt64, into actions: inout [WorkerAction]) {
    guard isResting, holdsDevice, !isLeavingDevice else { return }
    if renderer.isInFlight {
      guard nowMS >= restGraceEndsMS else { return }
      if let held = current, held.isRendering {
        if !held.isLost {
          releasing.insert(held.fence)
          actions.append(.tell(.gaveBack(tiles: held.queue.count, isCut: true)))
        }
        current = nil
      }
    }
    leaveDevice(into: &actions)
  }

  /// Ends the renderer; what it was asked throws, which is no failure then.
  mutating func leaveDevice(into actions: inout [WorkerAction]) {
    (holdsDevice, isLeavingDevice, resident) = (false, true, nil)
    actions.append(.leaveDevice)
  }

  /// Gives back every tile in hand but the one with the renderer; returns how many.
  private mutating func giveBackRest() -> Int {
    var released = 0
    for held in [current, next].compactMap({ $0 }) {
      var dropped = 0
      update(held.fence) { dropped = $0.dropRest() }
      released += dropped
      if dropped > 0 { releasing.insert(held.fence) }
    }
    return released
  }
}
