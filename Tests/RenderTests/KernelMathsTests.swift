import Foundation
import Render
import Testing

/// The kernels' own elementary functions: the bits of the same operations on the host, and close to the
/// truth.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct KernelMathsTests {
  /// Runs `expression` of lanes a and b over pairs of inputs, with W lanes.
  private func evaluate(_ expression: String, _ a: [Float], _ b: [Float], laneWidth: Int) throws -> [Float] {
    let device = try OpenCLDevice(try #require(KernelScenes.device))
    // What comes before textures is all there is to compile.
    let maths = KernelSources.text.split(separator: "#line 1 \"texture.cl\"", maxSplits: 1)[0]
    let source =
      maths + """
        __kernel void probe(__global const float *a_in, __global const float *b_in, __global float *out) {
          size_t i = get_global_id(0);
          F a = ((__global const F *)a_in)[i], b = ((__global const F *)b_in)[i], s, c;
          ((__global F *)out)[i] = \(expression);
        }
        """
    let program = try OpenCLProgram(
      device: device, source: String(source), defines: ["W=\(laneWidth)", "WORK_GROUP=1"], cache: nil)
    let kernel = try program.kernel("probe")
    let out = try device.makeBuffer([UInt32](repeating: 0, count: a.count))
    try kernel.set(0, device.makeBuffer(a))
    try kernel.set(1, device.makeBuffer(b))
    try kernel.set(2, out)
    try device.run(kernel, groupCount: a.count / laneWidth, groupSize: 1)
    return try device.read(out, count: a.count, as: UInt32.self).map { Float(bitPattern: $0) }
  }

  /// 512 numbers in -1 ... 1, with the borders among them.
  private static let inputs: [Float] =
    [0, 1, -1, 0.5, -0.5, 0.25, 0.125, 1e-6] + (0..<504).map { Float(($0 * 7919) % 1009) / 504.5 - 1 }
  private static let others: [Float] = inputs.reversed()

  @Test(arguments: [1, 8, 16]) func `sine and cosine of turns are the host's bits`(laneWidth: Int) throws {
    let sines = try evaluate("(sincos_turns(a, &s, &c), s)", Self.inputs, Self.others, laneWidth: laneWidth)
    let cosines = try evaluate("(sincos_turns(a, &s, &c), c)", Self.inputs, Self.others, laneWidth: laneWidth)
    for (i, x) in Self.inputs.enumerated() {
      let expected = HostMaths.sincosTurns(x)
      #expect(sines[i] == expected.sine && cosines[i] == expected.cosine, "at \(x)")
      #expect(abs(Double(sines[i]) - sin(2 * .pi * Double(x))) < 2e-7)
      #expect(abs(Double(cosines[i]) - cos(2 * .pi * Double(x))) < 2e-7)
    }
  }

  @Test(arguments: [1, 8, 16]) func `the angle in turns is the host's bits`(laneWidth: Int) throws {
    let turns = try evaluate("atan2_turns(a, b)", Self.inputs, Self.others, laneWidth: laneWidth)
    for (i, (y, x)) in zip(Self.inputs, Self.others).enumerated() {
      #expect(turns[i] == HostMaths.atan2Turns(y, x), "at \(y), \(x)")
      #expect(abs(Double(turns[i]) - atan2(Double(y), Double(x)) / (2 * .pi)) < 1e-7, "at \(y), \(x)")
    }
  }

  @Test(arguments: [1, 8, 16])
  func `places by the Blackman-Harris window are distributed by its integral`(laneWidth: Int) throws {
    let numbers = Self.inputs.map { min(abs($0), 1 - 0x1p-24) }
    let places = try evaluate("blackman_harris_place(a)", numbers, numbers, laneWidth: laneWidth)
    for (u, place) in zip(numbers, places) {
      #expect(place >= -1 && place <= 2)
      let n = (Double(place) + 1) / 3
      let terms = [(0.48829, 1.0), (-0.14128, 2), (0.01168, 3)].map {
        $0 * sin(2 * .pi * $1 * n) / (2 * .pi * $1)
      }
      #expect(abs((0.35875 * n - terms.reduce(0, +)) / 0.35875 - Double(u)) < 1e-5, "at \(u)")
    }
    #expect(places == (try evaluate("blackman_harris_place(a)", numbers, numbers, laneWidth: 1)))
  }

  @Test(arguments: [1, 8, 16]) func `the exponential of what is not positive is close to the truth`(
    laneWidth: Int
  ) throws {
    let powers = try evaluate(
      "exp_negative(-20.0f * fabs(a))", Self.inputs, Self.others, laneWidth: laneWidth)
    for (i, x) in Self.inputs.enumerated() {
      #expect(abs(Double(powers[i]) / exp(Double(-20 * abs(x))) - 1) < 3e-7, "at \(-20 * abs(x))")
    }
    let far = try evaluate("exp_negative(-1000.0f)", Self.inputs, Self.others, laneWidth: laneWidth)
    #expect(far.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [1, 8, 16]) func `division, root and fma round as the host's`(laneWidth: Int) throws {
    let quotients = try evaluate("a / b", Self.inputs, Self.others, laneWidth: laneWidth)
    let roots = try evaluate("square_root(a * a)", Self.inputs, Self.others, laneWidth: laneWidth)
    let fused = try evaluate("fma(a, b, -(a * b))", Self.inputs, Self.others, laneWidth: laneWidth)
    let plain = try evaluate("a * b - b * a", Self.inputs, Self.others, laneWidth: laneWidth)
    for (i, (a, b)) in zip(Self.inputs, Self.others).enumerated() {
      if b != 0 { #expect(quotients[i] == a / b, "\(a) / \(b)") }
      #expect(roots[i] == (a * a).squareRoot(), "root of \(a)^2")
      #expect(fused[i] == (-(a * b)).addingProduct(a, b), "\(a) \(b)")
      // A contracted form would leave the rounding error of one product.
      #expect(plain[i] == 0, "\(a) \(b)")
    }
  }

  @Test func `samples become whole numbers of 2^-30, clamped, and NaN counts as black`() throws {
    let device = try OpenCLDevice(try #require(KernelScenes.device))
    let source =
      KernelSources.text + "__kernel void probe(__global const float *a, __global long *out) {"
      + " size_t i = get_global_id(0); out[i] = fixed_point(a[i]); }"
    let program = try OpenCLProgram(
      device: device, source: source, defines: ["W=1", "WORK_GROUP=1"], cache: nil)
    let inputs: [Float] = [
      0, 1, 0.5, -1, .nan, .infinity, -.infinity, 1e30, 65_504, 1e-9, 1.5e-9, 3.25, 1e-30,
    ]
    let kernel = try program.kernel("probe")
    let out = try device.makeBuffer([Int64](repeating: 0, count: inputs.count))
    try kernel.set(0, device.makeBuffer(inputs))
    try kernel.set(1, out)
    try device.run(kernel, groupCount: inputs.count, groupSize: 1)
    let one = Int64(1) << 30
    let expected: [Int64] = [
      0, one, one / 2, 0, 0, 65_504 * one, 0, 65_504 * one, 65_504 * one, 1, 1, one * 13 / 4, 0,
    ]
    #expect(try device.read(out, count: inputs.count, as: Int64.self) == expected)
  }
}

/// maths.cl's functions, operation by operation.
enum HostMaths {
  private static func fma(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }

  static func sincosTurns(_ turns: Float) -> (sine: Float, cosine: Float) {
    let quarter = (turns * 4).rounded(.toNearestOrEven)
    let r = fma(quarter, -0.25, turns) * 6.28318531
    let q = Int32(quarter)
    let z = r * r
    let ps = fma(fma(-1.9515295891e-4, z, 8.3321608736e-3), z, -1.6666654611e-1)
    let pc = fma(fma(2.443315711809948e-5, z, -1.388731625493765e-3), z, 4.166664568298827e-2)
    let s = fma(ps * z, r, r)
    let c = fma(pc, z * z, fma(-0.5, z, 1))
    let (a, b) = q & 1 != 0 ? (c, s) : (s, c)
    return (q & 2 != 0 ? -a : a, (q + 1) & 2 != 0 ? -b : b)
  }

  static func atan2Turns(_ y: Float, _ x: Float) -> Float {
    let (ax, ay) = (abs(x), abs(y))
    let (high, low) = (ax > ay ? ax : ay, ax < ay ? ax : ay)
    guard high > 0 else { return 0 }
    var t = low / high
    let upper = t > 0.41421356
    if upper { t = (t - 1) / (t + 1) }
    let z = t * t
    let inner = fma(fma(8.05374449538e-2, z, -1.38776856032e-1), z, 1.99777106478e-1)
    let p = fma(inner, z, -3.33329491539e-1)
    var angle = fma(p * z, t, t) * (1 / Float(6.28318531))
    if upper { angle += 0.125 }
    if ay > ax { angle = 0.25 - angle }
    if x < 0 { angle = 0.5 - angle }
    return y < 0 ? -angle : angle
  }
}
