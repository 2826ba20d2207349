import Cryptography
import Settlement

/// Every path of the HTTP interface, spelled once.
public enum Routes {
  /// `GET`: `FarmInfo`. Open to anyone.
  public static let farm = "/v1/farm"
  /// `GET`: 200 while the coordinator serves. Open to anyone.
  public static let health = "/healthz"
  /// `GET`: 200 while new work is taken, 503 with the reasons otherwise. Open to anyone.
  public static let ready = "/readyz"
  /// `GET`: numbers for Prometheus. Open to anyone.
  public static let metrics = "/metrics"
  /// `POST` `BlobList`: those of them that the farm lacks.
  public static let missingBlobs = "/v1/blobs/missing"
  /// `POST` `SubmitRequest`: `JobStatus`. `GET`: `JobList`.
  public static let jobs = "/v1/jobs"
  /// `POST` `JoinRequest`: `JoinReply`.
  public static let workers = "/v1/workers"
  /// `POST` `LeaseRequest`: `LeaseReply`.
  public static let leases = "/v1/leases"
  /// `POST` `Heartbeat`: `HeartbeatReply`.
  public static let heartbeats = "/v1/heartbeats"
  /// `POST` `ResultEnvelope`: `ResultReceipt`.
  public static let results = "/v1/results"
  /// `GET`: `AccountStatement` of the caller.
  public static let account = "/v1/account"
  /// `POST` `DepositRequest`: `AccountStatement` of the account.
  public static let deposits = "/v1/deposits"
  /// The tlog-tiles directory: `checkpoint`, `vkey`, `tile/...` below it. Open to anyone.
  public static let log = "/v1/log"

  /// `PUT` uploads, `GET` downloads.
  public static func blob(_ digest: Digest) -> String { "/v1/blobs/\(digest.hex)" }
  /// `GET`: `JobStatus`.
  public static func job(_ id: JobID) -> String { "\(jobs)/\(id)" }
  /// `POST` without a body: `JobStatus`.
  public static func cancel(_ id: JobID) -> String { "\(jobs)/\(id)/cancel" }
  /// `POST` without a body: `JobStatus`.
  public static func pause(_ id: JobID) -> String { "\(jobs)/\(id)/pause" }
  /// `POST` without a body: `JobStatus`.
  public static func resume(_ id: JobID) -> String { "\(jobs)/\(id)/resume" }
  /// `POST` `RequeueRequest`: `JobStatus`.
  public static func requeue(_ id: JobID) -> String { "\(jobs)/\(id)/requeue" }
  /// Server-sent events: a `status` event, data a `JobStatus`, at once and at every change.
  public static func events(_ id: JobID) -> String { "\(jobs)/\(id)/events" }
  /// A finished frame; `format` is "exr" or "png".
  public static func frame(_ id: JobID, _ number: UInt32, format: String) -> String {
    "\(jobs)/\(id)/frames/\(number).\(format)"
  }
  /// An unfinished frame, as it looks by then; `format` as above.
  public static func preview(_ id: JobID, _ number: UInt32, format: String) -> String {
    "\(jobs)/\(id)/previews/\(number).\(format)"
  }
}
