/// One operation that kernels may use (or one of our own functions), as a device computes it.
package struct ConformanceOperation: Sendable {
  /// What a failure is reported by.
  package let name: String
  /// OpenCL C, of type U: 32 bits a lane. `a b c` are F, `x y` are U; BITS takes a float without its -0.
  package let expression: String
  /// Only in the one-lane form, because the kernels use it there only.
  package let isScalar: Bool

  private init(_ name: String, _ expression: String, isScalar: Bool = false) {
    self.name = name
    self.expression = expression
    self.isScalar = isScalar
  }

  /// The whole table.
  package static let all = arithmetic + rounding + integers + lanes + ourOwn + scalars

  private static let arithmetic = [
    ConformanceOperation("add", "BITS(a + b)"),
    ConformanceOperation("subtract", "BITS(a - b)"),
    ConformanceOperation("multiply", "BITS(a * b)"),
    ConformanceOperation("divide", "BITS(a / b)"),
    ConformanceOperation("reciprocal", "BITS(1.0f / b)"),
    ConformanceOperation("square root", "BITS(square_root(fabs(a)))"),
    ConformanceOperation("fma", "BITS(fma(a, b, c))"),
    ConformanceOperation("fma of a product's error", "BITS(fma(a, b, -(a * b)))"),
    ConformanceOperation("product minus product, uncontracted", "BITS(a * b - c * a)"),
    ConformanceOperation("product plus term, uncontracted", "BITS(a * b + c)"),
    ConformanceOperation("minimum", "BITS(min_lane(a, b))"),
    ConformanceOperation("maximum", "BITS(max_lane(a, b))"),
    ConformanceOperation("minimum with NaN", "BITS(min_lane(AS_F(x | 0x7fc00000u), b))"),
    ConformanceOperation("clamp", "BITS(clamp_lane(a, -1.0f, 2.0f))"),
    ConformanceOperation("less, both ways", "((a < b) & (b < c)) ? x : ((a <= b) | (c >= b)) ? y : ~x"),
    ConformanceOperation("equal", "rint(a) == rint(c) ? x : rint(a) != rint(b) ? y : ~y"),
  ]

  private static let rounding = [
    ConformanceOperation("floor", "BITS(floor(a))"),
    ConformanceOperation("rint", "BITS(rint(a))"),
    ConformanceOperation("fabs", "BITS(fabs(a))"),
    ConformanceOperation("copysign", "BITS(copysign(a, b))"),
    ConformanceOperation("float to int", "AS_U(TO_I(a))"),
    ConformanceOperation("int to float", "BITS(TO_F(AS_I(x)))"),
    ConformanceOperation("bit casts", "AS_U(AS_F((x & 0x007fffffu) | 0x3f800000u))"),
  ]

  private static let integers = [
    ConformanceOperation("integer add", "x + y"),
    ConformanceOperation("integer subtract", "x - y"),
    ConformanceOperation("integer multiply", "x * y"),
    ConformanceOperation("high half of a product", "mul_hi(x, y)"),
    ConformanceOperation("integer divide", "x / (y | 1u)"),
    ConformanceOperation("signed divide", "AS_U(AS_I(x) / AS_I((y >> 1) | 1u))"),
    ConformanceOperation("shift left", "x << (y & 31u)"),
    ConformanceOperation("shift right", "x >> (y & 31u)"),
    ConformanceOperation("signed shift right", "AS_U(AS_I(x) >> AS_I(y & 31u))"),
    ConformanceOperation("and, or, exclusive or, not", "((x & y) ^ ~(x | 0x0f0f0f0fu)) | (y >> 3)"),
    ConformanceOperation("leading zeros", "clz(x)"),
    ConformanceOperation("bit count", "popcount(x)"),
    ConformanceOperation("unsigned less", "x < y ? x : y"),
    ConformanceOperation("signed less", "AS_I(x) < AS_I(y) ? x : y"),
  ]

  private static let lanes = [
    ConformanceOperation("mask to bits", "((U)lane_bits(a < b) >> AS_U(LANE_NUMBERS)) & 1u"),
    ConformanceOperation("gather", "gather_uint(x_in, AS_I(y & 0xfffu))"),
    ConformanceOperation("select", "v3_bits(v3_select(a < b, v3(a, b, c), v3(c, a, b)))"),
  ]

  private static let ourOwn = [
    ConformanceOperation("sine of turns", "BITS((sincos_turns(a, &s, &t), s))"),
    ConformanceOperation("cosine of turns", "BITS((sincos_turns(a, &s, &t), t))"),
    ConformanceOperation("angle in turns", "BITS(atan2_turns(a, b))"),
    ConformanceOperation("sum of products", "BITS(v3_dot(v3(a, b, c), v3(b, c, a)))"),
    ConformanceOperation("vector product", "v3_bits(v3_cross(v3(a, b, c), v3(b, c, a)))"),
    ConformanceOperation("unit vector", "v3_bits(v3_normalized(v3(a, b, c), v3_zero()))"),
    ConformanceOperation(
      "frame of a normal",
      "(v3_frame(v3_normalized(v3(a, b, c), v3_zero()), &p, &q), v3_bits(v3_add(p, q)))"),
    ConformanceOperation("luminance", "BITS(luminance(v3(a, b, c)))"),
    ConformanceOperation("hash", "hash_lanes(x)"),
    ConformanceOperation("bit reversal", "reverse_bits(x)"),
    ConformanceOperation("Owen scrambling", "scramble_reversed(x, y)"),
    ConformanceOperation("second Sobol dimension", "sobol_second_reversed(x)"),
    ConformanceOperation("fraction of 24 bits", "BITS(unit_float(x))"),
    ConformanceOperation("sample, first half", "(sample_bits(x, y, 3u, 2u, &u, &v), u)"),
    ConformanceOperation("sample, second half", "(sample_bits(x, y, 3u, 2u, &u, &v), v)"),
  ]

  private static let scalars = [
    ConformanceOperation("fixed point, low half", "(uint)fixed_point(a)", isScalar: true),
    ConformanceOperation("fixed point, high half", "(uint)(fixed_point(a) >> 32)", isScalar: true),
    ConformanceOperation("64-bit product", "(uint)(((ulong)x * y) >> 20)", isScalar: true),
    ConformanceOperation("lowest bit", "(uint)lowest_bit(x | 0x80000000u)", isScalar: true),
  ]
}
