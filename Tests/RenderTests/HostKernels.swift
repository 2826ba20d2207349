/// A vector of maths.cl in plain Swift, operation by operation.
struct HostVector {
  let x, y, z: Float

  init(_ x: Float, _ y: Float, _ z: Float) { (self.x, self.y, self.z) = (x, y, z) }

  private static func fma(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }

  /// All three in one word, as the conformance table has it.
  var bits: UInt32 {
    let words = [x, y, z].map { ($0 + 0).bitPattern }
    return words[0] &+ words[1] &* 3 &+ words[2] &* 5
  }

  func dot(_ o: HostVector) -> Float { Self.fma(x, o.x, Self.fma(y, o.y, z * o.z)) }

  func cross(_ o: HostVector) -> HostVector {
    HostVector(
      Self.fma(y, o.z, -(z * o.y)), Self.fma(z, o.x, -(x * o.z)), Self.fma(x, o.y, -(y * o.x)))
  }

  /// Zero where there is no direction.
  var normalized: HostVector {
    let square = dot(self)
    guard square > 1e-36, square < 1e36 else { return HostVector(0, 0, 0) }
    let scale = 1 / square.squareRoot()
    return HostVector(x * scale, y * scale, z * scale)
  }

  /// Tangent plus bitangent of the frame around this normal.
  var frameSum: HostVector {
    let sign: Float = z < 0 ? -1 : 1
    let a = -1 / (sign + z)
    let b = (x * y) * a
    let tangent = HostVector(Self.fma((sign * x) * x, a, 1), sign * b, -(sign * x))
    let bitangent = HostVector(b, Self.fma(y * y, a, sign), -y)
    return HostVector(tangent.x + bitangent.x, tangent.y + bitangent.y, tangent.z + bitangent.z)
  }
}

/// sampler.cl in plain Swift, from the papers that it names.
enum HostSampler {
  /// PCG-RXS-M-XS.
  static func hash(_ v: UInt32) -> UInt32 {
    let state = v &* 747_796_405 &+ 2_891_336_453
    let word = ((state >> ((state >> 28) + 4)) ^ state) &* 277_803_737
    return (word >> 22) ^ word
  }

  static func reversed(_ x: UInt32) -> UInt32 {
    (0..<32).reduce(0) { $0 | ((x >> UInt32($1)) & 1) << (31 - UInt32($1)) }
  }

  /// Owen scrambling of a bit-reversed number: every bit changes by the seed and the lower ones alone.
  static func scrambled(_ value: UInt32, seed: UInt32) -> UInt32 {
    var x = value
    x ^= x &* 0x3d20_adea
    x = x &+ seed
    x = x &* ((seed >> 16) | 1)
    x ^= x &* 0x0552_6c56
    return x ^ (x &* 0x53a2_2864)
  }

  /// The second Sobol dimension by its direction numbers, which are rows of Pascal's triangle modulo 2.
  static func sobolSecond(_ index: UInt32) -> UInt32 {
    var direction: UInt32 = 1 << 31
    var sum: UInt32 = 0
    for bit in 0..<UInt32(32) {
      if (index >> bit) & 1 != 0 { sum ^= direction }
      direction ^= direction >> 1
    }
    return sum
  }

  static func sample(key: UInt32, index: UInt32, bounce: UInt32, slot: UInt32) -> (UInt32, UInt32) {
    let h = hash(key &+ (bounce &* 3 &+ slot) &* 0x9e37_79b9)
    let i = reversed(scrambled(index, seed: h))
    let second = reversed(sobolSecond(i))
    return (
      reversed(scrambled(i, seed: h &* 0x2c1b_3c6d &+ 0x297a_2d39)),
      reversed(scrambled(second, seed: h &* 0x85eb_ca6b &+ 0x1b56_c4e9))
    )
  }
}
