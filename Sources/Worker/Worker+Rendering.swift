import Cryptography
import FarmProtocol
import Settlement

/// What a worker asks of its renderer; each ends in the event that the machine waits for.
extension Worker {
  func load(_ lease: Lease) async -> WorkerEvent {
    let scene = RendererScene(terms: lease.terms, frame: lease.frame, files: blobs.files(of: lease.manifest))
    do {
      let digest = try await renderer.load(scene)
      return .loaded(Resident(job: lease.job, frame: lease.frame, deviceScene: digest))
    } catch {
      return .loadFailed(WorkerError(renderer: error))
    }
  }

  func render(_ order: RenderOrder) async -> WorkerEvent {
    let startMS = clock.nowMS()
    let rect = order.terms.tile(order.assignment.tile).rect
    let tile: RenderedTile
    do {
      tile = try await renderer.render(order.assignment.tile, rect: rect, attempt: order.assignment.attempt)
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
        price: Pricing.tilePay(work: tile.work, terms: order.terms),
        renderMS: clock.nowMS() - startMS))
  }

  /// Signs what the tile is.
  private func seal(_ tile: RenderedTile, _ order: RenderOrder) -> ResultEnvelope {
    guard let description else { preconditionFailure("a tile without a renderer") }
    let commitment = Commitment(
      assignment: order.assignment.digest, root: tile.root, pixelCount: tile.pixelCount, work: tile.work,
      fragment: Digest(of: tile.fragment), deviceScene: order.deviceScene,
      device: description.device.digest(kernelSet: description.kernelSet))
    return ResultEnvelope(
      assignment: order.assignment, commitment: Signed(commitment, by: key), fragment: tile.fragment)
  }
}
