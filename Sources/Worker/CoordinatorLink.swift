import Cryptography
import FarmProtocol

/// What a worker asks of a farm. A thrown `Refusal` is the farm's answer; any other error means that no
/// answer came, and asking again is harmless: every request may be repeated.
public protocol CoordinatorLink: Sendable {
  /// Introduces the worker, or brings it back.
  func join(_ request: JoinRequest) async throws -> JoinReply
  /// Asks for tiles.
  func lease(_ request: LeaseRequest) async throws -> LeaseReply
  /// Keeps leases alive, gives others back.
  func beat(_ heartbeat: Heartbeat) async throws -> HeartbeatReply
  /// Delivers a tile. The receipt means that it is durable there.
  func deliver(_ result: ResultEnvelope) async throws -> ResultReceipt
  /// Brings a blob to `path`, which exists afterwards only if it has that digest.
  func download(_ digest: Digest, to path: String) async throws
}
