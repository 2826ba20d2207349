import Cryptography
import FarmProtocol
import Settlement

/// Epochs and the published log.
extension FarmCoordinator {
  /// How long one secret draws probes.
  static let epochMS: UInt64 = 3_600_000

  /// Publishes what was logged since the last time; false when there was nothing. Throws once the store has
  /// failed: memory is ahead of it then.
  @discardableResult
  package func publishLog() throws -> Bool {
    try checkRunning()
    guard publishedSize < treasury.log.size else { return false }
    // What is published can never be taken back.
    try flush()
    do {
      try configuration.step("publish")
      publishedSize = try logFiles.publish(treasury.log, from: publishedSize, store: store)
    } catch { throw stop(because: error).refusal }
    return true
  }

  /// Each hour the secret is revealed and a new one promised. What was committed to before keeps the old
  /// secret.
  func rotateEpochIfDue() throws {
    guard let epoch = treasury.openEpoch, nowMS >= epoch.openedMS + FarmCoordinator.epochMS else { return }
    let secret = configuration.secret(LogEntry.secretByteCount)
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

  /// The books made again from the stored log, and everything else from the store, compared with what this
  /// coordinator holds.
  package func audit() throws -> AuditReport {
    let again = try Opening(
      reading: store, verifier: keys.verifier.publicKey, checkpoint: nil, nowMS: nowMS)
    try check(again)
    return again.treasury.report
  }

  /// Compares what a start would read back now with what this coordinator holds, without verifying again what
  /// its checkpoint stands for. Throws `StoreDamage` with the first difference.
  package func checkStore() throws {
    try check(
      Opening(
        reading: store, verifier: keys.verifier.publicKey, checkpoint: logFiles.checkpoint, nowMS: nowMS))
  }

  private func check(_ again: Opening) throws {
    guard again.treasury.ledger == treasury.ledger, again.treasury.books == treasury.books,
      again.treasury.log.root == treasury.log.root
    else { throw StoreDamage("the books differ from those that the log gives") }
    guard again.jobs == jobs else { throw StoreDamage("the jobs differ from the stored ones") }
    for (id, plan) in book.plans {
      let stored = again.book.plans[id]
      if let what = stored?.difference(from: plan) {
        throw StoreDamage("job \(id.digest.short): \(what), stored first")
      }
      // What an ended job has left is nobody's to give out.
      guard jobs[id]?.state.isOver ?? true || stored?.funds == plan.funds else {
        throw StoreDamage("job \(id.digest.short): its funds differ from what the log gives")
      }
    }
    let kept = book.currentLeases.filter { !$0.isDuplicate }
    if let lost = kept.first(where: { again.book.lease($0.fence) != $0 }) {
      let stored = again.book.lease(lost.fence).map { "\($0)" } ?? "nothing"
      throw StoreDamage("lease \(lost.fence) is \(lost), stored is \(stored)")
    }
    let banned = book.workers.filter(\.value.banned)
    guard again.workerNames == workerNames, banned.allSatisfy({ again.book.workers[$0.key]?.banned ?? false })
    else { throw StoreDamage("the workers differ from the stored ones") }
  }
}
