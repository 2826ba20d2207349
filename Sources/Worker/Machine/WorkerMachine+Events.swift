import FarmProtocol
import Settlement

extension WorkerMachine {
  /// Changes what is known.
  mutating func take(_ event: WorkerEvent, nowMS: UInt64, into actions: inout [WorkerAction]) {
    switch event {
    case .started: isStarted = true
    case .described(let device, let raysPerS):
      offer = WorkerOffer(
        device: device.id, raysPerS: raysPerS, memoryBytesMax: settings.memoryBytesMax,
        pricePerRayMin: settings.pricePerRayMin)
    case .memoryTaken(let bytes): takeMemory(bytes, nowMS: nowMS, into: &actions)
    case .tick: break
    case .joined, .joinFailed: takeJoin(event, nowMS: nowMS, into: &actions)
    case .leased, .noLease, .leaseUnusable, .leaseFailed: takeLease(event, nowMS: nowMS, into: &actions)
    case .fetched(let fence): update(fence) { $0.takeFetched() }
    case .fetchFailed(let fence, let error): takeFetchFailure(fence, error, nowMS: nowMS, into: &actions)
    case .loaded, .loadFailed, .rendered, .renderFailed: takeRenderer(event, nowMS: nowMS, into: &actions)
    case .delivered, .deliveryFailed: takeDelivery(event, nowMS: nowMS, into: &actions)
    case .heartbeatAnswered(let reply): takeHeartbeat(reply, nowMS: nowMS, into: &actions)
    case .heartbeatFailed(let error): takeHeartbeatFailure(error, nowMS: nowMS, into: &actions)
    case .deviceLeft: isLeavingDevice = false
    case .drainRequested: drain(into: &actions)
    case .finishRequested: isDraining = true
    case .restRequested(let graceMS): rest(graceMS: graceMS, nowMS: nowMS, into: &actions)
    case .workRequested: isResting = false
    case .renderedElsewhere(let tiles):
      renderedElsewhere = tiles
      drainIfDone(into: &actions)
    case .quitRequested: stop(.quit, into: &actions)
    }
  }

  private mutating func takeJoin(_ event: WorkerEvent, nowMS: UInt64, into actions: inout [WorkerAction]) {
    switch event {
    case .joined(let reply, let waiting):
      answered(into: &actions)
      join.succeed()
      isJoined = true
      // A farm's number, kept within reason: neither a flood nor a silence that loses leases.
      heartbeatMS = min(max(reply.heartbeatMS, 100), Limits.workerSilenceMS)
      actions.append(.tell(.joined(reply)))
      let new = waiting.filter { entry in !outbox.contains { $0.id == entry.id } }
      outbox += new
      if !new.isEmpty { actions.append(.tell(.resending(count: new.count))) }
    case .joinFailed(let error):
      if case .refused(let refusal) = error, refusal.meaningForWorker == .leave {
        return stop(.refused(refusal), into: &actions)
      }
      if case .unreachable = error { isAway = true }
      let waitMS = join.fail(nowMS)
      actions.append(.tell(.retrying(what: "join", reason: error.description, afterMS: waitMS)))
    default: preconditionFailure("\(event) is not about joining")
    }
  }

  private mutating func takeLease(_ event: WorkerEvent, nowMS: UInt64, into actions: inout [WorkerAction]) {
    switch event {
    case .leased(let lease):
      answered(into: &actions)
      leasing.succeed()
      guard !isDraining, !isResting else {
        releasing.insert(lease.fence)
        return
      }
      precondition(next == nil, "lease \(lease.fence) came while two are in hand")
      if fences.isEmpty { heartbeat.wait(untilMS: nowMS + heartbeatMS) }
      let fetch = Attempt(settings.network, seed: fetchSeeds.next())
      next = HeldLease(lease, fetch: fetch)
      actions.append(.tell(.leased(job: lease.job, frame: lease.frame, tiles: lease.assignments.count)))
    case .noLease(let retryAfterMS):
      answered(into: &actions)
      leasing.succeed()
      leasing.wait(untilMS: nowMS + min(max(retryAfterMS, 20), 60_000))
    case .leaseUnusable(let fence, let refusal):
      answered(into: &actions)
      leasing.fail(nowMS)
      releasing.insert(fence)
      actions.append(.tell(.leaseUnusable(refusal)))
    case .leaseFailed(let error):
      let waitMS = leasing.fail(nowMS)
      farmFailed("lease", error, waitMS: waitMS, into: &actions)
    default: preconditionFailure("\(event) is not about leases")
    }
  }

  private mutating func takeHeartbeat(
    _ reply: HeartbeatReply, nowMS: UInt64, into actions: inout [WorkerAction]
  ) {
    answered(into: &actions)
    heartbeat.succeed()
    heartbeat.wait(untilMS: nowMS + heartbeatMS)
    releasing.subtract(releasesSent)
    for fence in releasesSent { failures[fence] = nil }
    releasesSent = []
    for taken in reply.taken ?? [] { update(taken.fence) { $0.leave(taken.tiles) } }
    for fence in reply.lost {
      releasing.remove(fence)
      guard let held = [current, next].compactMap({ $0 }).first(where: { $0.fence == fence && !$0.isLost })
      else { continue }
      actions.append(.tell(.leaseLost(job: held.lease.job, tilesLeft: held.queue.count)))
      update(fence) {
        $0.isLost = true
        _ = $0.dropRest()
      }
    }
  }

  private mutating func takeHeartbeatFailure(
    _ error: WorkerError, nowMS: UInt64, into actions: inout [WorkerAction]
  ) {
    heartbeat.fail(nowMS)
    // A farm that comes back counts the silence from then: heartbeats never wait longer than they are apart.
    heartbeat.wait(untilMS: min(heartbeat.notBeforeMS, nowMS + heartbeatMS))
    releasesSent = []
    // Leases that cannot be given back end by themselves; nobody waits for that.
    if isDraining { releasing = [] }
    farmFailed("heartbeat", error, waitMS: heartbeat.notBeforeMS - nowMS, into: &actions)
  }
}
