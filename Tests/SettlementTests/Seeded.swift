import Cryptography

/// SplitMix64 (Steele, Lea & Flood 2014): the same seed, the same test.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A digest that stands for nothing but its number.
func digest(_ n: Int) -> Digest { Digest(of: Array("test \(n)".utf8)) }

/// A key that is always the same.
func signingKey(_ n: UInt8) -> SigningKey {
  guard let key = SigningKey(seed: [UInt8](repeating: n, count: 32)) else {
    preconditionFailure("no key \(n)")
  }
  return key
}
