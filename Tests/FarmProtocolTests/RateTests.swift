import FarmProtocol
import TestSupport
import Testing

struct RateTests {
  @Test func `a burst goes through at once, then as much as the rate says`() {
    let rate = Rate(perSecond: 4, burst: 10)
    var bucket = TokenBucket(rate, nowMS: 0)
    for _ in 0..<10 { #expect(bucket.take(1, rate, nowMS: 0) == nil) }
    #expect(bucket.take(1, rate, nowMS: 0) == 250)
    #expect(bucket.take(1, rate, nowMS: 249) == 1)
    #expect(bucket.take(1, rate, nowMS: 250) == nil)
    #expect(bucket.take(2, rate, nowMS: 250) == 500)
    #expect(bucket.take(99, rate, nowMS: 250) == 2_500, "what costs more than a burst costs a burst")
    #expect(bucket.take(10, rate, nowMS: 1_000_000) == nil)
    #expect(bucket.take(1, rate, nowMS: 1_000_000) == 250)
  }

  @Test func `a clock that goes back gives nothing away and locks nobody out`() {
    let rate = Rate(perSecond: 1, burst: 1)
    var bucket = TokenBucket(rate, nowMS: 10_000)
    #expect(bucket.take(1, rate, nowMS: 10_000) == nil)
    #expect(bucket.take(1, rate, nowMS: 0) == 1_000)
    #expect(bucket.take(1, rate, nowMS: 1_000) == nil)
  }

  /// Over any time that passes, no more than a burst and the rate's share of the time is spent.
  @Test func `whatever the order of requests, the rate holds`() {
    var random = Seeded(seed: 7)
    for _ in 0..<50 {
      let rate = Rate(
        perSecond: .random(in: 1...50, using: &random), burst: .random(in: 1...50, using: &random))
      var limiter = RateLimiter<Int>(rate, spendersMax: 2, nowMS: 0)
      var (nowMS, spent) = (UInt64(0), UInt64(0))
      for _ in 0..<300 {
        nowMS += .random(in: 0...100, using: &random)
        let cost = UInt64.random(in: 1...rate.burst, using: &random)
        if let waitMS = limiter.take(cost, by: 1, nowMS: nowMS) {
          #expect(limiter.wait(for: cost, by: 1, nowMS: nowMS + waitMS) == nil, "told to come back too early")
          #expect(limiter.wait(for: cost, by: 1, nowMS: nowMS + waitMS - 1) != nil, "told to come back late")
        } else {
          spent += cost
        }
        #expect(spent * 1000 <= rate.burst * 1000 + nowMS * rate.perSecond)
      }
    }
  }

  @Test func `one spender's greed is not another's loss, and newcomers beyond the room share one bucket`() {
    let rate = Rate(perSecond: 1, burst: 2)
    var limiter = RateLimiter<Int>(rate, spendersMax: 2, nowMS: 0)
    for _ in 0..<2 { #expect(limiter.take(1, by: 1, nowMS: 0) == nil) }
    #expect(limiter.take(1, by: 1, nowMS: 0) != nil)
    for _ in 0..<2 { #expect(limiter.take(1, by: 2, nowMS: 0) == nil) }
    #expect(limiter.take(1, by: 3, nowMS: 0) == nil)
    #expect(limiter.take(1, by: 4, nowMS: 0) == nil)
    #expect(limiter.take(1, by: 5, nowMS: 0) != nil)
    #expect(limiter.take(2, by: 5, nowMS: 5_000) == nil, "full buckets make room")
  }
}
