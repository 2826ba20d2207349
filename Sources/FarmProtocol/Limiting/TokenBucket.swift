/// How much may be spent: so much a second, and so much at once after a pause.
public struct Rate: Hashable, Sendable {
  /// Units a second, at least 1.
  public let perSecond: UInt64
  /// Units at once, at least 1.
  public let burst: UInt64
  /// Both.
  public init(perSecond: UInt64, burst: UInt64) {
    precondition(perSecond >= 1 && burst >= 1, "no rate of \(perSecond)/s with bursts of \(burst)")
    self.perSecond = perSecond
    self.burst = burst
  }
}

/// Spending within a rate: a bucket that fills with time (RFC 2697's, with one rate). Pure, and exact in
/// thousandths of a unit.
public struct TokenBucket: Hashable, Sendable {
  private var level: UInt64
  private var atMS: UInt64

  /// Full.
  public init(_ rate: Rate, nowMS: UInt64) {
    level = rate.burst * 1000
    atMS = nowMS
  }

  /// Takes `cost` out.
  /// - Returns: nil when it was there; otherwise nothing is taken, and it will be there after so many
  ///   milliseconds. What costs more than a burst costs a burst.
  public mutating func take(_ cost: UInt64, _ rate: Rate, nowMS: UInt64) -> UInt64? {
    fill(rate, nowMS: nowMS)
    let price = min(cost, rate.burst) * 1000
    if level >= price {
      level -= price
      return nil
    }
    return (price - level + rate.perSecond - 1) / rate.perSecond
  }

  /// Whether it is full at `nowMS`: then it tells nothing.
  public func isFull(_ rate: Rate, nowMS: UInt64) -> Bool {
    var later = self
    later.fill(rate, nowMS: nowMS)
    return later.level == rate.burst * 1000
  }

  /// A clock that goes back fills nothing and takes nothing.
  private mutating func fill(_ rate: Rate, nowMS: UInt64) {
    let capacity = rate.burst * 1000
    let elapsed = nowMS > atMS ? nowMS - atMS : 0
    atMS = nowMS
    // A thousandth of a unit a millisecond for each unit a second; more than full is full.
    let (gain, overflow) = elapsed.multipliedReportingOverflow(by: rate.perSecond)
    level = overflow || gain >= capacity - level ? capacity : level + gain
  }
}

/// A bucket for each of many spenders, in bounded memory. Pure.
public struct RateLimiter<Spender: Hashable & Sendable>: Sendable {
  private let rate: Rate
  private let spendersMax: Int
  private var buckets: [Spender: TokenBucket] = [:]
  /// Of those for whom there is no room.
  private var shared: TokenBucket
  private var sweptMS: UInt64

  /// Nobody has spent anything.
  public init(_ rate: Rate, spendersMax: Int = Limits.ratedMax, nowMS: UInt64) {
    self.rate = rate
    self.spendersMax = spendersMax
    shared = TokenBucket(rate, nowMS: nowMS)
    sweptMS = nowMS
  }

  /// Spends, or says after how many milliseconds it can be spent.
  public mutating func take(_ cost: UInt64, by spender: Spender, nowMS: UInt64) -> UInt64? {
    if buckets[spender] == nil, buckets.count >= spendersMax { sweep(nowMS: nowMS) }
    if buckets[spender] == nil, buckets.count >= spendersMax {
      return shared.take(cost, rate, nowMS: nowMS)
    }
    return buckets[spender, default: TokenBucket(rate, nowMS: nowMS)].take(cost, rate, nowMS: nowMS)
  }

  /// After how many milliseconds `cost` can be spent; nil for now. Spends nothing.
  public func wait(for cost: UInt64, by spender: Spender, nowMS: UInt64) -> UInt64? {
    var bucket = buckets[spender] ?? (buckets.count < spendersMax ? TokenBucket(rate, nowMS: nowMS) : shared)
    return bucket.take(cost, rate, nowMS: nowMS)
  }

  /// Forgets who could spend a whole burst, at most once a second, for it looks at everyone.
  private mutating func sweep(nowMS: UInt64) {
    guard nowMS < sweptMS || nowMS >= sweptMS + 1000 else { return }
    sweptMS = nowMS
    buckets = buckets.filter { !$0.value.isFull(rate, nowMS: nowMS) }
  }
}
