import Testing
import Worker

@Suite struct BackoffTests {
  @Test func `ceiling doubles up to the highest and stays there`() {
    let policy = BackoffPolicy(firstMS: 500, maxMS: 30_000)
    let ceilings = (1...9).map { policy.ceilingMS(failures: $0) }
    #expect(ceilings == [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    #expect(policy.ceilingMS(failures: .max) == 30_000)
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `each wait is in the upper half of its ceiling`(seed: UInt64) {
    let policy = BackoffPolicy(firstMS: 500, maxMS: 30_000)
    var attempt = Attempt(policy, seed: seed)
    for failures in 1...20 {
      attempt.begin()
      let waitMS = attempt.fail(1_000_000)
      let ceiling = policy.ceilingMS(failures: failures)
      #expect(waitMS >= ceiling / 2 && waitMS <= ceiling)
      #expect(!attempt.isReady(1_000_000 + waitMS - 1))
      #expect(attempt.isReady(1_000_000 + waitMS))
    }
  }

  @Test func `workers with different seeds wait differently`() {
    let waits = (0..<64).map { seed in
      var attempt = Attempt(.network, seed: UInt64(seed))
      return (0..<8).map { _ in attempt.fail(0) }
    }
    #expect(Set(waits).count == 64)
  }

  @Test func `success forgets the failures`() {
    var attempt = Attempt(BackoffPolicy(firstMS: 100, maxMS: 10_000), seed: 1)
    for _ in 0..<5 { attempt.fail(0) }
    attempt.succeed()
    #expect(attempt.isReady(0))
    #expect(attempt.fail(0) <= 100)
  }

  @Test func `one try at a time`() {
    var attempt = Attempt(.network, seed: 1)
    attempt.begin()
    #expect(!attempt.isReady(.max))
    attempt.end()
    #expect(attempt.isReady(0))
  }

  @Test func `jitter is the published generator's`() {
    // First outputs of splitmix64.c (Vigna, public domain) for the seed 1234567.
    var random = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
    ]
    #expect(expected.map { _ in random.next() } == expected)
  }
}
