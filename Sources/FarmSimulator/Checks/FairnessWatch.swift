import Cryptography
import FarmProtocol
import Settlement

/// Whether a submitter who waits is passed over: in the time that one waits nobody else is given much more.
/// In expected rays, as the farm shares.
struct FairnessWatch {
  /// By how many of the largest leases somebody may be ahead: the farm lets a warm scene lead by four, and
  /// what is given counts when it is given.
  static let leasesMax = 8.0

  private var waiting: Set<PublicKey> = []
  /// What each pair's first was given since the second began to wait, and that one itself.
  private var given: [PublicKey: Double] = [:]
  private var sinceWaiting: [PublicKey: [PublicKey: Double]] = [:]
  private var largest = 1.0

  /// A lease was given to a job of `submitter`, while those wait who `wait`.
  /// - Returns: what is unfair; nil when nothing is.
  mutating func granted(_ work: Double, to submitter: PublicKey, while wait: Set<PublicKey>) -> String? {
    for new in wait.subtracting(waiting) { sinceWaiting[new] = given }
    waiting = wait
    largest = max(largest, work)
    given[submitter, default: 0] += work
    for key in wait.sorted() where key != submitter {
      let start = sinceWaiting[key] ?? [:]
      let own = (given[key] ?? 0) - (start[key] ?? 0)
      let other = (given[submitter] ?? 0) - (start[submitter] ?? 0)
      if other - own > FairnessWatch.leasesMax * largest {
        return "submitter \(key.short) waits with \(own) rays given, \(submitter.short) was given \(other)"
      }
    }
    return nil
  }
}
