import Cryptography
import FarmProtocol
import Settlement
import Testing
import Worker

@Suite struct MachineTests {
  let lease = Samples.lease(fence: 5, tiles: 0..<3)
  func entry(_ tile: UInt32, fence: UInt64 = 5) -> OutboxEntry {
    Samples.entry(Samples.assignment(tile, fence: fence))
  }
  func order(_ tile: UInt32, fence: UInt64 = 5, ahead: UInt32?) -> WorkerAction {
    .render(
      RenderOrder(
        assignment: Samples.assignment(tile, fence: fence), terms: Samples.terms(), deviceScene: .zero,
        ahead: ahead.map(TileIndex.init)))
  }
  let receipt = ResultReceipt(logIndex: 9, alreadyAccepted: false)

  @Test func `from start to the first tile`() {
    var driver = MachineDriver()
    #expect(driver.machine.wakeMS == nil)
    #expect(driver.send(.started) == [.join])
    #expect(driver.machine.status == .joining)
    #expect(driver.send(.joined(Samples.joined, outbox: [])) == [.requestLease(LeaseRequest())])
    #expect(driver.machine.status == .idle)
    #expect(driver.send(.leased(lease)) == [.fetch(lease)])
    #expect(driver.machine.status == .fetching)
    #expect(driver.send(.fetched(fence: 5)) == [.load(lease)])
    let loaded = Resident(job: lease.job, frame: 1, deviceScene: .zero)
    #expect(driver.send(.loaded(loaded)) == [order(0, ahead: 1)])
    #expect(driver.machine.status == .rendering)
  }

  @Test func `next tile is rendered while the last is delivered`() {
    var driver = MachineDriver.rendering(lease)
    #expect(driver.send(.rendered(entry(0))) == [.deliver(entry(0).id), order(1, ahead: 2)])
    #expect(driver.send(.delivered(entry(0).id, receipt)) == [.discard(entry(0).id)])
    #expect(driver.notices.last == .delivered(entry(0), receipt))
  }

  @Test func `next lease is asked for with the last tile`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.rendered(entry(0)))
    let actions = driver.send(.rendered(entry(1)))
    #expect(actions.contains(order(2, ahead: nil)))
    #expect(actions.contains(.requestLease(LeaseRequest(residentJob: lease.job, residentFrame: 1))))
  }

  @Test func `prefetched lease of the loaded frame needs no loading`() {
    let second = Samples.lease(fence: 6, tiles: 3..<5)
    var driver = MachineDriver.rendering(Samples.lease(fence: 5, tiles: 0..<1))
    #expect(driver.send(.leased(second)) == [.fetch(second)])
    #expect(driver.send(.fetched(fence: 6)) == [])
    #expect(driver.send(.rendered(entry(0))) == [.deliver(entry(0).id), order(3, fence: 6, ahead: 4)])
  }

  @Test func `a renderer may look ahead into the next lease of the loaded frame, and into no other`() {
    for (tiles, ahead) in [(UInt32(15)..<16, TileIndex(15)), (16..<17, nil)] {
      let terms = Samples.terms(frames: 2)
      let first = Samples.lease(fence: 5, tiles: 13..<15, terms: terms)
      let second = Samples.lease(fence: 6, tiles: tiles, terms: terms)
      var driver = MachineDriver.rendering(first)
      driver.send(.leased(second))
      let done = Samples.entry(Samples.assignment(13, fence: 5, terms: terms))
      let orders = driver.send(.rendered(done)).compactMap { action in
        if case .render(let order) = action { order } else { nil }
      }
      #expect(orders.map(\.assignment.tile) == [TileIndex(14)] && orders.map(\.ahead) == [ahead])
    }
  }

  @Test func `another frame is loaded anew`() {
    let terms = Samples.terms(frames: 2)
    let first = Samples.lease(fence: 5, tiles: 15..<16, terms: terms)
    let second = Samples.lease(fence: 6, tiles: 16..<18, terms: terms)
    var driver = MachineDriver.rendering(first)
    driver.send(.leased(second))
    driver.send(.fetched(fence: 6))
    let done = Samples.entry(Samples.assignment(15, fence: 5, terms: terms))
    #expect(driver.send(.rendered(done)) == [.deliver(done.id), .load(second)])
  }

  @Test func `results of an earlier run are delivered first, in order`() {
    var driver = MachineDriver()
    driver.send(.started)
    let waiting = (0..<20).map { entry(7 + $0, fence: 1) }
    let actions = driver.send(.joined(Samples.joined, outbox: waiting))
    #expect(Array(actions.prefix(16)) == waiting.prefix(16).map { .deliver($0.id) })
    #expect(!actions.contains(.deliver(waiting[16].id)))
    #expect(driver.notices.contains(.resending(count: 20)))
    #expect(driver.send(.delivered(waiting[3].id, receipt)).contains(.deliver(waiting[16].id)))
  }

  @Test func `results that fail together are one failure, and one alone tries again`() {
    var driver = MachineDriver()
    driver.send(.started)
    let waiting = (0..<4).map { entry(7 + $0, fence: 1) }
    driver.send(.joined(Samples.joined, outbox: waiting))
    let told = driver.notices.count
    for one in waiting { driver.send(.deliveryFailed(one.id, .unreachable("refused"))) }
    #expect(driver.notices.count == told + 1)
    let again = driver.wake().filter { if case .deliver = $0 { true } else { false } }
    #expect(again == [.deliver(waiting[0].id)])
    let then = driver.send(.delivered(waiting[0].id, receipt))
    #expect(waiting.dropFirst().allSatisfy { then.contains(.deliver($0.id)) })
  }

  @Test func `joining again does not double what waits`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.rendered(entry(0)))
    driver.send(.deliveryFailed(entry(0).id, .refused(Refusal(.notFound, "who?"))))
    #expect(driver.machine.status != .stopped)
    driver.send(.joined(Samples.joined, outbox: [entry(0)]))
    driver.wake()
    #expect(driver.open.filter { $0 == .deliver(entry(0).id) }.count == 1)
    driver.send(.delivered(entry(0).id, receipt))
    #expect(!driver.open.contains(.deliver(entry(0).id)))
  }

  @Test(arguments: [
    Refusal.Code.staleLease, .wrongAssignment, .fragmentInvalid, .commitmentMismatch, .conflict,
    .wrongSignature,
    .badRequest, .tooLarge, .banned,
  ])
  func `final refusal of a result deletes it`(code: Refusal.Code) {
    var driver = MachineDriver.rendering(lease)
    driver.send(.rendered(entry(0)))
    let refusal = Refusal(code, "no")
    let actions = driver.send(.deliveryFailed(entry(0).id, .refused(refusal)))
    #expect(actions.contains(.discard(entry(0).id)))
    #expect(driver.notices.last == .undeliverable(entry(0), reason: "no"))
  }

  @Test(arguments: [Refusal.Code.busy, .internalFault, .requestTooOld, .replayed])
  func `passing refusal of a result is tried again after a wait`(code: Refusal.Code) {
    var driver = MachineDriver.rendering(lease)
    driver.send(.rendered(entry(0)))
    let actions = driver.send(.deliveryFailed(entry(0).id, .refused(Refusal(code, "later"))))
    #expect(!actions.contains(.deliver(entry(0).id)) && !actions.contains(.discard(entry(0).id)))
    #expect(driver.wake() == [.deliver(entry(0).id)])
  }

  @Test(arguments: [Refusal.Code.kernelMismatch, .unsupportedVersion, .banned])
  func `farm that does not want the worker ends it`(code: Refusal.Code) {
    var driver = MachineDriver()
    driver.send(.started)
    let refusal = Refusal(code, "not you")
    #expect(driver.send(.joinFailed(.refused(refusal))) == [.stop(.refused(refusal))])
    #expect(driver.machine.status == .stopped)
    var working = MachineDriver.rendering(Samples.lease(fence: 5, tiles: 0..<1))
    #expect(working.send(.leaseFailed(.refused(refusal))) == [.stop(.refused(refusal))])
  }

  @Test func `farm that is away is asked again, told once, and work goes on`() {
    var driver = MachineDriver.rendering(lease)
    driver.send(.rendered(entry(0)))
    driver.send(.deliveryFailed(entry(0).id, .unreachable("refused")))
    #expect(driver.send(.rendered(entry(1))).contains(order(2, ahead: nil)))
    let told = driver.notices.count
    for _ in 0..<5 {
      driver.wake()
      if driver.open.contains(.deliver(entry(0).id)) {
        driver.send(.deliveryFailed(entry(0).id, .unreachable("refused")))
      }
    }
    #expect(driver.notices.count == told)
    driver.wake()
    while !driver.open.contains(.deliver(entry(0).id)) { driver.wake() }
    let actions = driver.send(.delivered(entry(0).id, receipt))
    #expect(actions.contains(.deliver(entry(1).id)))
    #expect(driver.notices.contains(.farmIsBack))
  }

  @Test func `farm that forgot the worker is joined again`() {
    var driver = MachineDriver.rendering(Samples.lease(fence: 5, tiles: 0..<1))
    #expect(driver.send(.leaseFailed(.refused(Refusal(.notFound, "who?")))) == [.join])
    driver.send(.joined(Samples.joined, outbox: []))
    #expect(driver.wake() == [.requestLease(LeaseRequest(residentJob: lease.job, residentFrame: 1))])
  }

  @Test func `heartbeats name the leases in hand and those of results on their way`() {
    var driver = MachineDriver.rendering(Samples.lease(fence: 5, tiles: 0..<1))
    driver.send(.noLease(retryAfterMS: 60_000))
    driver.send(.rendered(entry(0)))
    driver.nowMS = 4000
    #expect(driver.send(.tick) == [.heartbeat(Heartbeat(fences: [5]))])
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    driver.send(.delivered(entry(0).id, receipt))
    driver.nowMS = 8000
    #expect(driver.send(.tick) == [])
  }

  @Test func `heartbeats of a silent farm never wait longer than they are apart`() {
    var driver = MachineDriver.rendering(lease)
    driver.nowMS = 4000
    #expect(driver.send(.tick).contains(.heartbeat(Heartbeat(fences: [5]))))
    for _ in 0..<12 {
      driver.send(.heartbeatFailed(.unreachable("away")))
      let before = driver.nowMS
      driver.wake()
      #expect(driver.nowMS - before <= 4000)
      #expect(driver.open.contains(.heartbeat(Heartbeat(fences: [5]))))
    }
  }
}
