import FarmProtocol

extension Refusal {
  /// What a refusal means to a worker.
  package enum Meaning: Hashable, Sendable {
    /// It may pass: ask again after a wait.
    case later
    /// The farm does not know this worker (any more): join again.
    case joinAgain
    /// This request will never be granted.
    case final
    /// No request of this worker will be granted: it stops.
    case leave
  }

  /// Of a lease request or a heartbeat; of a join, where there is nothing to join again, `joinAgain` is
  /// `later`.
  package var meaningForWorker: Meaning {
    switch code {
    case .kernelMismatch, .unsupportedVersion, .banned, .forbidden, .badRequest, .wrongSignature, .tooLarge:
      .leave
    case .unauthorized, .notFound: .joinAgain
    default: .later
    }
  }

  /// Of a result. Only what says that the farm could not look at it now is worth another try.
  package var meaningForResult: Meaning {
    switch code {
    case .busy, .rateLimited, .internalFault, .requestTooOld, .replayed: .later
    case .unauthorized, .notFound: .joinAgain
    default: .final
    }
  }

  /// Of a blob: as of a result, but that a blob which is not there has nothing to do with the worker.
  package var meaningForBlob: Meaning { code == .notFound ? .final : meaningForResult }
}
