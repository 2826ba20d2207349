import Cryptography
import FarmProtocol
import Settlement

/// Epochs and the published log.
extension FarmCoordinator {
  /// How long one secret draws probes.
  static let epochMS: UInt64 = 3_600_000

  /// Publishes what was logged since the last time; false when there was nothing.
  @discardableResult
  package func publishLog() throws -> Bool {
    guard publishedSize < treasury.log.size else { return false }
    // What is published can never be taken back.
    try flush()
    do {
      try configuration.step("publish")
      publishedSize = try logFiles.publish(treasury.log, from: publishedSize, store: store)
    } catch {
      stop(because: error)
      throw error
    }
    return true
  }

  /// Each hour the secret is revealed and a new one promised. What was committed to before keeps the old
  /// secret.
  func rotateEpochIfDue() throws {
    guard let epoch = treasury.openEpoch, nowMS >= epoch.openedMS + FarmCoordinator.epochMS else { return }
    let secret = randomBytes(count: LogEntry.secretByteCount)
    try commit {
      try treasury.closeEpoch(secret: epochSecret, nowMS: nowMS, to: store)
      try treasury.openEpoch(secret: secret, nowMS: nowMS, to: store)
      try store.setValue("epoch-secret", secret)
    }
    epochSecret = secret
  }

  /// Ends in order: no new work, the epoch's secret revealed, everything published. The store stays readable.
  package func close() throws {
    isStopping = true
    wake()
    if treasury.openEpoch != nil {
      try commit { try treasury.closeEpoch(secret: epochSecret, nowMS: nowMS, to: store) }
    }
    try flush()
    try publishLog()
    for job in subscribers.keys { endStreams(job) }
  }

  /// The books made again from the stored log, compared with what this coordinator holds.
  package func audit() throws -> AuditReport {
    let again = try Treasury(replaying: store, verifier: keys.verifier.publicKey)
    guard again.ledger == treasury.ledger, again.books == treasury.books, again.log.root == treasury.log.root
    else { throw StoreDamage("the books differ from those that the log gives") }
    return again.report
  }
}
