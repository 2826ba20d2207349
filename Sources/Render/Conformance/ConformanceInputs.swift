/// What the operations are tried on: for each place three floats (normal, magnitudes 2^-12 ... 2^12, `b`
/// never 0) and two words, borders first, the rest random from a fixed seed.
package struct ConformanceInputs: Sendable {
  /// How many there are; a multiple of every lane width.
  package static let count = 65_536

  package let a, b, c: [Float]
  package let x, y: [UInt32]

  /// The first `count` of all inputs; a multiple of 4096, which is what the gather reads from.
  package init(count: Int = ConformanceInputs.count) {
    precondition(count > 0 && count % 4096 == 0, "\(count) inputs")
    var random = ReferenceRandom(seed: 0xc0f0_1e5)
    var floats: [[Float]] = [[], [], []]
    var words: [[UInt32]] = [[], []]
    for index in 0..<count {
      let low = random.bits()
      let high = random.bits()
      let more = random.bits()
      let drawn = [
        UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32), UInt32(high >> 32),
      ]
      for i in 0..<3 { floats[i].append(ConformanceInputs.float(drawn[i], UInt32(truncatingIfNeeded: high))) }
      words[0].append(UInt32(truncatingIfNeeded: more))
      words[1].append(UInt32(more >> 32))
      // All pairs of borders.
      let borders = ConformanceInputs.floatBorders
      if index < borders.count * borders.count {
        floats[0][index] = borders[index / borders.count]
        floats[2][index] = borders[index % borders.count]
        if floats[2][index] != 0 { floats[1][index] = floats[2][index] }
        words[0][index] = ConformanceInputs.wordBorders[index / borders.count]
        words[1][index] = ConformanceInputs.wordBorders[index % borders.count]
      }
    }
    (a, b, c) = (floats[0], floats[1], floats[2])
    (x, y) = (words[0], words[1])
  }

  /// A normal number of magnitude 2^-12 ... 2^12.
  private static func float(_ mantissa: UInt32, _ rest: UInt32) -> Float {
    let exponent = 127 - 12 + (mantissa >> 23 ^ rest) % 24
    return Float(bitPattern: (mantissa & 0x8000_0000) | exponent << 23 | mantissa & 0x007f_ffff)
  }

  private static let floatBorders: [Float] = [
    0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0x1.fffffep-2, -0x1.fffffep-2, 0x1.fffffep-1, 0x1.000002p0,
    4096, -4095.5, 0x1p-12,
  ]
  private static let wordBorders: [UInt32] = [
    0, 1, 2, 3, 31, 32, 0xff, 0x100, 0xffff, 0x1_0000, 0x00ff_ffff, 0x0100_0001, 0x7fff_ffff, 0x8000_0000,
    0xffff_fffe, 0xffff_ffff,
  ]
}
