import Render

/// The conformance table's operations in plain Swift: what any device must compute, by its name.
struct HostOperations {
  private let inputs: ConformanceInputs
  private typealias Operation = @Sendable (Place) -> UInt32

  /// The inputs of one place.
  private struct Place {
    let a, b, c: Float
    let x, y: UInt32
    let inputs: ConformanceInputs
    var v: HostVector { HostVector(a, b, c) }
    var turned: HostVector { HostVector(b, c, a) }
  }

  init(_ inputs: ConformanceInputs) { self.inputs = inputs }

  /// Every operation that is known here.
  static var names: Set<String> { Set(table.keys) }

  /// The results of the operation; nil for one that is not known here.
  func results(_ name: String) -> [UInt32]? {
    guard let operation = HostOperations.table[name] else { return nil }
    return inputs.a.indices.map { i in
      operation(
        Place(
          a: inputs.a[i], b: inputs.b[i], c: inputs.c[i], x: inputs.x[i], y: inputs.y[i], inputs: inputs))
    }
  }

  private static let table = arithmetic.merging(whole) { first, _ in first }.merging(own) { first, _ in first
  }

  /// A float's bits, -0 as 0.
  private static func bits(_ value: Float) -> UInt32 { (value + 0).bitPattern }
  private static func signed(_ word: UInt32) -> Int32 { Int32(bitPattern: word) }
  private static func lower(_ a: Float, _ b: Float) -> Float { a < b ? a : b }
  private static func higher(_ a: Float, _ b: Float) -> Float { a > b ? a : b }

  private static let arithmetic: [String: Operation] = [
    "add": { bits($0.a + $0.b) },
    "subtract": { bits($0.a - $0.b) },
    "multiply": { bits($0.a * $0.b) },
    "divide": { bits($0.a / $0.b) },
    "reciprocal": { bits(1 / $0.b) },
    "square root": { bits(abs($0.a).squareRoot()) },
    "fma": { bits($0.c.addingProduct($0.a, $0.b)) },
    "fma of a product's error": { bits((-($0.a * $0.b)).addingProduct($0.a, $0.b)) },
    "product minus product, uncontracted": { bits($0.a * $0.b - $0.c * $0.a) },
    "product plus term, uncontracted": { bits($0.a * $0.b + $0.c) },
    "minimum": { bits(lower($0.a, $0.b)) },
    "maximum": { bits(higher($0.a, $0.b)) },
    "minimum with NaN": { bits($0.b) },
    "clamp": { bits(lower(higher($0.a, -1), 2)) },
    "less, both ways": { $0.a < $0.b && $0.b < $0.c ? $0.x : $0.a <= $0.b || $0.c >= $0.b ? $0.y : ~$0.x },
    "equal": { rint($0.a) == rint($0.c) ? $0.x : rint($0.a) != rint($0.b) ? $0.y : ~$0.y },
    "floor": { bits($0.a.rounded(.down)) },
    "rint": { bits(rint($0.a)) },
    "fabs": { bits(abs($0.a)) },
    "copysign": { bits(Float(sign: $0.b.sign, exponent: 0, significand: 1) * abs($0.a)) },
    "float to int": { UInt32(bitPattern: Int32($0.a.rounded(.towardZero))) },
    "int to float": { bits(Float(signed($0.x))) },
    "bit casts": { $0.x & 0x7f_ffff | 0x3f80_0000 },
    "select": { p in
      (p.a < p.b ? p.v : HostVector(p.c, p.a, p.b)).bits
    },
  ]

  private static func rint(_ x: Float) -> Float { x.rounded(.toNearestOrEven) }

  private static let whole: [String: Operation] = [
    "integer add": { $0.x &+ $0.y },
    "integer subtract": { $0.x &- $0.y },
    "integer multiply": { $0.x &* $0.y },
    "high half of a product": { $0.x.multipliedFullWidth(by: $0.y).high },
    "integer divide": { $0.x / ($0.y | 1) },
    "signed divide": { UInt32(bitPattern: signed($0.x) / signed($0.y >> 1 | 1)) },
    "shift left": { $0.x &<< ($0.y & 31) },
    "shift right": { $0.x &>> ($0.y & 31) },
    "signed shift right": { UInt32(bitPattern: signed($0.x) &>> signed($0.y & 31)) },
    "and, or, exclusive or, not": { (($0.x & $0.y) ^ ~($0.x | 0x0f0f_0f0f)) | ($0.y >> 3) },
    "leading zeros": { UInt32($0.x.leadingZeroBitCount) },
    "bit count": { UInt32($0.x.nonzeroBitCount) },
    "unsigned less": { min($0.x, $0.y) },
    "signed less": { UInt32(bitPattern: min(signed($0.x), signed($0.y))) },
    "mask to bits": { $0.a < $0.b ? 1 : 0 },
    "gather": { $0.inputs.x[Int($0.y & 0xfff)] },
    "64-bit product": { UInt32(truncatingIfNeeded: (UInt64($0.x) * UInt64($0.y)) >> 20) },
    "lowest bit": { UInt32(($0.x | 0x8000_0000).trailingZeroBitCount) },
    "fixed point, low half": { UInt32(truncatingIfNeeded: fixedPoint($0.a)) },
    "fixed point, high half": { UInt32(truncatingIfNeeded: fixedPoint($0.a) >> 32) },
  ]

  /// Exact: the product of a float and 2^30 has a float's digits.
  private static func fixedPoint(_ x: Float) -> Int64 { Int64(max(0, Double(x)) * 0x1p30) }

  private static let own: [String: Operation] = [
    "sine of turns": { bits(HostMaths.sincosTurns($0.a).sine) },
    "cosine of turns": { bits(HostMaths.sincosTurns($0.a).cosine) },
    "angle in turns": { bits(HostMaths.atan2Turns($0.a, $0.b)) },
    "sum of products": { bits($0.v.dot($0.turned)) },
    "vector product": { $0.v.cross($0.turned).bits },
    "unit vector": { $0.v.normalized.bits },
    "frame of a normal": { $0.v.normalized.frameSum.bits },
    "luminance": { bits($0.v.dot(HostVector(0.2126, 0.7152, 0.0722))) },
    "hash": { HostSampler.hash($0.x) },
    "bit reversal": { HostSampler.reversed($0.x) },
    "Owen scrambling": { HostSampler.scrambled($0.x, seed: $0.y) },
    "second Sobol dimension": { HostSampler.reversed(HostSampler.sobolSecond($0.x)) },
    "fraction of 24 bits": { bits(Float($0.x >> 8) / Float(1 << 24)) },
    "sample, first half": { HostSampler.sample(key: $0.x, index: $0.y, bounce: 3, slot: 2).0 },
    "sample, second half": { HostSampler.sample(key: $0.x, index: $0.y, bounce: 3, slot: 2).1 },
  ]
}
