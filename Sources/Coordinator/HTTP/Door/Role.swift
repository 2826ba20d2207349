/// What a caller may be. A key is a submitter's unless it is one of the farm's own, and a worker's too once
/// it has joined; a token is less than its key.
package enum Role: String, Hashable, Sendable, CaseIterable {
  /// No credentials.
  case anyone
  /// A bearer token that reads.
  case tokenRead
  /// A bearer token that reads and submits.
  case tokenSubmit
  /// A key that is none of the farm's own.
  case submitter
  /// A submitter's key that has joined as a worker.
  case worker
  /// The house verifier's key.
  case verifier
  /// `DATA/operator.key`.
  case `operator`
}

extension Set<Role> {
  /// Open to all, without credentials.
  static let everyone: Set<Role> = Set(Role.allCases)
  /// Looking at what is one's own.
  static let readers: Set<Role> = [.tokenRead, .tokenSubmit, .submitter, .worker, .operator]
  /// Handing in work, and ending it.
  static let submitters: Set<Role> = [.tokenSubmit, .submitter, .worker, .operator]
  /// What only a key itself may ask, never a token.
  static let keys: Set<Role> = [.submitter, .worker, .operator]
  /// Joining. The farm's own keys do not: who judges or pays does not render.
  static let joiners: Set<Role> = [.submitter, .worker]
  /// Files of scenes: who sends them, who renders them, who checks.
  static let blobReaders: Set<Role> = [.tokenSubmit, .submitter, .worker, .verifier, .operator]
}
