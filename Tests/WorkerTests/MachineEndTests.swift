import Cryptography
import FarmProtocol
import Settlement
import Testing
import Worker

/// How leases end before their tiles are done: lost, given back, given up, drained, quit.
@Suite struct MachineEndTests {
  let lease = Samples.lease(fence: 5, tiles: 0..<3)
  let receipt = ResultReceipt(logIndex: 9, alreadyAccepted: false)
  func entry(_ tile: UInt32) -> OutboxEntry { Samples.entry(Samples.assignment(tile, fence: 5)) }
  func renders(_ tile: UInt32) -> @Sendable (WorkerAction) -> Bool {
    { action in
      guard case .render(let order) = action else { return false }
      return order.assignment.tile.value == tile
    }
  }

  @Test func `lost lease is no failure and another is asked for`() {
    var driver = MachineDriver.holding(lease)
    driver.nowMS = 4000
    driver.send(.tick)
    let actions = driver.send(.heartbeatAnswered(HeartbeatReply(lost: [5])))
    #expect(actions == [.requestLease(LeaseRequest())])
    #expect(driver.notices.last == .leaseLost(job: lease.job, tilesLeft: 3))
    #expect(driver.machine.fences.isEmpty && driver.machine.releasable.isEmpty)
    #expect(driver.send(.fetched(fence: 5)) == [])
  }

  @Test func `tile rendered under a lost lease is not delivered`() {
    var driver = MachineDriver.rendering(lease)
    driver.nowMS = 4000
    driver.send(.tick)
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [5])))
    let actions = driver.send(.rendered(entry(0)))
    #expect(actions.contains(.discard(entry(0).id)))
    #expect(!actions.contains { if case .deliver = $0 { true } else { false } })
  }

  @Test func `scene of a lost lease that was loading is kept for the next`() {
    var driver = MachineDriver.holding(lease)
    driver.send(.fetched(fence: 5))
    driver.nowMS = 4000
    driver.send(.tick)
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [5])))
    driver.send(.leased(Samples.lease(fence: 6, tiles: 4..<5)))
    #expect(driver.send(.fetched(fence: 6)) == [])
    let loaded = Resident(job: lease.job, frame: 1, deviceScene: .zero)
    #expect(driver.send(.loaded(loaded)).contains(where: renders(4)))
  }

  /// Lease 5 given back as more than this worker can do.
  private func gaveBack(_ reason: String) -> WorkerAction {
    .heartbeat(
      Heartbeat(fences: [], released: [5], failures: [LeaseFailure(fence: 5, reason: reason)]))
  }

  @Test func `tiles that others returned are left, but not the one with the renderer`() {
    var driver = MachineDriver.rendering(lease)
    driver.nowMS = 4000
    driver.send(.tick)
    let taken = TakenTiles(fence: 5, tiles: [TileIndex(0), TileIndex(1)])
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [], taken: [taken])))
    let actions = driver.send(.rendered(entry(0)))
    #expect(actions.contains(where: renders(2)))
    #expect(!actions.contains(where: renders(1)))
  }

  @Test func `tile that killed the renderer is tried once more, then its lease is given back`() {
    var driver = MachineDriver.rendering(lease)
    #expect(driver.send(.renderFailed(.rendererLost("signal 11"))) == [])
    #expect(driver.wake() == [.load(lease)])
    let loaded = Resident(job: lease.job, frame: 1, deviceScene: .zero)
    #expect(driver.send(.loaded(loaded)).contains(where: renders(0)))
    let actions = driver.send(.renderFailed(.rendererLost("signal 11")))
    #expect(actions == [gaveBack("the renderer failed: signal 11")])
    #expect(driver.notices.last == .leaseReleased(job: lease.job, reason: "the renderer failed: signal 11"))
    // No lease at once: the same tile might come again.
    #expect(driver.send(.heartbeatAnswered(HeartbeatReply(lost: []))) == [])
    #expect(driver.wake() == [.requestLease(LeaseRequest())])
  }

  @Test func `renderer that died once keeps its lease when the second try works`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.renderFailed(.rendererLost("signal 11")))
    driver.wake()
    driver.send(.loaded(Resident(job: lease.job, frame: 1, deviceScene: .zero)))
    #expect(driver.send(.rendered(entry(0))).contains(where: renders(1)))
    #expect(driver.machine.releasable.isEmpty)
  }

  @Test func `refused scene gives the lease back without killing anything`() {
    var driver = MachineDriver.holding(lease)
    driver.send(.fetched(fence: 5))
    let refusal = Refusal(.sceneInvalid, "mesh 3 has no positions")
    let actions = driver.send(.loadFailed(.refused(refusal)))
    #expect(actions == [gaveBack(WorkerError.refused(refusal).description)])
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    #expect(driver.machine.failures.isEmpty, "it is told once")
  }

  @Test func `waits between leases that cannot be done here grow`() {
    var driver = MachineDriver.holding(lease)
    var waits: [UInt64] = []
    for fence in UInt64(6)...12 {
      driver.send(.fetched(fence: fence - 1))
      driver.send(.loadFailed(.refused(Refusal(.sceneInvalid, "no"))))
      driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
      let beforeMS = driver.nowMS
      #expect(driver.wake() == [.requestLease(LeaseRequest())])
      waits.append(driver.nowMS - beforeMS)
      driver.send(.leased(Samples.lease(fence: fence, tiles: 0..<2)))
    }
    for (index, waitMS) in waits.enumerated() {
      let ceiling = BackoffPolicy.renderer.ceilingMS(failures: index + 1)
      #expect(waitMS >= ceiling / 2 && waitMS <= ceiling)
    }
  }

  @Test func `blob that the farm does not have gives the lease back`() {
    var driver = MachineDriver.holding(lease)
    let refusal = Refusal(.notFound, "no blob")
    let actions = driver.send(.fetchFailed(fence: 5, .refused(refusal)))
    #expect(actions == [gaveBack(WorkerError.refused(refusal).description)])
  }

  @Test func `blob that did not come is asked for again`() {
    var driver = MachineDriver.holding(lease)
    #expect(driver.send(.fetchFailed(fence: 5, .unreachable("cut short"))) == [])
    #expect(driver.wake() == [.fetch(lease)])
  }

  @Test func `drain finishes the tile in work, delivers it, then gives back the rest`() {
    var driver = MachineDriver.rendering(lease)
    #expect(driver.send(.drainRequested) == [])
    #expect(driver.notices.last == .draining(tilesReleased: 2))
    #expect(driver.send(.rendered(entry(0))) == [.deliver(entry(0).id)])
    #expect(
      driver.send(.delivered(entry(0).id, receipt)) == [
        .discard(entry(0).id), .heartbeat(Heartbeat(fences: [], released: [5])),
      ])
    #expect(driver.send(.heartbeatAnswered(HeartbeatReply(lost: []))) == [.stop(.drained)])
  }

  @Test func `drain gives a prefetched lease back at once`() {
    var driver = MachineDriver.rendering(Samples.lease(fence: 5, tiles: 0..<1))
    driver.send(.leased(Samples.lease(fence: 6, tiles: 1..<3)))
    #expect(driver.send(.drainRequested) == [.heartbeat(Heartbeat(fences: [5], released: [6]))])
  }

  @Test func `lease that arrives while draining goes back`() {
    var driver = MachineDriver()
    driver.send(.started)
    driver.send(.joined(Samples.joined, outbox: []))
    #expect(driver.send(.drainRequested) == [])
    #expect(driver.send(.leased(lease)) == [.heartbeat(Heartbeat(fences: [], released: [5]))])
    #expect(driver.send(.heartbeatAnswered(HeartbeatReply(lost: []))) == [.stop(.drained)])
  }

  @Test func `drain of a farm that is away waits for the outbox, not for leases to be given back`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.drainRequested)
    driver.send(.rendered(entry(0)))
    driver.send(.deliveryFailed(entry(0).id, .unreachable("away")))
    #expect(driver.stopped == nil)
    driver.wake()
    while !driver.open.contains(.deliver(entry(0).id)) { driver.wake() }
    driver.send(.delivered(entry(0).id, receipt))
    driver.send(.heartbeatFailed(.unreachable("away")))
    #expect(driver.stopped == .drained)
  }

  @Test func `drain before joining ends at once`() {
    var driver = MachineDriver()
    driver.send(.started)
    #expect(driver.send(.drainRequested) == [.stop(.drained)])
  }

  @Test func `idle worker drains at once`() {
    var driver = MachineDriver()
    driver.send(.started)
    driver.send(.joined(Samples.joined, outbox: []))
    driver.send(.noLease(retryAfterMS: 500))
    #expect(driver.send(.drainRequested) == [.stop(.drained)])
  }

  @Test func `worker told to do two tiles does two`() {
    var driver = MachineDriver.rendering(lease, drainAfterTiles: 2)
    #expect(driver.send(.rendered(entry(0))).contains(where: renders(1)))
    #expect(!driver.send(.rendered(entry(1))).contains(where: renders(2)))
    #expect(driver.machine.status == .draining)
    for tile in UInt32(0)...1 { driver.send(.delivered(entry(tile).id, receipt)) }
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    #expect(driver.stopped == .drained)
  }

  @Test func `quit ends at once and says nothing more`() {
    var driver = MachineDriver.rendering(lease)
    #expect(driver.send(.quitRequested) == [.stop(.quit)])
    #expect(driver.send(.rendered(entry(0))) == [])
    #expect(driver.machine.wakeMS == nil)
  }

  @Test func `lease that does not hold together goes back and is not asked for at once`() {
    var driver = MachineDriver()
    driver.send(.started)
    driver.send(.joined(Samples.joined, outbox: []))
    let refusal = Refusal(.wrongSignature, "not the farm's")
    #expect(
      driver.send(.leaseUnusable(fence: 3, refusal)) == [.heartbeat(Heartbeat(fences: [], released: [3]))])
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    #expect(driver.wake() == [.requestLease(LeaseRequest())])
    #expect(driver.nowMS >= 250)
  }
}
