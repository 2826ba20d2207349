import Cryptography
import FarmProtocol
import Settlement
import Testing
import Worker

/// Every order in which a few things can happen, checked against what must hold in all of them.
@Suite struct MachineOrderTests {
  /// What the world can do next: end something that is under way, well or badly, or act by itself.
  static func moves(_ world: World) -> [WorkerEvent] {
    var events: [WorkerEvent] = [.tick]
    if !world.hasDrained { events.append(.drainRequested) }
    for action in world.driver.open { events += world.endings(of: action) }
    return events
  }

  @Test(arguments: [(nil, 9), (Optional(1), 9)] as [(Int?, Int)])
  func `no order of events breaks a rule`(drainAfterTiles: Int?, depth: Int) {
    var visited = 0
    var stops = 0
    func explore(_ world: World, left: Int) {
      visited += 1
      world.check()
      if world.driver.stopped != nil {
        stops += 1
        return
      }
      guard left > 0 else { return }
      for event in MachineOrderTests.moves(world) {
        var next = world
        next.send(event)
        explore(next, left: left - 1)
      }
    }
    var world = World(drainAfterTiles: drainAfterTiles)
    world.send(.started)
    explore(world, left: depth)
    #expect(visited > 5_000)
    #expect(stops > 100)
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `long random lives deliver or refuse every tile once and end when drained`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var world = World(drainAfterTiles: nil)
    world.send(.started)
    for _ in 0..<400 where world.driver.stopped == nil {
      let owner: [WorkerEvent] = [.restRequested(graceMS: random.next() % 500), .workRequested]
      let moves = MachineOrderTests.moves(world).filter { $0 != .drainRequested } + owner
      world.driver.nowMS += random.next() % 300
      world.send(moves[Int(random.next() % UInt64(moves.count))])
      world.check()
    }
    if world.driver.stopped == nil { world.send(.drainRequested) }
    // From now on everything goes well.
    for _ in 0..<200 where world.driver.stopped == nil {
      if let action = world.driver.open.first {
        world.send(world.endings(of: action)[0])
      } else {
        world.driver.wake()
      }
      world.check()
    }
    #expect(world.driver.stopped == .drained)
    #expect(world.rendered == world.delivered.union(world.discarded))
    #expect(world.delivered.isDisjoint(with: world.discarded))
  }
}

/// A machine, and all that it did, with a farm that has leases without end.
struct World {
  var driver: MachineDriver
  var hasDrained = false
  var fence: UInt64 = 1
  var rendered: Set<Digest> = []
  var delivered: Set<Digest> = []
  var discarded: Set<Digest> = []
  var released: Set<UInt64> = []
  var last: [WorkerAction] = []
  var problems: [String] = []

  init(drainAfterTiles: Int?) { driver = MachineDriver(drainAfterTiles: drainAfterTiles) }

  static let leases = (0..<500).map { Samples.lease(fence: UInt64($0), tiles: 0..<2) }
  static let deaf = WorkerError.unreachable("nobody there")
  static let dead = WorkerError.rendererLost("killed")

  /// The ways in which an action can end; the first is the good one.
  func endings(of action: WorkerAction) -> [WorkerEvent] {
    switch action {
    case .join: [.joined(Samples.joined, outbox: []), .joinFailed(World.deaf)]
    case .requestLease:
      [
        .leased(World.leases[Int(fence)]),
        .noLease(retryAfterMS: 100), .leaseFailed(World.deaf),
        .leaseFailed(.refused(Refusal(.notFound, "who?"))),
      ]
    case .fetch(let lease): [.fetched(fence: lease.fence), .fetchFailed(fence: lease.fence, World.deaf)]
    case .load(let lease):
      [.loaded(Resident(job: lease.job, frame: lease.frame, deviceScene: .zero)), .loadFailed(World.dead)]
    case .render(let order): [.rendered(Samples.entry(order.assignment)), .renderFailed(World.dead)]
    case .deliver(let id):
      [
        .delivered(id, ResultReceipt(logIndex: 1, alreadyAccepted: false)), .deliveryFailed(id, World.deaf),
        .deliveryFailed(id, .refused(Refusal(.staleLease, "late"))),
      ]
    case .heartbeat(let beat):
      [.heartbeatAnswered(HeartbeatReply(lost: [])), .heartbeatFailed(World.deaf)]
        + (beat.fences.isEmpty ? [] : [.heartbeatAnswered(HeartbeatReply(lost: beat.fences))])
    case .leaveDevice: [.deviceLeft]
    case .discard, .tell, .stop: []
    }
  }

  mutating func send(_ event: WorkerEvent) {
    switch event {
    case .leased: fence += 1
    case .rendered(let entry): rendered.insert(entry.id)
    case .delivered(let id, _): delivered.insert(id)
    case .drainRequested: hasDrained = true
    default: break
    }
    let openBefore = driver.open.filter { !event.ends($0) }
    let wasStopped = driver.stopped != nil
    last = driver.send(event)
    if wasStopped, !last.isEmpty { problems.append("\(last) after the end") }
    for action in last { note(action, openBefore: openBefore) }
  }

  private mutating func note(_ action: WorkerAction, openBefore: [WorkerAction]) {
    switch action {
    case .discard(let id) where !delivered.contains(id): discarded.insert(id)
    case .requestLease where driver.machine.status == .draining: problems.append("a lease while draining")
    case .requestLease where driver.machine.status == .resting: problems.append("a lease while resting")
    case .load where openBefore.contains(.leaveDevice), .render where openBefore.contains(.leaveDevice):
      problems.append("\(action) with a renderer that is being ended")
    case .deliver(let id) where delivered.contains(id) || discarded.contains(id):
      problems.append("\(id.short) again after its end")
    case .render(let order) where released.contains(order.assignment.fence):
      problems.append("a tile under lease \(order.assignment.fence), which was given back")
    case .heartbeat(let beat):
      if !Set(beat.fences).isDisjoint(with: beat.released) {
        problems.append("\(beat) keeps what it releases")
      }
      if !Set(beat.fences).isDisjoint(with: released) { problems.append("\(beat) keeps what was released") }
      released.formUnion(beat.released)
    default: break
    }
  }

  /// What holds whatever happened.
  func check() {
    var problems = problems
    func count(_ matches: (WorkerAction) -> Bool) -> Int { driver.open.filter(matches).count }
    let renderer = count {
      switch $0 {
      case .load, .render: true
      default: false
      }
    }
    if renderer > 1 { problems.append("\(renderer) requests to the renderer") }
    let delivering = driver.open.compactMap { if case .deliver(let id) = $0 { id } else { nil } }
    if Set(delivering).count < delivering.count { problems.append("a result on its way twice") }
    if count({ if case .requestLease = $0 { true } else { false } }) > 1 {
      problems.append("two lease requests")
    }
    if count({ $0 == .join }) > 1 { problems.append("two joins") }
    // One that rests waits for its owner.
    let isStuck =
      driver.stopped == nil && driver.open.isEmpty && driver.machine.wakeMS == nil
      && driver.machine.status != .resting
    if isStuck { problems.append("nothing under way and nothing to wait for") }
    if !problems.isEmpty { Issue.record("\(problems) after \(driver.actions.suffix(8))") }
  }
}
