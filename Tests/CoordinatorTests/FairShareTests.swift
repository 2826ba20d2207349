import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import TestSupport
import Testing

/// Shares among submitters under any amounts, comings and goings.
@Suite struct FairShareTests {
  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func `who waits all the time is never further behind than one portion`(seed: UInt64) {
    var random = Seeded(seed: seed)
    let everyone = (1...6 as ClosedRange<UInt8>).map { worker($0) }
    var shares = FairShare()
    var given: [PublicKey: UInt64] = [:]
    var largest: UInt64 = 1
    for _ in 0..<500 {
      // The first three always wait, the others come and go.
      let waiting = everyone.prefix(3) + everyone.dropFirst(3).filter { _ in Bool.random(using: &random) }
      shares.wait(Set(waiting))
      guard let next = waiting.min(by: { shares.time(of: $0) < shares.time(of: $1) }) else { continue }
      let amount = UInt64.random(in: 1...1_000, using: &random)
      largest = max(largest, amount)
      shares.give(amount, to: next)
      given[next, default: 0] += amount
      let steady = everyone.prefix(3).map { given[$0] ?? 0 }
      let spread = (steady.max() ?? 0) - (steady.min() ?? 0)
      if spread > largest { Issue.record("seed \(seed): \(spread) apart, portions up to \(largest)") }
    }
    // Who was there half of the time got no more than who always was.
    let most = everyone.prefix(3).map { given[$0] ?? 0 }.min() ?? 0
    for visitor in everyone.dropFirst(3) { #expect(given[visitor] ?? 0 <= most + 2 * largest) }
  }

  @Test func `who was away is not given what it missed, nor ahead by coming back`() {
    let (a, b) = (worker(1), worker(2))
    var shares = FairShare()
    shares.wait([a])
    for _ in 0..<100 { shares.give(10, to: a) }
    shares.wait([a, b])
    #expect(shares.time(of: a) - shares.time(of: b) <= 10)
    shares.give(500, to: b)
    shares.wait([a])
    shares.wait([a, b])
    #expect(shares.time(of: b) >= shares.time(of: a) + 400, "leaving does not undo what it was given")
  }
}
