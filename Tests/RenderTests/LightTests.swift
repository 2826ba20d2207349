import Imaging
import Kernels
import Render
import SceneModel
import Testing

@Suite struct LightTests {
  private typealias Frames = DeviceSceneFrames

  @Test func `an alias table holds exactly the units of its outcomes`() {
    var random = SceneRandom(seed: 1)
    let cases: [[Double]] = [
      [1], [1, 1, 1], [1, 0], [1e-30, 1, 1e30], (0..<1000).map { _ in Double(random.unit()) },
      (0..<257).map { Double($0 * $0 * $0) },
    ]
    for weights in cases {
      let table = AliasTable(weights: weights)
      var units = [Int](repeating: 0, count: weights.count)
      for i in weights.indices {
        #expect(table.threshold[i] >= 0 && table.threshold[i] <= AliasTable.columnUnits)
        units[i] += table.threshold[i]
        units[table.alias[i]] += AliasTable.columnUnits - table.threshold[i]
      }
      #expect(units == table.units)
      #expect(units.reduce(0, +) == weights.count * AliasTable.columnUnits)
    }
  }

  @Test func `shares follow the weights to two units and none is empty`() {
    var random = SceneRandom(seed: 2)
    let weights = (0..<500).map { _ in Double(random.unit()) } + [0]
    let sum = weights.reduce(0, +)
    let shares = UnitShares.shares(of: weights, total: 1 << 24)
    #expect(shares.reduce(0, +) == 1 << 24)
    for (weight, share) in zip(weights, shares) {
      #expect(share >= 1)
      #expect(abs(Double(share) - 1 - weight / sum * Double(1 << 24 - weights.count)) < 1.001)
    }
  }

  @Test func `emitters are listed in order with their area and power share`() throws {
    let lamp = Scene.Material(emission: [2, 2, 2])
    let panel = Scene.Material(emission: [1, 1, 1], doubleSided: true)
    let wall = Scene.Material()
    let primitives = [
      Frames.triangle(material: 0), Frames.triangle(material: 1), Frames.triangle(material: 2),
    ]
    let twice = Frames.Placement(xAxis: [2, 0, 0], yAxis: [0, 2, 0], zAxis: [0, 0, 2], origin: [0, 0, 1])
    let scene = try DeviceScene(
      Frames.frame(
        primitives, materials: [wall, lamp, panel],
        placements: [(0, Frames.inPlace), (1, Frames.inPlace), (2, twice), (1, twice)]))
    #expect(scene.triangles.map(\.emitter) == [-1, 0, 1, 2])
    #expect(scene.emitters.map(\.triangle) == [1, 2, 3])
    #expect(scene.emitters.map(\.area) == [0.5, 2, 2])
    // Power over pi: 0.5 x 2, 2 x 1 x both sides, 2 x 2.
    for (emitter, share) in zip(scene.emitters, [1.0 / 9, 4.0 / 9, 4.0 / 9]) {
      #expect(abs(Double(emitter.pmf) - share) < 1e-6)
    }
    #expect(abs(scene.emitters.reduce(0) { $0 + Double($1.pmf) } - 1) < 1e-6)
    #expect(scene.header.environment_select == 0)
  }

  @Test func `drawing emitters by the table estimates the emitted power`() throws {
    // Power of a mesh of lamps = sum of pi A L; each draw estimates it by pi A L / pmf.
    var random = SceneRandom(seed: 3)
    var primitive = Frames.triangle()
    primitive.positions = (0..<300).map { _ in random.point(1) }
    primitive.normals = [SIMD3<Float>](repeating: [0, 0, 1], count: 300)
    primitive.uvs = [SIMD2<Float>](repeating: .zero, count: 300)
    primitive.indices = (0..<300).map { UInt32($0) }
    let scene = try DeviceScene(Frames.frame([primitive], materials: [Scene.Material(emission: [1, 2, 3])]))
    let luminance = 0.2126 + 2 * 0.7152 + 3 * 0.0722
    let exact = scene.triangles.reduce(0.0) { $0 + Double.pi * luminance * area($1) }
    for emitter in scene.emitters {
      let estimate = Double.pi * luminance * Double(emitter.area) / Double(emitter.pmf)
      #expect(abs(estimate / exact - 1) < 1e-3)
    }
  }

  @Test func `the environment is asked by its share of the power`() throws {
    let white = [Float](repeating: 1, count: 3 * 16 * 8)
    func select(strength: Float, emission: SIMD3<Float>, both: Bool = false) throws -> Float {
      let sky = Frames.environment(width: 16, height: 8, strength: strength, white)
      let material = Scene.Material(emission: emission, doubleSided: both)
      return try DeviceScene(Frames.frame(materials: [material], environment: sky)).header.environment_select
    }
    #expect(try select(strength: 1, emission: .zero) == 1)
    #expect(try select(strength: 1000, emission: [1, 1, 1]) == 0.9)
    #expect(try select(strength: 1e-3, emission: [1, 1, 1]) == 0.1)
    // Sky: pi r^2 x 4 pi, r^2 = 0.5; lamp: pi x 0.5 x L. Equal at L = 4 pi.
    #expect(abs(try select(strength: 1, emission: SIMD3(repeating: 4 * Float.pi)) - 0.5) < 5e-3)
    #expect(abs(try select(strength: 1, emission: SIMD3(repeating: 2 * Float.pi), both: true) - 0.5) < 5e-3)
    #expect(try select(strength: 0, emission: [1, 1, 1]) == 0)
  }

  @Test func `a constant sky is drawn evenly over the sphere`() {
    let table = EnvironmentTable(width: 8, height: 16, radiance: [Float](repeating: 2, count: 3 * 8 * 16))
    // The mean of L sin(theta) is 2 L / pi; the rows are sampled at their middle.
    #expect(abs(table.integral - 2 * 2 / Double.pi) < 4e-3)
    let density = LightTests.density(table)
    for y in 0..<16 {
      let solidAngle = 2 * Double.pi / 8 * (cosine(y, 16) - cosine(y + 1, 16))
      for x in 0..<8 {
        #expect(abs(density[y][x] * 4 * Double.pi / solidAngle - 1) < 3e-3)
      }
    }
  }

  @Test func `a single bright texel takes what bilinear look-up spreads`() {
    let (width, height, x, y) = (16, 8, 15, 3)
    var radiance = [Float](repeating: 0, count: 3 * width * height)
    for channel in 0..<3 { radiance[3 * (y * width + x) + channel] = 100 }
    let table = EnvironmentTable(width: width, height: height, radiance: radiance)
    let density = LightTests.density(table)
    let spread = [1.0 / 8, 6.0 / 8, 1.0 / 8]
    var expected = [[Double]](repeating: [Double](repeating: 0, count: width), count: height)
    for dy in -1...1 {
      for dx in -1...1 {
        // Around the seam: column 16 is column 0.
        let weight = 100 * spread[dy + 1] * spread[dx + 1] * sine(y + dy, height)
        expected[y + dy][(x + dx) % width] = weight
      }
    }
    let mean = expected.joined().reduce(0, +) / Double(width * height)
    let floored = expected.map { $0.map { max($0, 1e-4 * mean) } }
    let sum = floored.joined().reduce(0, +)
    #expect(abs(table.integral - sum / Double(width * height)) < 1e-5 * table.integral)
    for row in 0..<height {
      for column in 0..<width {
        #expect(density[row][column] > 0)
        #expect(abs(density[row][column] - floored[row][column] / sum) < 1e-6)
      }
    }
  }

  @Test func `a black sky is none`() throws {
    let sky = Frames.environment(width: 4, height: 2, [Float](repeating: 0, count: 24))
    let scene = try DeviceScene(Frames.frame(environment: sky))
    #expect(scene.header.environment_width == 0 && scene.environmentCDF.isEmpty)
    #expect(scene.environmentRadiance.isEmpty && scene.header.environment_select == 0)
  }

  @Test func `strength multiplies and the turn is reduced to one round`() throws {
    let texels: [Float] = (0..<24).map { Float($0) / 4 }
    let sky = Frames.environment(width: 4, height: 2, strength: 3, rotationDeg: -330, texels)
    let plain = try RadianceHDR.decode(sky.bytes).rgb
    let scene = try DeviceScene(Frames.frame(environment: sky))
    #expect(scene.environmentRadiance == plain.map { $0 * 3 })
    #expect(abs(scene.header.environment_cos - Float(3).squareRoot() / 2) < 1e-6)
    #expect(abs(scene.header.environment_sin - 0.5) < 1e-6)
  }

  /// Probability of each texel, by the table's differences; checks that every CDF ascends from 0 to 1.
  private static func density(_ table: EnvironmentTable) -> [[Double]] {
    let (width, height) = (table.width, table.height)
    func steps(_ first: Int, _ count: Int) -> [Double] {
      let cdf = Array(table.cdf[first...first + count])
      #expect(cdf.first == 0 && cdf.last == 1)
      let steps = zip(cdf, cdf.dropFirst()).map { Double($1) - Double($0) }
      #expect(steps.allSatisfy { $0 > 0 })
      return steps
    }
    let rows = steps(0, height)
    return (0..<height).map { y in
      steps(height + 1 + y * (width + 1), width).map { $0 * rows[y] }
    }
  }

  private func area(_ t: DeviceTriangle) -> Double {
    let (a, b, c) = t.position
    let u = SIMD3(Double(b.0 - a.0), Double(b.1 - a.1), Double(b.2 - a.2))
    let v = SIMD3(Double(c.0 - a.0), Double(c.1 - a.1), Double(c.2 - a.2))
    let n = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
    return 0.5 * (n * n).sum().squareRoot()
  }
  private func cosine(_ row: Int, _ height: Int) -> Double {
    Double(ExactMath.cos(Float(row) / Float(height) * ExactMath.pi))
  }
  private func sine(_ row: Int, _ height: Int) -> Double {
    Double(ExactMath.sin((Float(row) + 0.5) / Float(height) * ExactMath.pi))
  }
}
