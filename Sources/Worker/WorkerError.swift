import Durability
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
  /// The key file cannot be used.
  case keyUnusable(KeyFile.Failure)
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
    case .keyUnusable(let failure): failure.description
    }
  }
}

/// Performs file operations; a fault of theirs becomes `WorkerError.disk`.
func onDisk<T: ~Copyable>(_ operations: () throws(FileFault) -> T) throws(WorkerError) -> T {
  do { return try operations() } catch { throw .disk(error.description) }
}
