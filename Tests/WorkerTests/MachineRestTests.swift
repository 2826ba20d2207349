import Cryptography
import FarmProtocol
import Settlement
import Testing
import Worker

/// A worker that rests: what it gives back, what it finishes, when it leaves the device.
@Suite struct MachineRestTests {
  let lease = Samples.lease(fence: 5, tiles: 0..<3)
  let receipt = ResultReceipt(logIndex: 9, alreadyAccepted: false)
  func entry(_ tile: UInt32) -> OutboxEntry { Samples.entry(Samples.assignment(tile, fence: 5)) }
  let gaveBack = WorkerAction.heartbeat(Heartbeat(fences: [], released: [5]))

  /// Delivered, lease given back.
  private func settle(_ driver: inout MachineDriver) {
    driver.send(.delivered(entry(0).id, receipt))
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
  }

  @Test func `resting worker finishes its tile, gives back the rest, leaves the device and asks for nothing`()
  {
    var driver = MachineDriver.rendering(lease)
    #expect(driver.send(.restRequested(graceMS: 60_000)) == [])
    #expect(driver.notices.last == .gaveBack(tiles: 2, isCut: false))
    #expect(driver.send(.rendered(entry(0))) == [.deliver(entry(0).id), .leaveDevice])
    driver.send(.deviceLeft)
    #expect(
      driver.send(.delivered(entry(0).id, receipt)) == [
        .discard(entry(0).id), gaveBack,
      ])
    #expect(driver.send(.heartbeatAnswered(HeartbeatReply(lost: []))) == [])
    driver.nowMS += 1_000_000
    #expect(driver.send(.tick) == [])
    #expect(driver.machine.status == .resting && driver.machine.wakeMS == nil)
    #expect(driver.send(.workRequested) == [.requestLease(LeaseRequest())])
  }

  @Test func `tile that takes too long is cut, given back, and no failure of anybody`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.restRequested(graceMS: 5_000))
    driver.nowMS = 4_999
    #expect(!driver.send(.tick).contains(.leaveDevice))
    driver.nowMS = 5_000
    #expect(driver.send(.tick) == [.leaveDevice])
    #expect(driver.notices.last == .gaveBack(tiles: 1, isCut: true))
    driver.send(.deviceLeft)
    // The heartbeat that was on its way when the tile was cut.
    let actions = driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    #expect(actions == [gaveBack])
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    #expect(driver.send(.renderFailed(.rendererLost("ended"))) == [])
    #expect(driver.machine.failures.isEmpty)
    #expect(driver.send(.workRequested) == [.requestLease(LeaseRequest())], "no wait: nothing failed")
  }

  @Test func `tile that ends while it is being cut is thrown away`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.restRequested(graceMS: 0))
    #expect(driver.send(.rendered(entry(0))).contains(.discard(entry(0).id)))
    #expect(driver.machine.fences.isEmpty)
  }

  @Test func `second wish to rest shortens the tile's time and never lengthens it`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.restRequested(graceMS: 60_000))
    driver.send(.restRequested(graceMS: 5_000))
    driver.send(.restRequested(graceMS: 30_000))
    #expect(driver.machine.wakeMS.map { $0 <= 5_000 } ?? false)
    driver.nowMS = 5_000
    #expect(driver.send(.tick).contains(.leaveDevice))
  }

  @Test func `frame that is being prepared is let go when its grace is over`() {
    var driver = MachineDriver.holding(lease)
    driver.send(.fetched(fence: 5))
    #expect(driver.send(.restRequested(graceMS: 1_000)) == [gaveBack])
    driver.nowMS = 1_000
    #expect(driver.send(.tick) == [.leaveDevice])
    driver.send(.deviceLeft)
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    // A preparation that ended just before its renderer did is worth nothing: the next lease prepares anew.
    driver.send(.loaded(Resident(job: lease.job, frame: 1, deviceScene: .zero)))
    driver.send(.workRequested)
    let next = Samples.lease(fence: 6, tiles: 0..<1)
    driver.send(.leased(next))
    #expect(driver.send(.fetched(fence: 6)).contains(.load(next)))
  }

  @Test func `nothing is prepared while the renderer is being ended`() {
    var driver = MachineDriver()
    driver.send(.started)
    driver.send(.joined(Samples.joined, outbox: []))
    #expect(driver.send(.restRequested(graceMS: 1_000)) == [.leaveDevice])
    driver.send(.workRequested)
    driver.send(.leased(lease))
    #expect(!driver.send(.fetched(fence: 5)).contains(.load(lease)))
    #expect(driver.send(.deviceLeft).contains(.load(lease)))
  }

  @Test func `lease that arrives while resting goes back`() {
    var driver = MachineDriver()
    driver.send(.started)
    driver.send(.joined(Samples.joined, outbox: []))
    driver.send(.restRequested(graceMS: 1_000))
    #expect(driver.send(.leased(lease)) == [gaveBack])
  }

  @Test func `resting worker that is to finish ends with its tile`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.restRequested(graceMS: 60_000))
    driver.send(.finishRequested)
    driver.send(.rendered(entry(0)))
    settle(&driver)
    #expect(driver.stopped == .drained)
  }

  @Test func `finishing worker does every tile in hand and takes no other lease`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.finishRequested)
    for tile in UInt32(0)..<3 {
      driver.send(.rendered(entry(tile)))
      driver.send(.delivered(entry(tile).id, receipt))
    }
    #expect(driver.stopped == .drained)
    let leases = driver.actions.count { if case .requestLease = $0 { true } else { false } }
    #expect(leases == 1)
  }

  @Test func `finishing worker that is told to drain gives back what it has not begun`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.finishRequested)
    driver.send(.drainRequested)
    #expect(driver.notices.last == .draining(tilesReleased: 2))
    driver.send(.rendered(entry(0)))
    settle(&driver)
    #expect(driver.stopped == .drained)
  }

  @Test func `tiles of other devices count for the tiles to do`() {
    var driver = MachineDriver.rendering(lease, drainAfterTiles: 5)
    driver.send(.renderedElsewhere(tiles: 4))
    #expect(driver.machine.status == .rendering)
    driver.send(.rendered(entry(0)))
    #expect(driver.machine.status == .draining)
    var other = MachineDriver.rendering(lease, drainAfterTiles: 5)
    other.send(.renderedElsewhere(tiles: 5))
    #expect(other.machine.status == .draining)
  }
}
