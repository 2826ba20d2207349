/// The reference's own random numbers: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014). Nothing in common with the kernels' generator, on purpose.
package struct ReferenceRandom: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// 64 uniform bits.
  package mutating func bits() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform in 0 ..< 1, 53 bits.
  package mutating func unit() -> Double { Double(bits() >> 11) / Double(1 << 53) }
}
