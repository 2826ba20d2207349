import Imaging
import Kernels
import Render
import SceneModel
import Testing

@Suite struct LightTests {
  private typealias Frames = DeviceSceneFrames

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

  @Test func `emitters are listed in order, and a black light is none`() throws {
    let lamp = Scene.Material(emission: [2, 2, 2])
    let panel = Scene.Material(emission: [1, 1, 1], doubleSided: true)
    let wall = Scene.Material()
    let primitives = [
      Frames.triangle(material: 0), Frames.triangle(material: 1), Frames.triangle(material: 2),
    ]
    let twice = Frames.Placement(xAxis: [2, 0, 0], yAxis: [0, 2, 0], zAxis: [0, 0, 2], origin: [0, 0, 1])
    var frame = Frames.frame(
      primitives, materials: [wall, lamp, panel],
      placements: [(0, Frames.inPlace), (1, Frames.inPlace), (2, twice), (1, twice)])
    frame.lights = [.zero, SIMD3(repeating: 3)].map { intensity in
      FrameScene.Light(
        light: Scene.Light(kind: .point, intensity: intensity), origin: [1, 2, 3], direction: [0, 0, -1])
    }
    let scene = try DeviceScene(frame)
    #expect(scene.triangles.map(\.emitter) == [-1, 0, 1, 2])
    #expect(scene.emitters.map(\.triangle) == [1, 2, 3, -1])
    #expect(scene.emitters.map(\.kind) == [0, 2, 0, 4])
    #expect(scene.emitters.map(\.area_vector.2) == [0.5, 2, 2, 0])
    #expect(scene.header.features & FLAG_PUNCTUAL != 0 && scene.header.emitter_count == 4)
    // Radiance times area; candela: the four of them and no sky.
    let powers = scene.lightNodes.map { Double($0.power) * 10 }
    for (power, expected) in zip(powers, [1.0, 2, 4, 3]) { #expect(abs(power - expected) < 1e-6) }
    #expect(scene.header.environment_weight == 0)
  }

  @Test func `two triangles of one parallelogram are one emitter, whichever edge they share`() throws {
    let corners: [SIMD3<Float>] = [[0, 0, 0], [2, 0, 0], [2.5, 1, 0], [0.5, 1, 0]]
    func scene(_ indices: [UInt32], _ corners: [SIMD3<Float>] = corners) throws -> DeviceScene {
      let normals = [SIMD3<Float>](repeating: [0, 0, 1], count: 4)
      let sheet = Scene.Primitive(
        positions: corners, normals: normals, uvs: [SIMD2<Float>](repeating: .zero, count: 4),
        indices: indices, material: 0)
      return try DeviceScene(Frames.frame([sheet], materials: [Scene.Material(emission: [1, 1, 1])]))
    }
    for first: [UInt32] in [[0, 1, 2], [1, 2, 0], [2, 0, 1]] {
      for second: [UInt32] in [[0, 2, 3], [2, 3, 0], [3, 0, 2]] {
        let scene = try scene(first + second)
        #expect(scene.triangles.map(\.emitter) == [0, 0])
        #expect(scene.emitters.map(\.kind) == [EMITTER_PARALLELOGRAM])
        #expect(scene.emitters[0].area_vector == (0, 0, 2))
      }
    }
    // Folded over, bent, and of unequal sides.
    #expect(try scene([0, 1, 2, 0, 3, 2]).emitters.count == 2)
    #expect(
      try scene([0, 1, 2, 0, 2, 3], [[0, 0, 0], [2, 0, 0], [2, 1, 0], [0, 1, 0.1]]).emitters.count == 2)
    #expect(
      try scene([0, 1, 2, 0, 2, 3], [[0, 0, 0], [2, 0, 0], [2, 1, 0], [0, 2, 0]]).emitters.count == 2)
  }

  @Test func `a constant sky is drawn evenly over the sphere`() {
    let table = EnvironmentTable(
      width: 8, height: 16, radiance: DeviceArray([Float](repeating: 2, count: 3 * 8 * 16)))
    // The mean of L sin(theta) is 2 L / pi; the rows are sampled at their middle.
    #expect(abs(table.integral - 2 * 2 / Double.pi) < 4e-3)
    let density = LightTests.density(table)
    for row in 0...16 {
      let (low, high) = (max(0, Float(row) - 0.5), min(16, Float(row) + 0.5))
      let solidAngle = 2 * Double.pi / 8 * (cosine(low, 16) - cosine(high, 16))
      for x in 0..<8 {
        #expect(abs(density[row][x] * 4 * Double.pi / solidAngle - 1) < (row % 16 == 0 ? 0.02 : 3e-3))
      }
    }
  }

  @Test func `a single bright texel takes nearly all, in the four cells around it`() {
    let (width, height, x, y) = (16, 8, 0, 3)
    var radiance = [Float](repeating: 0, count: 3 * width * height)
    for channel in 0..<3 { radiance[3 * (y * width + x) + channel] = 100 }
    let table = EnvironmentTable(width: width, height: height, radiance: DeviceArray(radiance))
    let density = LightTests.density(table)
    var around = 0.0
    // Around the seam: the cell left of column 0 is the last one.
    for row in [y, y + 1] { for column in [x, width - 1] { around += density[row][column] } }
    #expect(around > 0.999 && around < 1)
    // Pi row / height is the middle of a row of cells.
    let ratio = density[y][x] / density[y + 1][x]
    let sines = (3...4).map { Double(ExactMath.sin(Float($0) / 8 * ExactMath.pi)) }
    #expect(abs(ratio / (sines[0] / sines[1]) - 1) < 0.02)
    #expect(density.joined().allSatisfy { $0 > 0 })
  }

  @Test func `a black sky is none`() throws {
    let sky = Frames.environment(width: 4, height: 2, [Float](repeating: 0, count: 24))
    let scene = try DeviceScene(Frames.frame(environment: sky))
    #expect(scene.header.environment_width == 0 && scene.environmentCDF.isEmpty)
    #expect(scene.environmentRadiance.isEmpty && scene.header.environment_weight == 0)
  }

  @Test func `strength multiplies and the turn is reduced to one round`() throws {
    let texels: [Float] = (0..<24).map { Float($0) / 4 }
    let sky = Frames.environment(width: 4, height: 2, strength: 3, rotationDeg: -330, texels)
    let plain = try RadianceHDR.decode(sky.bytes).rgb
    let scene = try DeviceScene(Frames.frame(environment: sky))
    #expect(Array(scene.environmentRadiance) == plain.map { $0 * 3 })
    #expect(abs(scene.header.environment_cos - Float(3).squareRoot() / 2) < 1e-6)
    #expect(abs(scene.header.environment_sin - 0.5) < 1e-6)
  }

  /// Probability of each cell, by the table's differences; checks that every CDF ascends from 0 to 1.
  private static func density(_ table: EnvironmentTable) -> [[Double]] {
    let (width, height) = (table.width, table.height)
    func steps(_ first: Int, _ count: Int) -> [Double] {
      let cdf = Array(table.cdf[first...first + count])
      #expect(cdf.first == 0 && cdf.last == 1)
      let steps = zip(cdf, cdf.dropFirst()).map { Double($1) - Double($0) }
      #expect(steps.allSatisfy { $0 > 0 })
      return steps
    }
    let rows = steps(0, height + 1)
    return (0...height).map { row in
      steps(height + 2 + row * (width + 1), width).map { $0 * rows[row] }
    }
  }

  private func cosine(_ row: Float, _ height: Float) -> Double {
    Double(ExactMath.cos(row / height * ExactMath.pi))
  }
}
