import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Worker

/// Doing what the workers' machines decide.
extension Simulation {
  /// A machine that is called so often at one instant never lets time pass.
  private static let spinMax = 1_000

  func revive(_ worker: SimulatedWorker) throws {
    guard !worker.isUp, worker.stopped == nil else { return }
    worker.start()
    try apply(.started, to: worker)
  }

  func apply(_ event: WorkerEvent, to worker: SimulatedWorker) throws {
    worker.spin = worker.spin.atMS == clock.nowMS ? (clock.nowMS, worker.spin.count + 1) : (clock.nowMS, 0)
    guard worker.spin.count < Simulation.spinMax else {
      throw violated("worker \(worker.place) spins: \(event)")
    }
    let life = worker.life
    // A process that ends over one of them does not do the others.
    for action in worker.handle(event, nowMS: clock.nowMS) where worker.life == life {
      try perform(action, of: worker)
    }
    guard worker.isUp, let wakeMS = worker.machine.wakeMS, worker.wakeMS.map({ wakeMS < $0 }) ?? true else {
      return
    }
    worker.wakeMS = max(wakeMS, clock.nowMS)
    queue.add(.wake(worker: worker.place, life: worker.life), atMS: max(wakeMS, clock.nowMS))
  }

  func wake(_ worker: SimulatedWorker, _ life: Int) throws {
    guard worker.life == life, worker.isUp, let dueMS = worker.wakeMS, dueMS <= clock.nowMS else { return }
    worker.wakeMS = nil
    try apply(.tick, to: worker)
  }

  /// The answer to a request, or that none came; the first that comes counts.
  func answer(_ worker: SimulatedWorker, _ life: Int, _ exchange: Int, _ outcome: Outcome) throws {
    guard worker.life == life, let request = worker.open.removeValue(forKey: exchange) else { return }
    let event = worker.event(of: request, outcome)
    if case .joined = event, crashes(worker) { return }
    try apply(event, to: worker)
  }

  private func perform(_ action: WorkerAction, of worker: SimulatedWorker) throws {
    switch action {
    case .join: send(.join(worker.desk.joinRequest), from: worker)
    case .requestLease(let request): send(.lease(request), from: worker)
    case .heartbeat(let beat): send(.heartbeat(beat), from: worker)
    case .deliver(let id): try deliver(id, from: worker)
    case .fetch(let lease):
      // Nothing to fetch is soon fetched: one answer all the same.
      if worker.has(lease.manifest) {
        answerSoon(.files(lease), .success([[UInt8]]()), to: worker)
      } else {
        send(.files(lease), from: worker)
      }
    case .load(let lease):
      schedule(
        .loaded(worker: worker.place, life: worker.life, lease), inMS: rendering.between(20, 400))
    case .render(let order): begin(order, at: worker)
    case .leaveDevice: preconditionFailure("a simulated worker has no owner who lets it rest")
    case .discard(let id): if !crashes(worker) { worker.desk.discard(id) }
    case .tell(let notice): note(notice)
    case .stop(let reason): try stopped(worker, reason)
    }
  }

  private func answerSoon(_ request: Request, _ outcome: Outcome, to worker: SimulatedWorker) {
    exchanges += 1
    worker.open[exchanges] = request
    schedule(.answer(worker: worker.place, life: worker.life, exchange: exchanges, outcome), inMS: 0)
  }

  private func deliver(_ id: Digest, from worker: SimulatedWorker) throws {
    do throws(WorkerError) {
      send(.result(id, body: try worker.desk.result(id).encoded()), from: worker)
    } catch { answerSoon(.result(id, body: []), .failure(error), to: worker) }
  }

  private func note(_ notice: WorkerNotice) {
    switch notice {
    case .resending(let count): tally.resent += count
    case .undeliverable: tally.undeliverable += 1
    case .leaseReleased: tally.leasesReleased += 1
    default: break
    }
  }

  private func stopped(_ worker: SimulatedWorker, _ reason: WorkerStop) throws {
    worker.stopped = reason
    worker.end()
    if worker.isHonest { throw violated("honest worker \(worker.place) stopped: \(reason)") }
  }

  /// Whether the worker's process ends here.
  private func crashes(_ worker: SimulatedWorker) -> Bool {
    guard has(.workerCrash), mishaps.happens(0.02) else { return false }
    crash(worker, forMS: mishaps.between(500, 30_000))
    return true
  }

  func crash(_ worker: SimulatedWorker, forMS delayMS: UInt64) {
    guard worker.isUp else { return }
    worker.end()
    tally.workerCrashes += 1
    schedule(.revival(worker: worker.place), inMS: delayMS)
  }

  // MARK: Rendering

  func loaded(_ worker: SimulatedWorker, _ life: Int, _ lease: Lease) throws {
    guard worker.life == life else { return }
    let digest = Picture(of: lease.terms).deviceScene(frame: lease.frame)
    try apply(.loaded(Resident(job: lease.job, frame: lease.frame, deviceScene: digest)), to: worker)
  }

  private func begin(_ order: RenderOrder, at worker: SimulatedWorker) {
    // A hoarder's renderer never comes to an end.
    if worker.cheat == .hoarding, !isCalm { return }
    let work = Picture(of: order.terms).content(order.terms.tile(order.assignment.tile)).totalWork
    let renderMS = UInt64(Double(work) / worker.speed) + 20
    schedule(
      .rendered(worker: worker.place, life: worker.life, order, startMS: clock.nowMS), inMS: renderMS)
  }

  func rendered(
    _ worker: SimulatedWorker, _ life: Int, _ order: RenderOrder, startMS: UInt64
  ) throws {
    guard worker.life == life, !crashes(worker) else { return }
    let event = worker.rendered(
      order, try render(order, at: worker), renderMS: clock.nowMS - startMS)
    tally.tilesRendered += 1
    // The result is durable and nobody has heard of it.
    guard !crashes(worker) else { return }
    try apply(event, to: worker)
  }

  private func render(
    _ order: RenderOrder, at worker: SimulatedWorker
  ) throws -> Result<RenderedTile, any Error> {
    if has(.disk), clock.nowMS < worker.diskFullUntilMS {
      return .failure(WorkerError.disk("cannot write: No space left on device"))
    }
    // A driver that crashes now and then.
    if !scenario.faults.isEmpty, !isCalm, rendering.happens(0.01) { return .failure(LineDown()) }
    let terms = order.terms
    let tile = order.assignment.tile
    let truth = Picture(of: terms).content(terms.tile(tile))
    let content = isCalm ? truth : falsified(truth, order, by: worker) ?? truth
    let header = FragmentHeader(
      job: order.assignment.job.digest.bytes, tile: tile.value, attempt: order.assignment.attempt)
    var bytes = try FragmentCodec.encode(content, header: header)
    if worker.cheat == .malformed, !isCalm { bytes.removeLast(rendering.between(1, bytes.count - 1)) }
    watch.committed(order.assignment.digest, Falsehood(content, truth: truth))
    remember(content, of: order)
    return .success(
      RenderedTile(
        fragment: bytes, root: content.commitmentRoot(), work: content.totalWork,
        pixelCount: UInt32(content.rect.pixelCount)))
  }

  private func falsified(
    _ truth: TileContent, _ order: RenderOrder, by worker: SimulatedWorker
  ) -> TileContent? {
    // Some of the time an honest tile: a cheat that wants to stay has to look like one.
    guard let cheat = worker.cheat, rendering.happens(0.7) else { return nil }
    let other = workload.jobs.first { $0.terms.id != order.terms.id }
    return cheat.falsified(
      truth, order.terms, order.assignment.tile, otherJob: other?.terms, &rendering)
  }
}
