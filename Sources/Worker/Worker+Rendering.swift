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
    let assignment = order.assignment
    let rect = order.terms.tile(assignment.tile).rect
    let outcome = await attempt {
      try await renderer.render(
        assignment.tile, rect: rect, attempt: assignment.attempt, ahead: order.ahead)
    }
    return desk.rendered(order, outcome, renderMS: clock.nowMS() - startMS)
  }

  func leaveDevice() async -> WorkerEvent {
    await renderer.stop()
    return .deviceLeft
  }
}
