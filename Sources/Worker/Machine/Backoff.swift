/// How long to wait between attempts: the ceiling doubles with each failure, and the wait is drawn from its
/// upper half, so that workers that lost a coordinator together do not come back together.
public struct BackoffPolicy: Hashable, Sendable {
  /// Ceiling after the first failure, milliseconds, at least 2.
  public var firstMS: UInt64
  /// Highest ceiling, milliseconds.
  public var maxMS: UInt64
  /// Both; the highest not below the first.
  public init(firstMS: UInt64, maxMS: UInt64) {
    precondition(firstMS >= 2 && maxMS >= firstMS, "no backoff from \(firstMS) to \(maxMS) ms")
    self.firstMS = firstMS
    self.maxMS = maxMS
  }
  /// For a farm that does not answer. Ten thousand workers that wait for one ask it 1,300 times a second.
  public static let network = BackoffPolicy(firstMS: 500, maxMS: 10_000)
  /// For a renderer that dies, and for work that cannot be done here.
  public static let renderer = BackoffPolicy(firstMS: 500, maxMS: 60_000)

  /// Highest wait after that many failures in a row, at least 1.
  package func ceilingMS(failures: Int) -> UInt64 {
    precondition(failures >= 1, "no wait after \(failures) failures")
    var (ceiling, doublings) = (firstMS, failures - 1)
    while doublings > 0, ceiling <= maxMS / 2 { (ceiling, doublings) = (ceiling * 2, doublings - 1) }
    return doublings > 0 ? maxMS : ceiling
  }
}

/// One thing that is tried, one try at a time, again after a wait when it failed.
package struct Attempt: Hashable, Sendable {
  private let policy: BackoffPolicy
  private var random: SplitMix64
  /// Whether a try is under way.
  package private(set) var isInFlight = false
  /// Failures since the last success.
  package private(set) var failures = 0
  /// Not tried before this time.
  package private(set) var notBeforeMS: UInt64 = 0

  package init(_ policy: BackoffPolicy, seed: UInt64) {
    self.policy = policy
    random = SplitMix64(seed: seed)
  }

  /// Whether it may be tried now.
  package func isReady(_ nowMS: UInt64) -> Bool { !isInFlight && nowMS >= notBeforeMS }

  /// A try starts.
  package mutating func begin() {
    precondition(!isInFlight, "a try is under way")
    isInFlight = true
  }
  /// A try came to its end without failing.
  package mutating func succeed() {
    isInFlight = false
    failures = 0
    notBeforeMS = 0
  }
  /// A try ended, and says nothing about the next.
  package mutating func end() { isInFlight = false }
  /// What it waits for has come.
  package mutating func retryNow() { if failures > 0 { notBeforeMS = 0 } }
  /// A try failed; returns the wait before the next.
  @discardableResult
  package mutating func fail(_ nowMS: UInt64) -> UInt64 {
    isInFlight = false
    failures += 1
    let ceiling = policy.ceilingMS(failures: failures)
    let waitMS = ceiling - random.next() % (ceiling / 2 + 1)
    notBeforeMS = nowMS + waitMS
    return waitMS
  }
  /// Nothing failed, but it is not to be tried for a while.
  package mutating func wait(untilMS: UInt64) { notBeforeMS = untilMS }
}

/// Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", section 4: jitter, never
/// security.
package struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64
  package init(seed: UInt64) { state = seed }
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
