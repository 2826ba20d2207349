import Kernels
import Render
import SceneModel
import Testing

/// The choice of a light: its probabilities against each other, and against what is drawn.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct LightChoiceTests {
  private static let points: [SIMD3<Float>] = [[0, 0, 0], [2.5, -1, 0.5], [0.3, 9, -4], [1, 1.01, 1]]

  /// Evaluates the choice on the device, one lane of W a number: for (point, emitter) pairs the probability,
  /// for (point, u) pairs the emitter (-1: the sky) and its probability.
  private struct Probe {
    let kernel: OpenCLKernel
    let device: OpenCLDevice
    let laneWidth: Int

    init(_ scene: DeviceScene, laneWidth: Int) throws {
      device = try OpenCLDevice(try #require(KernelScenes.device))
      self.laneWidth = laneWidth
      let source =
        KernelSources.text + """
          __kernel void probe(SCENE_ARGUMENTS, __global const float *at, __global const float *number,
                              uint draws, __global int *chosen, __global float *probabilities) {
            Scene scene = scene_of(SCENE_VALUES);
            size_t i = get_global_id(0), n = get_global_size(0);
            __global const F *p = (__global const F *)at;
            V3 point = v3(p[i], p[n + i], p[2 * n + i]);
            F u = ((__global const F *)number)[i], probability;
            I emitter;
            if (draws) {
              emitter = light_choose(&scene, point, &u, &probability);
              emitter = emitter == (I)EMITTER_ENVIRONMENT ? (I)-1 : emitter;
            } else {
              emitter = TO_I(u);
              I sky = emitter < 0;
              probability = emitter_probability(&scene, sky ? (I)0 : emitter, point);
              probability = sky ? environment_probability(&scene, point) : probability;
            }
            ((__global I *)chosen)[i] = emitter;
            ((__global F *)probabilities)[i] = probability;
          }
          """
      let program = try OpenCLProgram(
        device: device, source: source, defines: ["W=\(laneWidth)", "WORK_GROUP=1"])
      kernel = try program.kernel("probe")
      try kernel.set(scene, on: device)
    }

    func run(_ point: SIMD3<Float>, _ numbers: [Float], draws: Bool) throws -> [(Int, Float)] {
      let count = (numbers.count + 15) / 16 * 16
      let padded = numbers + [Float](repeating: 0, count: count - numbers.count)
      let at = (0..<3).flatMap { [Float](repeating: point[$0], count: count) }
      let emitters = try device.makeBuffer([Int32](repeating: 0, count: count))
      let probabilities = try device.makeBuffer([Float](repeating: 0, count: count))
      let first = OpenCLKernel.sceneArgumentCount
      try kernel.set(first, device.makeBuffer(at))
      try kernel.set(first + 1, device.makeBuffer(padded))
      try kernel.set(first + 2, UInt32(draws ? 1 : 0))
      try kernel.set(first + 3, emitters)
      try kernel.set(first + 4, probabilities)
      try device.run(kernel, groupCount: count / laneWidth, groupSize: 1)
      let found = try device.read(emitters, count: numbers.count, as: Int32.self)
      let weights = try device.read(probabilities, count: numbers.count, as: Float.self)
      return zip(found, weights).map { (Int($0), $1) }
    }
  }

  @Test(arguments: [(0, true), (1, false), (20, true), (25, false), (700, true), (5000, false)])
  func `probabilities sum to 1, and lights are drawn by them`(count: Int, sky: Bool) throws {
    let scene = try LightScenes.swarm(count, sky: sky)
    let probe = try Probe(scene, laneWidth: 16)
    for point in Self.points {
      let all = (sky ? -1 : 0)..<scene.emitters.count
      let probabilities = try probe.run(point, all.map { Float($0) }, draws: false).map(\.1)
      let sum = probabilities.reduce(0) { $0 + Double($1) }
      // Stratified numbers: every emitter gets its share of them, give or take the borders.
      let draws = 1 << 16
      let drawn = try probe.run(
        point, (0..<draws).map { (Float($0) + 0.5) / Float(draws) }, draws: true)
      // A node's bound may promise light that neither of its children has: such a draw finds nothing.
      var (counts, deadEnds) = ([Int](repeating: 0, count: all.count), 0)
      for (emitter, probability) in drawn {
        #expect(probability == probabilities[emitter - all.lowerBound])
        if probability > 0 { counts[emitter - all.lowerBound] += 1 } else { deadEnds += 1 }
      }
      #expect(sum < 1 + 2e-5)
      #expect(abs(sum + Double(deadEnds) / Double(draws) - 1) < 2e-3)
      for (count, probability) in zip(counts, probabilities) {
        #expect(abs(Double(count) - Double(probability) * Double(draws)) < 2.5)
      }
    }
  }

  @Test func `drawing at random passes the chi-square test`() throws {
    let scene = try LightScenes.swarm(300, sky: true)
    let probe = try Probe(scene, laneWidth: 16)
    var random = SceneRandom(seed: 3)
    let draws = 1 << 17
    for point in Self.points {
      let probabilities = try probe.run(point, (-1..<scene.emitters.count).map { Float($0) }, draws: false)
      let drawn = try probe.run(point, (0..<draws).map { _ in random.unit() }, draws: true)
      var counts = [Int](repeating: 0, count: probabilities.count)
      for (emitter, probability) in drawn where probability > 0 { counts[emitter + 1] += 1 }
      var (chiSquare, cells, rareCount, rareExpected) = (0.0, 0, 0.0, 0.0)
      for (count, (_, probability)) in zip(counts, probabilities) {
        let expected = Double(probability) * Double(draws)
        guard expected >= 10 else {
          (rareCount, rareExpected) = (rareCount + Double(count), rareExpected + expected)
          continue
        }
        chiSquare += (Double(count) - expected) * (Double(count) - expected) / expected
        cells += 1
      }
      // Mean n, variance 2 n; five standard deviations.
      #expect(chiSquare < Double(cells) + 5 * Double(2 * cells).squareRoot())
      #expect(abs(rareCount - rareExpected) < 5 * (rareExpected + 1).squareRoot())
    }
  }

  @Test(arguments: [1, 8]) func `every lane width gives the same bits`(laneWidth: Int) throws {
    let scene = try LightScenes.swarm(700, sky: true)
    let wide = try Probe(scene, laneWidth: 16)
    let other = try Probe(scene, laneWidth: laneWidth)
    let numbers = (0..<512).map { (Float($0) + 0.5) / 512 }
    for point in Self.points {
      for draws in [true, false] {
        let inputs = draws ? numbers : numbers.map { ($0 * 700).rounded(.down) }
        let (a, b) = (
          try wide.run(point, inputs, draws: draws), try other.run(point, inputs, draws: draws)
        )
        #expect(zip(a, b).allSatisfy { $0.0 == $1.0 && $0.1.bitPattern == $1.1.bitPattern })
      }
    }
  }

  @Test func `a light that can reach a point is never left out`() throws {
    let scene = try LightScenes.swarm(2000, sky: false)
    let probe = try Probe(scene, laneWidth: 16)
    for point in Self.points {
      let probabilities = try probe.run(point, scene.emitters.indices.map { Float($0) }, draws: false)
      for (emitter, (_, probability)) in zip(scene.emitters, probabilities) where emitter.triangle >= 0 {
        let (n, o) = (emitter.area_vector, emitter.origin)
        let facing =
          Double(n.0) * Double(point.x - o.0) + Double(n.1) * Double(point.y - o.1)
          + Double(n.2) * Double(point.z - o.2)
        let visible = emitter.kind & EMITTER_TWO_SIDED != 0 ? abs(facing) : facing
        if visible > 1e-7 { #expect(probability > 0) }
      }
    }
  }

  @Test func `the tree holds every emitter once, where its trail says`() throws {
    let scene = try LightScenes.swarm(3000, sky: true)
    #expect(scene.header.light_root_count == LIGHT_ROOTS_MAX)
    #expect(scene.lightNodes.count == 2 * scene.emitters.count - Int(LIGHT_ROOTS_MAX))
    for (i, emitter) in scene.emitters.enumerated() {
      var node = scene.lightNodes[Int(emitter.root)]
      var trail = emitter.trail
      while node.child >= 0 {
        node = scene.lightNodes[Int(node.child) + Int(trail & 1)]
        trail >>= 1
      }
      #expect(Int(~node.child) == i && trail == 0)
    }
    let power = scene.lightNodes[..<Int(LIGHT_ROOTS_MAX)].reduce(0) { $0 + Double($1.power) }
    #expect(abs(power + Double(scene.header.environment_weight) - 1) < 1e-5)
  }
}
