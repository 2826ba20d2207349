import FarmProtocol

extension WorkerMachine {
  /// Whether the farm is to be told of this worker. While draining only for what still waits in the outbox.
  var wantsJoin: Bool { !isJoined && (!isDraining || !outbox.isEmpty) }

  /// Whether another lease is wanted: none in hand, or the last quarter of one, so that a device whose tiles
  /// take milliseconds has the next one's files in time.
  var wantsLease: Bool {
    guard isJoined, !isDraining, !isResting, next == nil else { return false }
    let inHand = current?.queue.count ?? 0
    let isNearEnd = inHand <= max(1, (current?.lease.assignments.count ?? 0) / 4)
    return isNearEnd && tilesRendered + renderedElsewhere + inHand < settings.drainAfterTiles ?? .max
  }

  /// Whether the renderer has something to do.
  var wantsRenderer: Bool {
    guard let current, !current.isRendering, !isLeavingDevice else { return false }
    return current.stage == .fetched || current.stage == .ready
  }

  var wantsHeartbeat: Bool { isJoined && !(fences.isEmpty && releasable.isEmpty) }

  /// Leases to keep: those in hand, and those of results on their way.
  package var fences: Set<UInt64> {
    var fences = Set(outbox.map(\.fence))
    for held in [current, next].compactMap({ $0 }) where !held.isLost { fences.insert(held.fence) }
    return fences
  }

  /// Leases that can be given back now: a result under one that is given back would be refused.
  package var releasable: Set<UInt64> {
    releasing.subtracting(outbox.map(\.fence)).subtracting([current, next].compactMap { $0?.fence })
  }

  /// Starts everything that can be started.
  mutating func advance(nowMS: UInt64, into actions: inout [WorkerAction]) {
    guard isStarted else { return }
    if current == nil { (current, next) = (next, nil) }
    if wantsJoin, join.isReady(nowMS) {
      join.begin()
      actions.append(.join)
    }
    startDelivering(nowMS: nowMS, into: &actions)
    startFetching(&current, nowMS: nowMS, into: &actions)
    startFetching(&next, nowMS: nowMS, into: &actions)
    leaveDevice(nowMS: nowMS, into: &actions)
    startRendering(nowMS: nowMS, into: &actions)
    if wantsLease, leasing.isReady(nowMS), nowMS >= trouble.notBeforeMS {
      leasing.begin()
      let (job, frame) = (current?.lease.job ?? resident?.job, current?.lease.frame ?? resident?.frame)
      actions.append(.requestLease(LeaseRequest(residentJob: job, residentFrame: frame, offer: offer)))
    }
    startHeartbeat(nowMS: nowMS, into: &actions)
    let isEmpty = current == nil && outbox.isEmpty && (releasing.isEmpty || !isJoined)
    if isDraining, isEmpty, !leasing.isInFlight { stop(.drained, into: &actions) }
  }

  private func startFetching(_ held: inout HeldLease?, nowMS: UInt64, into actions: inout [WorkerAction]) {
    guard var lease = held, lease.stage == .leased, lease.fetch.isReady(nowMS) else { return }
    lease.fetch.begin()
    actions.append(.fetch(lease.lease))
    held = lease
  }

  private mutating func startRendering(nowMS: UInt64, into actions: inout [WorkerAction]) {
    guard wantsRenderer, renderer.isReady(nowMS), var held = current, let assignment = held.queue.first else {
      return
    }
    renderer.begin()
    holdsDevice = true
    if let resident, resident.holds(held.lease) {
      held.stage = .ready
      held.isRendering = true
      let following = next.flatMap { resident.holds($0.lease) ? $0.queue.first : nil }
      let ahead = held.queue.dropFirst().first ?? following
      actions.append(
        .render(
          RenderOrder(
            assignment: assignment, terms: held.lease.terms, deviceScene: resident.deviceScene,
            ahead: ahead?.tile)))
    } else {
      held.stage = .loading
      resident = nil
      actions.append(.load(held.lease))
    }
    current = held
  }

  private mutating func startHeartbeat(nowMS: UInt64, into actions: inout [WorkerAction]) {
    guard wantsHeartbeat, !heartbeat.isInFlight else { return }
    let isUrgent = !releasable.isEmpty && heartbeat.failures == 0
    guard isUrgent || heartbeat.isReady(nowMS) else { return }
    heartbeat.begin()
    releasesSent = releasable
    let failed = releasesSent.sorted().compactMap { fence in
      failures[fence].map { LeaseFailure(fence: fence, reason: $0) }
    }
    actions.append(
      .heartbeat(
        Heartbeat(
          fences: fences.sorted(), released: releasesSent.sorted(), failures: failed.isEmpty ? nil : failed)))
  }
}
