import FarmProtocol

/// What a worker asks.
extension FarmClient {
  /// A worker's call in which nothing moves for so long is made anew, seconds: after a cut the system's own
  /// next try on the old connection may come half a minute after the link does (RFC 6298, section 5.5).
  private static let workerStallS = 10

  /// Joins the farm, or comes back.
  public func join(_ request: JoinRequest) async throws -> JoinReply {
    try await fetch("POST", Routes.workers, body: try WireJSON.encode(request), stallS: Self.workerStallS)
  }

  /// Asks for work.
  public func lease(_ request: LeaseRequest) async throws -> LeaseReply {
    try await fetch("POST", Routes.leases, body: try WireJSON.encode(request), stallS: Self.workerStallS)
  }

  /// Says that the caller is alive and holds these leases.
  public func heartbeat(_ heartbeat: Heartbeat) async throws -> HeartbeatReply {
    try await fetch(
      "POST", Routes.heartbeats, body: try WireJSON.encode(heartbeat), stallS: Self.workerStallS)
  }

  /// Delivers a result, `ResultEnvelope.encoded()`; the receipt means that it is durable. Sending it again is
  /// safe.
  public func submitResult(_ envelope: [UInt8]) async throws -> ResultReceipt {
    try await fetch(
      "POST", Routes.results, body: envelope, type: ResultEnvelope.contentType, stallS: Self.workerStallS)
  }
}
