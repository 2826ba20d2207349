import FarmProtocol
import Settlement

extension WorkerMachine {
  /// Takes in what the renderer did.
  mutating func takeRenderer(_ event: WorkerEvent, nowMS: UInt64, into actions: inout [WorkerAction]) {
    switch event {
    case .loaded(let loaded):
      renderer.end()
      resident = holdsDevice ? loaded : nil
      if current?.stage == .loading { current?.stage = .ready }
    case .loadFailed(let error), .renderFailed(let error):
      takeRendererFailure(error, nowMS: nowMS, into: &actions)
    case .rendered(let entry):
      renderer.succeed()
      trouble.succeed()
      tilesRendered += 1
      let isWanted = current?.isRendering == true && current?.isLost == false
      if isWanted { outbox.append(entry) } else { actions.append(.discard(entry.id)) }
      if let fence = current?.fence, current?.isRendering == true { update(fence) { $0.takeRendered() } }
      actions.append(.tell(.rendered(entry)))
      drainIfDone(into: &actions)
    default: preconditionFailure("\(event) is not the renderer's")
    }
  }

  private mutating func takeRendererFailure(
    _ error: WorkerError, nowMS: UInt64, into actions: inout [WorkerAction]
  ) {
    var waitMS: UInt64?
    switch error {
    // One that was ended has not failed.
    case .rendererLost where !holdsDevice: renderer.end()
    case .rendererLost:
      resident = nil
      waitMS = renderer.fail(nowMS)
    default: renderer.end()
    }
    // A frame that was loaded for a lease that is gone concerns nobody.
    guard var held = current, held.isRendering || held.stage == .loading else { return }
    held.isRendering = false
    held.rendererLosses += 1
    held.stage = .fetched
    current = held
    if let waitMS, held.rendererLosses < 2, !held.isLost, !isDraining {
      actions.append(.tell(.retrying(what: "renderer", reason: error.description, afterMS: waitMS)))
    } else {
      abandon(held, reason: error.description, nowMS: nowMS, into: &actions)
    }
  }

  /// Ends a renderer that takes more memory than its owner gives; the lease goes back as more than can be
  /// done here.
  mutating func takeMemory(_ bytes: UInt64, nowMS: UInt64, into actions: inout [WorkerAction]) {
    guard let bytesMax = settings.memoryBytesMax, bytes > bytesMax, holdsDevice else { return }
    if let held = current, held.isRendering || held.stage == .loading {
      let reason = "it takes \(bytes >> 20) MiB of memory, \(bytesMax >> 20) are given"
      abandon(held, reason: reason, nowMS: nowMS, into: &actions)
    }
    leaveDevice(into: &actions)
  }

  /// Takes in why a lease's files did not come.
  mutating func takeFetchFailure(
    _ fence: UInt64, _ error: WorkerError, nowMS: UInt64, into actions: inout [WorkerAction]
  ) {
    guard var held = [current, next].compactMap({ $0 }).first(where: { $0.fence == fence }) else { return }
    switch error {
    case .unreachable:
      let waitMS = held.fetch.fail(nowMS)
      update(fence) { $0 = held }
      farmFailed("scene", error, waitMS: waitMS, into: &actions)
    case .refused(let refusal) where refusal.meaningForBlob != .final:
      held.fetch.fail(nowMS)
      update(fence) { $0 = held }
      if refusal.meaningForBlob == .joinAgain { isJoined = false }
    default:
      abandon(held, reason: error.description, nowMS: nowMS, into: &actions)
    }
  }

  /// Gives a lease up. The next may be of the same job: no hurry.
  private mutating func abandon(
    _ held: HeldLease, reason: String, nowMS: UInt64, into actions: inout [WorkerAction]
  ) {
    trouble.fail(nowMS)
    if !held.isLost {
      releasing.insert(held.fence)
      failures[held.fence] = reason
      actions.append(.tell(.leaseReleased(job: held.lease.job, reason: reason)))
    }
    if current?.fence == held.fence { current = nil }
    if next?.fence == held.fence { next = nil }
  }

  /// Changes the lease of that fence, if it is still in hand; one without tiles left is put away.
  mutating func update(_ fence: UInt64, _ change: (inout HeldLease) -> Void) {
    for place in [\WorkerMachine.current, \WorkerMachine.next] {
      guard var held = self[keyPath: place], held.fence == fence else { continue }
      change(&held)
      self[keyPath: place] = held.queue.isEmpty ? nil : held
    }
  }

  /// The end.
  mutating func stop(_ reason: WorkerStop, into actions: inout [WorkerAction]) {
    isStopped = true
    actions.append(.stop(reason))
  }

  /// The farm answered: what waited for it to come back need not wait longer.
  mutating func answered(into actions: inout [WorkerAction]) {
    guard isAway else { return }
    isAway = false
    join.retryNow()
    leasing.retryNow()
    delivery.retryNow()
    heartbeat.retryNow()
    actions.append(.tell(.farmIsBack))
  }

  /// A lease request, heartbeat or delivery failed. A person is told once that the farm is away.
  mutating func farmFailed(
    _ what: String, _ error: WorkerError, waitMS: UInt64, into actions: inout [WorkerAction]
  ) {
    let notice = WorkerAction.tell(.retrying(what: what, reason: error.description, afterMS: waitMS))
    guard case .refused(let refusal) = error else {
      if !isAway { actions.append(notice) }
      isAway = true
      return
    }
    answered(into: &actions)
    switch refusal.meaningForWorker {
    case .leave: stop(.refused(refusal), into: &actions)
    case .joinAgain: isJoined = false
    case .later, .final: actions.append(notice)
    }
  }
}

extension HeldLease {
  /// Its files are here.
  mutating func takeFetched() {
    fetch.succeed()
    if stage == .leased { stage = .fetched }
  }

  /// The tile with the renderer is done.
  mutating func takeRendered() {
    isRendering = false
    rendererLosses = 0
    queue.removeFirst()
  }
}
