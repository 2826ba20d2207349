import Foundation
import Imaging
import Render
import SceneModel
import Testing

/// Directions drawn from an environment against the density that it states for them.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct EnvironmentSamplingTests {
  private static let count = 1 << 16

  /// A sky with a hard sun of one texel at the seam, a bright pole and black parts, turned.
  private static func sky() throws -> DeviceScene {
    let (width, height) = (16, 8)
    var texels = (0..<width * height * 3).map { i in i % 48 < 20 ? Float(0) : 0.2 + Float(i % 7) / 10 }
    for c in 0..<3 {
      texels[3 * (2 * width) + c] = 5000
      texels[3 * 5 + c] = 40
    }
    let sky = DeviceSceneFrames.environment(width: width, height: height, rotationDeg: 40, texels)
    return try KernelScenes.scene([], materials: [], environment: sky)
  }

  /// Draws by the numbers a and b, or looks up the direction (a, b, c): direction, density, and luminance of
  /// the radiance.
  private func evaluate(_ scene: DeviceScene, draws: Bool, _ inputs: [[Float]]) throws -> [[Float]] {
    let device = try OpenCLDevice(try #require(KernelScenes.device))
    let source =
      KernelSources.text + """
        __kernel void probe(SCENE_ARGUMENTS, uint draws, __global const float *in,
                            __global float *out) {
          Scene scene = scene_of(SCENE_VALUES);
          size_t i = get_global_id(0), n = get_global_size(0);
          __global const F *input = (__global const F *)in;
          F a = input[i], b = input[n + i], c = input[2 * n + i], density;
          V3 direction = v3(a, b, c), radiance;
          radiance = draws ? environment_sample(&scene, a, b, &direction, &density)
                           : environment_look_up(&scene, direction, &density);
          __global F *to = (__global F *)out;
          to[i] = direction.x;
          to[n + i] = direction.y;
          to[2 * n + i] = direction.z;
          to[3 * n + i] = density;
          to[4 * n + i] = luminance(radiance);
        }
        """
    let program = try OpenCLProgram(
      device: device, source: source, defines: ["W=8", "WORK_GROUP=1"])
    let kernel = try program.kernel("probe")
    let count = inputs[0].count
    try kernel.set(scene, on: device)
    let first = OpenCLKernel.sceneArgumentCount
    try kernel.set(first, UInt32(draws ? 1 : 0))
    try kernel.set(first + 1, device.makeBuffer(inputs.flatMap { $0 }))
    let out = try device.makeBuffer([Float](repeating: 0, count: 5 * count))
    try kernel.set(first + 2, out)
    try device.run(kernel, groupCount: count / 8, groupSize: 1)
    let flat = try device.read(out, count: 5 * count, as: Float.self)
    return (0..<5).map { Array(flat[$0 * count..<($0 + 1) * count]) }
  }

  private func drawn(_ scene: DeviceScene) throws -> [[Float]] {
    let side = 256
    let across = (0..<Self.count).map { (Float($0 % side) + 0.5) / Float(side) }
    let down = (0..<Self.count).map { (Float($0 / side) + 0.5) / Float(side) }
    return try evaluate(scene, draws: true, [across, down, down])
  }

  private func lookedUp(_ scene: DeviceScene, _ directions: [[Float]]) throws -> [[Float]] {
    try evaluate(scene, draws: false, directions)
  }

  @Test func `looking up what was drawn gives its density and radiance`() throws {
    let scene = try Self.sky()
    let drawn = try drawn(scene)
    let found = try lookedUp(scene, Array(drawn[..<3]))
    var apart = 0
    for i in 0..<Self.count {
      let lengthSquared = drawn[0][i] * drawn[0][i] + drawn[1][i] * drawn[1][i] + drawn[2][i] * drawn[2][i]
      #expect(abs(lengthSquared - 1) < 1e-5)
      // Rounding takes some to the next cell, whose density is another where light and dark meet.
      let near = abs(found[3][i] - drawn[3][i]) <= 0.01 * drawn[3][i]
      if !near || abs(found[4][i] - drawn[4][i]) > 0.01 * drawn[4][i] + 1e-3 { apart += 1 }
    }
    #expect(apart < Self.count / 500, "\(apart)")
  }

  @Test func `drawing finds the light that integration finds, with next to no noise in the sun`() throws {
    let scene = try Self.sky()
    let drawn = try drawn(scene)
    var (sum, largest) = (0.0, 0.0)
    for (density, light) in zip(drawn[3], drawn[4]) where density > 0 {
      sum += Double(light / density)
      largest = max(largest, light > 500 ? Double(light / density) : 0)
    }
    let estimate = sum / Double(Self.count)
    let exact = 2 * Double.pi * Double.pi * Double(scene.header.environment_integral)
    #expect(abs(estimate / exact - 1) < 0.02, "\(estimate), not \(exact)")
    // Of a perfect choice every ratio is the integral; the sine of the polar angle varies within a cell.
    #expect(largest < 1.4 * exact, "\(largest) of \(exact)")
  }

  @Test func `directions fall where the density says`() throws {
    let scene = try Self.sky()
    let (rows, columns, fine) = (12, 24, 16)
    // The density's integral over each of 12 x 24 patches of the sphere, by the midpoint rule.
    var directions: [[Float]] = [[], [], []]
    var weights: [Double] = []
    for y in 0..<rows * fine {
      let theta = (Double(y) + 0.5) / Double(rows * fine) * Double.pi
      for x in 0..<columns * fine {
        let phi = (Double(x) + 0.5) / Double(columns * fine) * 2 * Double.pi
        directions[0].append(Float(sin(theta) * sin(phi)))
        directions[1].append(Float(cos(theta)))
        directions[2].append(Float(sin(theta) * cos(phi)))
        weights.append(sin(theta) * Double.pi / Double(rows * fine) * 2 * Double.pi / Double(columns * fine))
      }
    }
    let densities = try lookedUp(scene, directions)[3]
    var expected = [Double](repeating: 0, count: rows * columns)
    for i in densities.indices {
      let patch = i / (columns * fine) / fine * columns + i % (columns * fine) / fine
      expected[patch] += Double(densities[i]) * weights[i]
    }
    #expect(abs(expected.reduce(0, +) - 1) < 0.01)
    var counts = [Double](repeating: 0, count: rows * columns)
    let drawn = try drawn(scene)
    for i in 0..<Self.count {
      let theta = acos(Double(max(-1, min(1, drawn[1][i]))))
      let turn = atan2(Double(drawn[0][i]), Double(drawn[2][i])) / (2 * Double.pi)
      let row = min(rows - 1, Int(theta / Double.pi * Double(rows)))
      let column = min(columns - 1, Int((turn - turn.rounded(.down)) * Double(columns)))
      counts[row * columns + column] += 1 / Double(Self.count)
    }
    for (count, share) in zip(counts, expected) { #expect(abs(count - share) < 0.01) }
  }
}
