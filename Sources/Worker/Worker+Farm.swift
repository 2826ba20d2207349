import Cryptography
import FarmProtocol
import Settlement

/// What a worker asks of its farm; each ends in the event that the machine waits for.
extension Worker {
  func join() async -> WorkerEvent {
    let request = desk.joinRequest
    let outcome = await attempt { try await link.join(request) }
    let (event, setAside) = desk.joined(outcome)
    if !setAside.isEmpty { note(.setAside(paths: setAside)) }
    return event
  }

  func requestLease(_ request: LeaseRequest) async -> WorkerEvent {
    desk.leased(await attempt { try await link.lease(request) })
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
    desk.delivered(id, await attempt { try await link.deliver(try desk.result(id)) })
  }

  func beat(_ heartbeat: Heartbeat) async -> WorkerEvent {
    desk.answered(await attempt { try await link.beat(heartbeat) })
  }

  /// What became of a request.
  func attempt<T: Sendable>(_ request: () async throws -> T) async -> Result<T, any Error> {
    do { return .success(try await request()) } catch { return .failure(error) }
  }
}
