import Cryptography
import FarmProtocol
import Settlement
import Worker

/// A machine and what it has asked for that has not ended: plays the world by hand.
struct MachineDriver {
  var machine: WorkerMachine
  var nowMS: UInt64 = 0
  /// Everything asked for, in order, but what is only told.
  private(set) var actions: [WorkerAction] = []
  private(set) var notices: [WorkerNotice] = []
  /// Asked for and not ended.
  private(set) var open: [WorkerAction] = []
  private(set) var stopped: WorkerStop?

  init(drainAfterTiles: Int? = nil) {
    self.init(.init(drainAfterTiles: drainAfterTiles, seed: 1))
  }

  init(_ settings: WorkerMachine.Settings) { machine = WorkerMachine(settings) }

  /// Hands an event over; returns what it brought about.
  @discardableResult
  mutating func send(_ event: WorkerEvent) -> [WorkerAction] {
    if let index = open.firstIndex(where: { event.ends($0) }) { open.remove(at: index) }
    let new = machine.handle(event, nowMS: nowMS)
    for action in new {
      switch action {
      case .tell(let notice): notices.append(notice)
      case .stop(let reason): stopped = reason
      case .discard: break
      default: open.append(action)
      }
    }
    let doings = new.filter { !$0.isTold }
    actions += doings
    return doings
  }

  /// Lets time pass up to the machine's own wish.
  @discardableResult
  mutating func wake() -> [WorkerAction] {
    nowMS = max(nowMS, machine.wakeMS ?? nowMS)
    return send(.tick)
  }

  /// A worker that rendered nothing yet and has been given `lease`.
  static func holding(_ lease: Lease, drainAfterTiles: Int? = nil) -> MachineDriver {
    var driver = MachineDriver(drainAfterTiles: drainAfterTiles)
    driver.send(.started)
    driver.send(.joined(Samples.joined, outbox: []))
    driver.send(.leased(lease))
    return driver
  }

  /// As `holding`, with the scene loaded and the first tile with the renderer.
  static func rendering(_ lease: Lease, drainAfterTiles: Int? = nil) -> MachineDriver {
    var driver = holding(lease, drainAfterTiles: drainAfterTiles)
    driver.send(.fetched(fence: lease.fence))
    driver.send(.loaded(Resident(job: lease.job, frame: lease.frame, deviceScene: .zero)))
    return driver
  }
}

extension WorkerAction {
  var isTold: Bool {
    if case .tell = self { return true }
    return false
  }
}

extension WorkerEvent {
  /// Whether it is the end of `action`.
  func ends(_ action: WorkerAction) -> Bool {
    switch (action, self) {
    case (.join, .joined), (.join, .joinFailed): true
    case (.requestLease, .leased), (.requestLease, .noLease), (.requestLease, .leaseUnusable),
      (.requestLease, .leaseFailed):
      true
    case (.fetch(let lease), .fetched(let fence)), (.fetch(let lease), .fetchFailed(let fence, _)):
      lease.fence == fence
    case (.load, .loaded), (.load, .loadFailed), (.render, .rendered), (.render, .renderFailed): true
    case (.deliver(let id), .delivered(let ended, _)), (.deliver(let id), .deliveryFailed(let ended, _)):
      id == ended
    case (.leaveDevice, .deviceLeft): true
    case (.heartbeat, .heartbeatAnswered), (.heartbeat, .heartbeatFailed): true
    default: false
    }
  }
}
