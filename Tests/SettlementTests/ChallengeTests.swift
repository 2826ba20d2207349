import Cryptography
import Settlement
import Testing

@Suite struct ChallengeTests {
  static let secret = [UInt8](repeating: 3, count: 32)

  @Test func `the seed is over the domain, the commitment and the secret`() {
    let bytes = Array("farm/challenge/v1\n".utf8) + digest(1).bytes + Self.secret
    #expect(Challenge.seed(commitment: digest(1), secret: Self.secret) == Digest(of: bytes))
  }

  @Test func `probes are k by work, then a quarter as many uniform ones`() {
    let work = (0..<100).map { UInt32($0) }
    for (k, uniform) in [(1, 1), (4, 1), (16, 4), (17, 5), (32, 8), (256, 64)] {
      let probes = Challenge.probes(seed: digest(k), work: work, workProbes: k)
      #expect(probes.count == k + uniform)
      #expect(probes.allSatisfy { work.indices.contains($0) })
      #expect(probes == Challenge.probes(seed: digest(k), work: work, workProbes: k))
      #expect(probes != Challenge.probes(seed: digest(k + 1), work: work, workProbes: k))
    }
  }

  /// The rule of the draw, done again by hand for a tile whose whole work is a power of two: nothing is
  /// rejected.
  @Test func `a draw is the first eight bytes of SHA-256 of seed and counter`() {
    let seed = digest(5)
    let expected = (0..<20).map { j -> Int in
      let bytes = Digest(of: seed.bytes + [0, 0, 0, UInt8(j)]).bytes
      let unit = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 4
      return j < 16 ? [0, 2, 2, 3][Int(unit)] : Int(unit)
    }
    #expect(Challenge.probes(seed: seed, work: [1, 0, 2, 1], workProbes: 16) == expected)
  }

  @Test func `a pixel without work is never drawn by work, and all are uniform when none has any`() {
    let probes = Challenge.probes(seed: digest(1), work: [0, 5, 0, 0, 9, 0], workProbes: 500)
    #expect(Set(probes.prefix(500)) == [1, 4])
    #expect(Set(probes.suffix(125)) == Set(0..<6))
    #expect(
      Set(Challenge.probes(seed: digest(1), work: [0, 0, 0, 0], workProbes: 100).prefix(100)) == Set(0..<4))
    #expect(Challenge.probes(seed: digest(1), work: [.max], workProbes: 3) == [0, 0, 0, 0])
  }

  @Test func `distinct probes keep the order of their first draw`() {
    #expect(Challenge.distinct([3, 1, 3, 2, 1, 0]) == [3, 1, 2, 0])
    #expect(Challenge.distinct([]) == [])
  }

  @Test func `what is observed is twelve bytes a pixel`() {
    let records = [PixelRecord(rgbaHalfBits: [0x0102, 0x0304, 0x0506, 0x0708], work: 0x090A_0B0C)]
    #expect(Challenge.observed(records) == Digest(of: Array(1...12)))
    #expect(Challenge.observed([]) == Digest(of: []))
    var layered = records
    layered[0].layers = [0x0D0E_0F10]
    #expect(Challenge.observed(layered) == Digest(of: Array(1...16)))
    let pass = PixelRecord(sums: [0x0102_0304_0506_0708], work: 0x090A_0B0C, layers: [0x0D0E_0F10])
    #expect(Challenge.observed([pass]) == Digest(of: Array(1...16)))
  }

  /// Pearson's chi-square over 64 pixels, 63 degrees of freedom: 116 is passed once in 17,000 seeds; this is
  /// one.
  @Test func `probes are distributed as the work, and the rest uniformly`() {
    let work = (0..<64).map { UInt32(1 + $0 * $0 % 97) }
    let probes = Challenge.probes(seed: digest(77), work: work, workProbes: 40_000)
    let total = Double(work.reduce(0, +))
    func chiSquare(_ draws: some Collection<Int>, _ share: (Int) -> Double) -> Double {
      var counts = [Double](repeating: 0, count: 64)
      for pixel in draws { counts[pixel] += 1 }
      return counts.indices.reduce(0) { sum, i in
        let expected = Double(draws.count) * share(i)
        return sum + (counts[i] - expected) * (counts[i] - expected) / expected
      }
    }
    let byWork = chiSquare(probes.prefix(40_000)) { Double(work[$0]) / total }
    let uniform = chiSquare(probes.suffix(10_000)) { _ in 1 / 64 }
    #expect(byWork < 116 && uniform < 116, "chi-square \(byWork) and \(uniform)")
    #expect(chiSquare(probes.prefix(40_000)) { _ in 1 / 64 } > 1000, "the test would not see a uniform draw")
  }

  /// A tile of 256 pixels whose dearest 1% holds 10% of the bill. Faking just those: k probes see it with
  /// probability 1 - (1 - f)^k, f the share of the bill, not of the pixels.
  @Test(arguments: [1, 8, 16, 32])
  func `faking the dearest pixels is found by their share of the bill`(k: Int) {
    let work = (0..<300).map { UInt32($0 < 3 ? 330 : 30) }
    let f = 990.0 / (990 + 297 * 30)
    var escapes = 1.0
    for _ in 0..<k { escapes *= 1 - f }
    let tiles = 1500
    let found = (0..<tiles).count { n in
      Challenge.probes(seed: digest(n), work: work, workProbes: k).prefix(k).contains { $0 < 3 }
    }
    let expected = Double(tiles) * (1 - escapes)
    let deviation = (Double(tiles) * escapes * (1 - escapes)).squareRoot()
    #expect(abs(Double(found) - expected) < 5 * deviation, "\(found) found of \(tiles), \(expected) expected")
  }
}
