import Cryptography
import FarmProtocol
import Transport

/// A farm over HTTP.
public struct FarmClientLink: CoordinatorLink {
  private let client: FarmClient

  /// Through a client that signs with the worker's key.
  public init(_ client: FarmClient) { self.client = client }

  /// `POST /v1/workers`.
  public func join(_ request: JoinRequest) async throws -> JoinReply { try await client.join(request) }
  /// `POST /v1/leases`.
  public func lease(_ request: LeaseRequest) async throws -> LeaseReply { try await client.lease(request) }
  /// `POST /v1/heartbeats`.
  public func beat(_ heartbeat: Heartbeat) async throws -> HeartbeatReply {
    try await client.heartbeat(heartbeat)
  }
  /// `POST /v1/results`.
  public func deliver(_ result: ResultEnvelope) async throws -> ResultReceipt {
    try await client.submitResult(result.encoded())
  }
  /// `GET /v1/blobs/DIGEST`.
  public func download(_ digest: Digest, to path: String) async throws {
    try await client.downloadBlob(digest, to: path)
  }
}

extension WorkerError {
  /// What a failed request to the farm means to the worker.
  init(farm error: any Error) {
    switch error {
    case let error as WorkerError: self = error
    case let refusal as Refusal: self = .refused(refusal)
    case TransportError.file(let path, let reason): self = .disk("\(path): \(reason)")
    default: self = .unreachable("\(error)")
    }
  }

  /// What a failed request to the renderer means to the worker.
  init(renderer error: any Error) {
    switch error {
    case let error as WorkerError: self = error
    case let refusal as Refusal: self = .refused(refusal)
    default: self = .rendererLost("\(error)")
    }
  }
}
