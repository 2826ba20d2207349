import Cryptography
import FarmProtocol
import Settlement

/// A worker's paperwork: what it asks its farm, what the answers of farm and renderer mean to the machine,
/// and the outbox. It waits for nothing and sends nothing; who does brings the outcome here, and what comes
/// back is the event for the machine.
package struct WorkerDesk: Sendable {
  private let name: String
  private let key: SigningKey
  package let description: RendererDescription
  /// Least price of a ray that is worked for.
  private let pricePerRayMin: Microcredits
  /// Opens the outbox for results of that farm.
  private let openOutbox: @Sendable (PublicKey) throws(WorkerError) -> Outbox
  /// What the farm is, and where results for it wait; set by the first join.
  private var farm: FarmInfo?
  private var outbox: Outbox?

  package init(
    name: String, key: SigningKey, description: RendererDescription, pricePerRayMin: Microcredits = .zero,
    openOutbox: @escaping @Sendable (PublicKey) throws(WorkerError) -> Outbox
  ) {
    self.name = name
    self.key = key
    self.description = description
    self.pricePerRayMin = pricePerRayMin
    self.openOutbox = openOutbox
  }

  package var joinRequest: JoinRequest {
    JoinRequest(
      protocolVersion: Limits.protocolVersion, name: name, device: description.device,
      kernelSet: description.kernelSet)
  }

  /// - Returns: the event, and files that were no results, where they are now.
  package mutating func joined(
    _ outcome: Result<JoinReply, any Error>
  ) -> (event: WorkerEvent, setAside: [String]) {
    do {
      let reply = try outcome.get()
      try check(reply.farm)
      let box = try outbox ?? openOutbox(reply.farm.coordinator)
      let contents = try box.contents()
      (farm, outbox) = (reply.farm, box)
      return (.joined(reply, outbox: contents.entries), contents.setAside)
    } catch {
      return (.joinFailed(WorkerError(farm: error)), [])
    }
  }

  /// Refuses a farm of another version or kernel set, and one that took the place of the farm joined before.
  private func check(_ info: FarmInfo) throws(Refusal) {
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

  package func leased(_ outcome: Result<LeaseReply, any Error>) -> WorkerEvent {
    do {
      let reply = try outcome.get()
      guard let lease = reply.lease else { return .noLease(retryAfterMS: reply.retryAfterMS) }
      guard let farm else { preconditionFailure("a lease before joining") }
      let check = LeaseCheck(
        coordinator: farm.coordinator, worker: key.publicKey, kernelSet: description.kernelSet,
        pricePerRayMin: pricePerRayMin)
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

  package func answered(_ outcome: Result<HeartbeatReply, any Error>) -> WorkerEvent {
    do {
      return .heartbeatAnswered(try outcome.get())
    } catch {
      return .heartbeatFailed(WorkerError(farm: error))
    }
  }

  // MARK: Results

  /// What is to be delivered for that assignment.
  package func result(_ id: Digest) throws(WorkerError) -> ResultEnvelope {
    guard let outbox else { preconditionFailure("a delivery before joining") }
    return try outbox.result(id)
  }

  package func delivered(_ id: Digest, _ outcome: Result<ResultReceipt, any Error>) -> WorkerEvent {
    do {
      return .delivered(id, try outcome.get())
    } catch {
      return .deliveryFailed(id, WorkerError(farm: error))
    }
  }

  /// Forgets a result. One that cannot be deleted is refused or known the next time.
  package func discard(_ id: Digest) { try? outbox?.remove(id) }

  /// A tile came from the renderer after `renderMS`: signed, and in the outbox when this returns.
  package func rendered(
    _ order: RenderOrder, _ outcome: Result<RenderedTile, any Error>, renderMS: UInt64
  ) -> WorkerEvent {
    let place = order.terms.tile(order.assignment.tile)
    let rect = place.rect
    let tile: RenderedTile
    do {
      tile = try outcome.get()
    } catch {
      return .renderFailed(WorkerError(renderer: error))
    }
    guard tile.pixelCount == UInt32(rect.pixelCount), tile.fragment.count <= Limits.fragmentBytesMax else {
      return .renderFailed(
        .rendererLost("it returned \(tile.pixelCount) pixels in \(tile.fragment.count) bytes for \(rect)"))
    }
    let result = seal(tile, order)
    do throws(WorkerError) {
      try outbox?.put(result)
    } catch {
      return .renderFailed(error)
    }
    return .rendered(
      OutboxEntry(
        id: result.assignment.digest, fence: order.assignment.fence, job: order.assignment.job,
        tile: order.assignment.tile, work: tile.work,
        price: Pricing.tilePay(
          work: tile.work, terms: order.terms,
          samples: order.terms.samples(ofPass: place.pass).count), renderMS: renderMS))
  }

  /// Signs what the tile is.
  private func seal(_ tile: RenderedTile, _ order: RenderOrder) -> ResultEnvelope {
    let commitment = Commitment(
      assignment: order.assignment.digest, root: tile.root, pixelCount: tile.pixelCount, work: tile.work,
      fragment: Digest(of: tile.fragment), deviceScene: order.deviceScene,
      device: description.device.digest(kernelSet: description.kernelSet))
    return ResultEnvelope(
      assignment: order.assignment, commitment: Signed(commitment, by: key), fragment: tile.fragment)
  }
}
