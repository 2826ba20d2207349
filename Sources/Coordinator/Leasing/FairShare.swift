import Cryptography

/// Whose turn it is among submitters: the one who was given least, by virtual time (start-time fair queueing;
/// Goyal, Vin & Cheng 1996, section 2). Pure.
///
/// What is given moves a submitter's time forward. Who did not wait for a while starts again at the time of
/// those who did, so that idling earns nothing. Two submitters who wait all the time and are served by least
/// time are never further apart than the larger of the two largest portions given at once.
package struct FairShare: Sendable, Equatable {
  private var times: [PublicKey: UInt64] = [:]
  private var waiting: Set<PublicKey> = []
  /// The least time of those who waited when the last portion was given.
  private var now: UInt64 = 0

  package init() {}

  /// Who waits for something now.
  package mutating func wait(_ submitters: Set<PublicKey>) {
    for new in submitters.subtracting(waiting) { times[new] = max(times[new] ?? 0, now) }
    waiting = submitters
    // Of who is away only a time that is ahead matters: coming back must not undo it.
    times = times.filter { submitters.contains($0.key) || $0.value > now }
  }

  /// A waiting submitter's time. Less comes first.
  package func time(of submitter: PublicKey) -> UInt64 { times[submitter] ?? now }

  /// One who waits was given that much.
  package mutating func give(_ amount: UInt64, to submitter: PublicKey) {
    now = max(now, waiting.map(time).min() ?? now)
    times[submitter] = time(of: submitter) + max(1, min(amount, 1 << 48))
  }
}
