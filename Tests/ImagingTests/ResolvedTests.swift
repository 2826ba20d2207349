import Imaging
import TestSupport
import Testing

struct ResolvedTests {
  /// A half's value in units of 2^-24, which makes it whole.
  static let units: [Int64] = (0...Half.maxBits).map { Int64(Half.float($0) * 0x1p24) }

  /// The nearest half found by search and comparison; nothing is divided.
  static func nearest(sum: Int64, count: Int) -> UInt16 {
    // sum / (count * 2^30) against unit * 2^-24, both times count * 2^30.
    func product(_ bits: Int) -> Int64 { units[bits] * Int64(count) * 64 }
    var low = 0
    var high = units.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if product(middle) <= sum { low = middle } else { high = middle }
    }
    let below = sum - product(low)
    let above = product(high) - sum
    if below == above { return UInt16(low % 2 == 0 ? low : high) }
    return UInt16(abs(below) < abs(above) ? low : high)
  }

  static func resolve(_ sum: Int64, count: Int) -> UInt16 {
    let rect = TileRect(x: 0, y: 0, width: 1, height: 1)
    return SampleSums(rect: rect, sampleCount: count, rgba: [sum, 0, 0, 0], work: [0]).resolved()
      .rgbaHalfBits[0]
  }

  @Test func `random means round to the nearest half`() {
    var random = Seeded(seed: 2)
    for _ in 0..<50_000 {
      let count = Int.random(in: 1...(1 << Int.random(in: 0...16, using: &random)), using: &random)
      let most = Int64(count) * (65504 << 30)
      // Every magnitude is as likely: subnormal halves as well as large ones.
      let sum = Int64.random(in: 0...most, using: &random) >> Int64.random(in: 0..<60, using: &random)
      #expect(
        ResolvedTests.resolve(sum, count: count) == ResolvedTests.nearest(sum: sum, count: count),
        "\(sum) of \(count)")
    }
  }

  @Test(arguments: [1, 2, 3, 7, 64, 1000, 65_536])
  func `halves, ties and their neighbours resolve exactly`(count: Int) {
    var random = Seeded(seed: 3)
    let halves = Array(UInt16(0)..<40) + (1015..<1035) + (2040..<2060) + (0x7BE0..<0x7BFF)
    for bits in halves + (0..<300).map({ _ in .random(in: 0..<0x7BFF, using: &random) }) {
      let scale = Int64(count) * 64
      let exact = ResolvedTests.units[Int(bits)] * scale
      let next = ResolvedTests.units[Int(bits) + 1] * scale
      #expect(ResolvedTests.resolve(exact, count: count) == bits)
      // The difference is a multiple of 64, so the tie is whole.
      let tie = exact + (next - exact) / 2
      #expect(ResolvedTests.resolve(tie, count: count) == (bits % 2 == 0 ? bits : bits + 1))
      #expect(ResolvedTests.resolve(tie - 1, count: count) == bits)
      #expect(ResolvedTests.resolve(tie + 1, count: count) == bits + 1)
    }
  }

  @Test(arguments: [1, 5, 65_536])
  func `means above the largest half are clamped`(count: Int) {
    for mean: Int64 in [65504, 65519, 65520, 65536, 131_000] {
      #expect(ResolvedTests.resolve(mean << 30 * Int64(count), count: count) == Half.maxBits)
    }
    #expect(ResolvedTests.resolve(.max, count: count) == Half.maxBits)
  }

  @Test func `sample splits resolve to the bits of one pass`() {
    let rect = TileRect(x: 8, y: 16, width: 5, height: 3)
    let parts = [3, 1, 12].enumerated().map { i, count in
      var part = randomSums(rect, sampleCount: count, seed: UInt64(i))
      part = SampleSums(
        rect: rect, sampleCount: count, rgba: part.rgba, work: part.work.map { $0 / 4 })
      return part
    }
    var forwards = parts[0]
    forwards.add(parts[1])
    forwards.add(parts[2])
    var backwards = parts[2]
    backwards.add(parts[0])
    backwards.add(parts[1])
    #expect(forwards.sampleCount == 16)
    #expect(forwards.resolved() == backwards.resolved())
    #expect(forwards.resolved().work == (0..<15).map { i in parts.reduce(0) { $0 + $1.work[i] } })
  }
}
