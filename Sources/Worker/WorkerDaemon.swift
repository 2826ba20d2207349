import FarmProtocol
import Foundation
import Settlement

/// A worker as its owner meets it: rests, works and ends as `WorkGate` decides, says where it stands, and
/// takes its owner's word from `ControlFolder`.
public actor WorkerDaemon {
  /// What its owner asked for.
  public struct Settings: Hashable, Sendable {
    /// Works only then; nil: at any time.
    public var schedule: WeeklySchedule?
    /// Works only after so many seconds without input and while other programs leave the processors; nil:
    /// always.
    public var idleAfterS: Double?
    /// Rests above that; nil: at any heat.
    public var temperatureMaxC: Double?
    /// Finishes after so many seconds; nil: never.
    public var drainAfterS: Double?

    /// Works always.
    public init() {}

    var gate: WorkGate.Settings {
      var gate = WorkGate.Settings()
      gate.schedule = schedule
      gate.idleAfterS = idleAfterS
      gate.temperatureMaxC = temperatureMaxC
      gate.drainAfterS = drainAfterS
      return gate
    }
  }

  private let settings: Settings
  private let workers: [Worker]
  private let board: StatusBoard
  private let control: ControlFolder
  private let register: WorkerRegister
  private let tell: @Sendable (WorkerNotice) -> Void
  private let readings = SystemReadings()
  private let start = ContinuousClock.now
  private var gate: WorkGate
  private var decision = WorkGate.Decision.work
  private var lastTicks: SystemReadings.Ticks?
  private var written: WorkerStatus?
  private var interrupts = 0

  /// How often it looks at the facts.
  private static let lookEvery = Duration.seconds(1)
  /// How often it says where it stands though nothing changed, milliseconds.
  private static let tellEveryMS: UInt64 = 10_000

  /// - Parameter workers: one for each device, one or more; what they tell goes to `board` too.
  /// - Parameter tell: is told when it rests and works.
  public init(
    _ settings: Settings, workers: [Worker], board: StatusBoard, home: WorkerHome, register: WorkerRegister,
    tell: @escaping @Sendable (WorkerNotice) -> Void
  ) {
    precondition(!workers.isEmpty, "a worker without a device")
    self.settings = settings
    self.workers = workers
    self.board = board
    self.register = register
    self.tell = tell
    control = ControlFolder(home: home.folder.path)
    gate = WorkGate(settings.gate)
  }

  /// Works until drained, quit or refused. Throws if no renderer can be started; one of several that cannot
  /// is told of, and the others work.
  public func run() async throws -> WorkerStop {
    // Before anything starts: who is to rest takes no lease.
    await look()
    // Without the register it is found by its home alone.
    try? register.enter(board.update { _ in })
    let watch = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: WorkerDaemon.lookEvery)
        await self.look()
      }
    }
    let counting = Task {
      for await counts in board.rendered { await self.spread(counts) }
    }
    defer {
      watch.cancel()
      counting.cancel()
      register.leave(board.update { _ in })
    }
    var stops: [WorkerStop] = []
    let ready = try await prepare()
    await withTaskGroup(of: WorkerStop?.self) { group in
      // One that is prepared does not throw.
      for worker in ready { group.addTask { try? await worker.run() } }
      for await stop in group { if let stop { stops.append(stop) } }
    }
    let refused = stops.first { if case .refused = $0 { true } else { false } }
    return stops.contains(.quit) || interrupts > 1 ? .quit : refused ?? .drained
  }

  /// Starts and measures one device after the other: side by side they would measure each other.
  private func prepare() async throws -> [Worker] {
    var ready: [Worker] = []
    var failure: (any Error)?
    for worker in workers where interrupts == 0 {
      do {
        try await worker.prepare()
        ready.append(worker)
      } catch  where interrupts == 0 {
        failure = error
        if workers.count > 1 { tell(.deviceFailed(reason: "\(error)")) }
      } catch {
        // It was ended before it could start.
      }
    }
    if let failure, ready.isEmpty { throw failure }
    return ready
  }

  /// A limit of tiles is one for all devices.
  private func spread(_ rendered: [Int]) async {
    let total = rendered.reduce(0, +)
    for (worker, own) in zip(workers, rendered) { await worker.note(renderedElsewhere: total - own) }
  }

  /// The owner wants it to end: the first time with the tile in work, the second at once.
  public func interrupt() async {
    interrupts += 1
    for worker in workers {
      if interrupts == 1 { await worker.drain() } else { await worker.quit() }
    }
  }

  // MARK: Looking

  /// Takes in the facts, lets the devices do what is decided, says where it stands.
  private func look() async {
    let facts = facts()
    let new = gate.look(facts)
    if new != decision {
      decision = new
      await perform(new)
    }
    await say(facts)
  }

  private func perform(_ decision: WorkGate.Decision) async {
    for worker in workers {
      switch decision {
      case .work: await worker.resume()
      case .rest(let reasons): await worker.rest(graceMS: reasons.map(\.graceMS).min() ?? 0)
      case .finish: await worker.finish()
      }
    }
    switch decision {
    case .work: tell(.working)
    case .rest(let reasons): tell(.resting(reasons))
    case .finish: tell(.finishing)
    }
  }

  private func facts() -> WorkGate.Facts {
    let wallS = Int64(Date().timeIntervalSince1970)
    let elapsed = (ContinuousClock.now - start).components
    var facts = WorkGate.Facts(
      wallS: wallS, runningS: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
    facts.isPaused = control.isPaused
    facts.isDrainAsked = control.isDrainAsked(run: board.update { _ in }.run)
    if settings.idleAfterS != nil {
      facts.userIdleS = readings.lastInputS().map { Double(max(0, wallS - $0)) }
      let ticks = readings.processorTicks()
      if let before = lastTicks { facts.othersShare = ticks?.othersShare(since: before) }
      lastTicks = ticks
    }
    if settings.temperatureMaxC != nil { facts.temperatureC = readings.temperatureC() }
    return facts
  }

  private func say(_ facts: WorkGate.Facts) async {
    var devices: [WorkerStatus.Device] = []
    for worker in workers {
      await worker.watchMemory()
      devices.append(await worker.standing)
    }
    let isReady = devices.contains { !$0.id.isEmpty }
    let status = board.update { status in
      status.devices = devices
      (status.state, status.reasons) =
        switch decision {
        case .work: (isReady ? .working : .starting, [])
        case .rest(let reasons): (.resting, reasons)
        case .finish: (.finishing, [])
        }
      if interrupts > 0 { (status.state, status.reasons) = (.finishing, []) }
      status.scheduleChangesMS = gate.nextChangeS(afterS: facts.wallS).map { UInt64($0) * 1000 }
      status.updatedMS = written?.updatedMS ?? 0
    }
    let nowMS = UInt64(facts.wallS) * 1000
    guard status != written || nowMS >= status.updatedMS + WorkerDaemon.tellEveryMS else { return }
    let stamped = board.update { $0.updatedMS = nowMS }
    // A full disk is no reason not to work.
    try? control.tell(stamped)
    written = stamped
  }
}
