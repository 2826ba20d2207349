import FarmProtocol

/// What a worker asks.
extension FarmClient {
  /// Joins the farm, or comes back.
  public func join(_ request: JoinRequest) async throws -> JoinReply {
    try await fetch("POST", Routes.workers, body: try WireJSON.encode(request))
  }

  /// Asks for work.
  public func lease(_ request: LeaseRequest) async throws -> LeaseReply {
    try await fetch("POST", Routes.leases, body: try WireJSON.encode(request))
  }

  /// Says that the caller is alive and holds these leases.
  public func heartbeat(_ heartbeat: Heartbeat) async throws -> HeartbeatReply {
    try await fetch("POST", Routes.heartbeats, body: try WireJSON.encode(heartbeat))
  }

  /// Delivers a result, `ResultEnvelope.encoded()`; the receipt means that it is durable. Sending it again is
  /// safe.
  public func submitResult(_ envelope: [UInt8]) async throws -> ResultReceipt {
    try await fetch("POST", Routes.results, body: envelope, type: ResultEnvelope.contentType)
  }
}
