import Cryptography
import FarmProtocol
import Imaging
import Settlement

/// A worker of one farm with one renderer: does what `WorkerMachine` decides.
///
/// The machine is changed synchronously; what it wants done runs in tasks that end in one event each, so
/// that no await can come between a decision and the state it was made in.
public actor Worker {
  let link: any CoordinatorLink
  let renderer: any TileRendering
  let home: WorkerHome
  let blobs: BlobCache
  let key: SigningKey
  let name: String
  let clock: WorkerClock
  let settings: WorkerMachine.Settings
  /// Which of its owner's devices it is, counted from 0: each has an outbox of its own.
  let device: Int
  private let benchmarks: BenchmarkFile?
  private let tell: @Sendable (WorkerNotice) -> Void
  private var machine: WorkerMachine
  /// Set up when the renderer is known, before the machine starts.
  private var opened: WorkerDesk?
  private var timer: Task<Void, Never>?
  private var ended: CheckedContinuation<WorkerStop, Never>?
  /// Asked to end before it ran.
  private var early: [WorkerEvent] = []
  private var hasStarted = false

  /// What an owner wants of a device.
  public struct Terms: Hashable, Sendable {
    /// Finish after that many tiles, over all devices.
    public var drainAfterTiles: Int?
    /// Most memory that its renderer may take, bytes; nil for any.
    public var memoryBytesMax: UInt64?
    /// Least price of a ray; nil for any.
    public var pricePerRayMin: Microcredits?
    /// Anything, for ever.
    public init(drainAfterTiles: Int? = nil) { self.drainAfterTiles = drainAfterTiles }
  }

  /// A worker with the account in `home`, telling `tell` what happens; `seed` is that of its waits' jitter.
  /// - Parameter device: which of several it is, counted from 0.
  /// - Parameter benchmarks: where its speed is kept; nil: it is not measured.
  public init(
    name: String, home: WorkerHome, link: any CoordinatorLink, renderer: any TileRendering,
    terms: Terms = Terms(), device: Int = 0, benchmarks: BenchmarkFile? = nil, seed: UInt64,
    tell: @escaping @Sendable (WorkerNotice) -> Void
  ) throws {
    var settings = WorkerMachine.Settings(drainAfterTiles: terms.drainAfterTiles, seed: seed)
    settings.memoryBytesMax = terms.memoryBytesMax
    settings.pricePerRayMin = terms.pricePerRayMin
    try self.init(
      name: name, home: home, link: link, renderer: renderer, settings: settings, device: device,
      benchmarks: benchmarks, clock: .continuous, tell: tell)
  }

  /// As above, with all settings.
  package init(
    name: String, home: WorkerHome, link: any CoordinatorLink, renderer: any TileRendering,
    settings: WorkerMachine.Settings, device: Int = 0, benchmarks: BenchmarkFile? = nil,
    clock: WorkerClock, tell: @escaping @Sendable (WorkerNotice) -> Void
  ) throws {
    self.settings = settings
    self.device = device
    self.benchmarks = benchmarks
    self.name = name
    self.home = home
    self.link = link
    self.renderer = renderer
    self.clock = clock
    self.tell = tell
    blobs = try home.blobs()
    key = try home.identity().key
    machine = WorkerMachine(settings)
  }

  /// Starts the renderer and measures the device, unless it was measured before.
  func prepare() async throws {
    do {
      let description = try await renderer.describe()
      var raysPerS = benchmarks?.raysPerS(description)
      if let benchmarks, raysPerS == nil {
        let measured = try await renderer.benchmark()
        benchmarks.keep(measured, of: description)
        raysPerS = measured
      }
      opened = WorkerDesk(
        name: name, key: key, description: description, pricePerRayMin: settings.pricePerRayMin ?? .zero
      ) { [home, device] farm throws(WorkerError) in try home.outbox(farm: farm, device: device) }
      early.insert(.described(description.device, raysPerS: raysPerS), at: 0)
      tell(.device(description, raysPerS: raysPerS))
    } catch {
      await renderer.stop()
      throw WorkerError.rendererLost("\(error)")
    }
  }

  /// Works until drained, quit or refused. Throws only if the renderer cannot be started at all.
  public func run() async throws -> WorkerStop {
    precondition(!hasStarted, "a worker runs once")
    if opened == nil { try await prepare() }
    hasStarted = true
    let stop = await withCheckedContinuation { continuation in
      ended = continuation
      for event in early + [.started] { receive(event) }
    }
    timer?.cancel()
    await renderer.stop()
    return stop
  }

  /// Takes no work for now: the tile in work may go on so long, the rest is given back, the device left.
  func rest(graceMS: UInt64) { ask(.restRequested(graceMS: graceMS)) }

  /// Works again.
  func resume() { ask(.workRequested) }

  /// Finishes and delivers every tile in hand, and ends.
  func finish() { ask(.finishRequested) }

  /// Other devices of the same worker have rendered so many tiles together.
  func note(renderedElsewhere tiles: Int) { ask(.renderedElsewhere(tiles: tiles)) }

  /// Where it stands.
  var standing: WorkerStatus.Device {
    var device = WorkerStatus.Device()
    guard let description = opened?.description else { return device }
    (device.id, device.name) = (description.device.id, description.device.name)
    device.raysPerS = machine.offer?.raysPerS
    device.state = machine.status.rawValue
    (device.job, device.frame) = (machine.current?.lease.job, machine.current?.lease.frame)
    device.tilesInHand = (machine.current?.queue.count ?? 0) + (machine.next?.queue.count ?? 0)
    device.resultsWaiting = machine.outbox.count
    return device
  }

  /// Finishes and delivers the tile in work, gives back the rest, and ends.
  public func drain() { ask(.drainRequested) }

  /// Ends at once; the outbox keeps what is not delivered.
  public func quit() async {
    ask(.quitRequested)
    if !hasStarted { await renderer.stop() }
  }

  /// Looks how much memory the renderer takes, if its owner gives only so much.
  func watchMemory() async {
    guard settings.memoryBytesMax != nil, let bytes = await renderer.memoryBytes() else { return }
    ask(.memoryTaken(bytes: bytes))
  }

  private func ask(_ event: WorkerEvent) {
    if hasStarted { receive(event) } else { early.append(event) }
  }

  func receive(_ event: WorkerEvent) {
    for action in machine.handle(event, nowMS: clock.nowMS()) { perform(action) }
    timer?.cancel()
    guard let wakeMS = machine.wakeMS else { return }
    timer = Task { [clock] in
      await clock.sleep(wakeMS)
      if !Task.isCancelled { self.receive(.tick) }
    }
  }

  private func perform(_ action: WorkerAction) {
    switch action {
    case .join: start { await $0.join() }
    case .requestLease(let request): start { await $0.requestLease(request) }
    case .fetch(let lease): start { await $0.fetch(lease) }
    case .load(let lease): start { await $0.load(lease) }
    case .render(let order): start { await $0.render(order) }
    case .leaveDevice: start { await $0.leaveDevice() }
    case .deliver(let id): start { await $0.deliver(id) }
    case .heartbeat(let heartbeat): start { await $0.beat(heartbeat) }
    case .discard(let id): desk.discard(id)
    case .tell(let notice): tell(notice)
    case .stop(let reason):
      ended?.resume(returning: reason)
      ended = nil
    }
  }

  private func start(_ work: @escaping @Sendable (isolated Worker) async -> WorkerEvent) {
    Task { await self.finish(work) }
  }

  private func finish(_ work: @Sendable (isolated Worker) async -> WorkerEvent) async {
    receive(await work(self))
  }

  func note(_ notice: WorkerNotice) { tell(notice) }

  /// Of a worker that runs.
  var desk: WorkerDesk {
    get {
      guard let opened else { preconditionFailure("a worker without a renderer") }
      return opened
    }
    set { opened = newValue }
  }
}
