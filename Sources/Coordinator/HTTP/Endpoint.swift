import Cryptography
import FarmProtocol
import Settlement

/// What a request asks for, read from its method and path.
package enum Endpoint: Hashable, Sendable {
  case health
  case ready
  case metrics
  case farm
  case log(path: String)
  case missingBlobs
  case putBlob(Digest)
  case getBlob(Digest)
  case putBatch
  case uploadStatus(Digest)
  case putPiece(Digest)
  case submit
  case quote
  case jobs
  case job(JobID)
  case cancel(JobID)
  case pause(JobID)
  case resume(JobID)
  case events(JobID)
  case frame(JobID, UInt32, format: String)
  case join
  case lease
  case heartbeat
  case result
  case account
  case deposit
  case ban

  /// Whether anyone may ask, unsigned.
  package var isOpen: Bool {
    switch self {
    case .health, .ready, .metrics, .farm, .log: true
    default: false
    }
  }

  /// Most bytes of its body.
  package var bodyBytesMax: Int {
    switch self {
    case .putBlob: Limits.blobBytesMax
    case .result: Limits.resultBytesMax
    case .putBatch, .putPiece: Limits.pieceBytesMax
    case .missingBlobs, .submit, .quote: Limits.jsonBytesMax
    case .join, .lease, .heartbeat, .deposit, .ban: 64 << 10
    default: 0
    }
  }

  /// Nil when there is no such route.
  package init?(method: String, path: String) {
    if let fixed = Endpoint.fixed["\(method) \(path)"] {
      self = fixed
      return
    }
    if method == "GET", path.hasPrefix(Routes.log + "/") {
      self = .log(path: String(path.dropFirst(Routes.log.count + 1)))
      return
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
    guard parts.count >= 3, parts[0] == "v1", let digest = Digest(hex: parts[2]), digest.hex == parts[2]
    else {
      return nil
    }
    switch (method, parts[1], parts.count) {
    case ("PUT", "blobs", 3): self = .putBlob(digest)
    case ("GET", "blobs", 3): self = .getBlob(digest)
    case ("GET", "blobs", 4) where parts[3] == "parts": self = .uploadStatus(digest)
    case ("POST", "blobs", 4) where parts[3] == "parts": self = .putPiece(digest)
    case (_, "jobs", _): self.init(method: method, job: JobID(digest), rest: parts.dropFirst(3))
    default: return nil
    }
  }

  private init?(method: String, job: JobID, rest: ArraySlice<String>) {
    switch (method, rest.first, rest.count) {
    case ("GET", nil, 0): self = .job(job)
    case ("POST", "cancel", 1): self = .cancel(job)
    case ("POST", "pause", 1): self = .pause(job)
    case ("POST", "resume", 1): self = .resume(job)
    case ("GET", "events", 1): self = .events(job)
    case ("GET", "frames", 2):
      let name = rest[rest.startIndex + 1].split(separator: ".", omittingEmptySubsequences: false)
      guard name.count == 2, let number = UInt32(name[0]) else { return nil }
      self = .frame(job, number, format: String(name[1]))
    default: return nil
    }
  }

  private static let fixed: [String: Endpoint] = [
    "GET \(Routes.health)": .health,
    "GET \(Routes.ready)": .ready,
    "GET \(Routes.metrics)": .metrics,
    "GET \(Routes.farm)": .farm,
    "POST \(Routes.missingBlobs)": .missingBlobs,
    "POST \(Routes.blobs)": .putBatch,
    "POST \(Routes.jobs)": .submit,
    "POST \(Routes.quotes)": .quote,
    "GET \(Routes.jobs)": .jobs,
    "POST \(Routes.workers)": .join,
    "POST \(Routes.leases)": .lease,
    "POST \(Routes.heartbeats)": .heartbeat,
    "POST \(Routes.results)": .result,
    "GET \(Routes.account)": .account,
    "POST \(Routes.deposits)": .deposit,
    "POST \(Routes.bans)": .ban,
  ]
}
