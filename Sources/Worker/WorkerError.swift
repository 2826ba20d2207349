import FarmProtocol

/// What goes wrong around a worker. `refused` is an answer; everything else may be different next time.
public enum WorkerError: Error, Hashable, Sendable {
  /// The other side, farm or renderer, said no.
  case refused(Refusal)
  /// No answer from the farm: what was asked, and why none came.
  case unreachable(String)
  /// The renderer died or answered out of turn.
  case rendererLost(String)
  /// The worker's own files: what, where and why.
  case disk(String)
  /// Another process works in this home.
  case homeInUse(path: String)
  /// The key file cannot be used: where, why, and what to do.
  case keyUnusable(path: String, reason: String, remedy: String)
}

extension WorkerError: CustomStringConvertible {
  /// One line for people.
  public var description: String {
    switch self {
    case .refused(let refusal): refusal.description
    case .unreachable(let reason): reason
    case .rendererLost(let reason): "the renderer failed: \(reason)"
    case .disk(let reason): reason
    case .homeInUse(let path): "\(path) is in use by another worker; give each its own with --home DIR"
    case .keyUnusable(let path, let reason, let remedy): "key file \(path): \(reason); \(remedy)"
    }
  }
}
