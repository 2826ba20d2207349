import Cryptography
import FarmProtocol
import Settlement

/// What a worker asks of its farm; each ends in the event that the machine waits for.
extension Worker {
  func join() async -> WorkerEvent {
    guard let description else { preconditionFailure("joining without a renderer") }
    let request = JoinRequest(
      protocolVersion: Limits.protocolVersion, name: name, device: description.device,
      kernelSet: description.kernelSet)
    do {
      let reply = try await link.join(request)
      try check(reply.farm, description)
      let box = try outbox ?? home.outbox(farm: reply.farm.coordinator)
      let contents = try box.contents()
      (farm, outbox) = (reply.farm, box)
      if !contents.setAside.isEmpty { note(.setAside(paths: contents.setAside)) }
      return .joined(reply, outbox: contents.entries)
    } catch {
      return .joinFailed(WorkerError(farm: error))
    }
  }

  /// Refuses a farm of another version or kernel set, and one that took the place of the farm joined before.
  private func check(_ info: FarmInfo, _ description: RendererDescription) throws(Refusal) {
    guard info.protocolVersion == Limits.protocolVersion else {
      throw .init(
        .unsupportedVersion,
        "the farm speaks protocol \(info.protocolVersion), this worker \(Limits.protocolVersion)",
        remedy: "use a worker of the farm's version")
    }
    guard info.kernelSet == description.kernelSet else {
      throw .init(
        .kernelMismatch,
        "the farm renders with kernels \(info.kernelSet.short), "
          + "this worker has \(description.kernelSet.short)",
        remedy: "use a worker of the farm's version")
    }
    guard farm == nil || farm?.coordinator == info.coordinator else {
      throw .init(
        .forbidden, "another farm answers at this address now", remedy: "join it anew if you trust it")
    }
  }

  func requestLease(_ request: LeaseRequest) async -> WorkerEvent {
    do {
      let reply = try await link.lease(request)
      guard let lease = reply.lease else { return .noLease(retryAfterMS: reply.retryAfterMS) }
      guard let farm, let description else { preconditionFailure("a lease before joining") }
      let check = LeaseCheck(
        coordinator: farm.coordinator, worker: key.publicKey, kernelSet: description.kernelSet)
      do throws(Refusal) {
        try check.check(lease)
        return .leased(lease)
      } catch {
        return .leaseUnusable(fence: lease.fence, error)
      }
    } catch {
      return .leaseFailed(WorkerError(farm: error))
    }
  }

  func fetch(_ lease: Lease) async -> WorkerEvent {
    do {
      try await blobs.fetch(lease.manifest, through: link)
      return .fetched(fence: lease.fence)
    } catch {
      return .fetchFailed(fence: lease.fence, WorkerError(farm: error))
    }
  }

  func deliver(_ id: Digest) async -> WorkerEvent {
    guard let outbox else { preconditionFailure("a delivery before joining") }
    do {
      return .delivered(id, try await link.deliver(try outbox.result(id)))
    } catch {
      return .deliveryFailed(id, WorkerError(farm: error))
    }
  }

  func beat(_ heartbeat: Heartbeat) async -> WorkerEvent {
    do {
      return .heartbeatAnswered(try await link.beat(heartbeat))
    } catch {
      return .heartbeatFailed(WorkerError(farm: error))
    }
  }
}
