import Imaging
import Kernels
import Render
import SceneModel
import Testing

@Suite struct ReferenceTests {
  private static let whole = TileRect(x: 0, y: 0, width: 12, height: 9)

  private static let materials: [ReferenceBSDF] = [0.15, 0.5, 0.95].flatMap { cosine -> [ReferenceBSDF] in
    let out = SIMD3((1 - cosine * cosine).squareRoot(), 0, cosine)
    return [(0.0, 0.5), (0.0, 1.0), (1.0, 0.3), (0.5, 0.2)].map { metallic, alpha in
      ReferenceBSDF(base: SIMD3(0.9, 0.5, 0.1), metallic: metallic, alpha: alpha, out: out)
    }
  }

  @Test func `drawn directions and quadrature agree on how much is reflected`() {
    var random = ReferenceRandom(seed: 1)
    for bsdf in ReferenceTests.materials {
      var (exact, density) = (0.0, 0.0)
      ReferenceTests.overHemisphere { direction, solidAngle in
        exact += bsdf.value(direction).x * solidAngle
        density += bsdf.density(direction) * solidAngle
      }
      var (estimate, above) = (ReferencePixel(), ReferencePixel())
      for _ in 0..<20_000 {
        let direction = bsdf.sample(&random)
        let isAbove = direction.z > 0
        above.add(SIMD4(isAbove ? 1 : 0, 0, 0, 0))
        estimate.add(SIMD4(isAbove ? bsdf.value(direction) / bsdf.density(direction) : .zero, 0))
      }
      #expect(abs(estimate.mean.x - exact) < 5 * estimate.variance.x.squareRoot() + 2e-3)
      #expect(abs(above.mean.x - density) < 5 * above.variance.x.squareRoot() + 2e-3)
      #expect(exact < 1.005)
    }
  }

  @Test func `a lamp seen directly has its radiance from the front and none from behind`() throws {
    let lamp = Scene.Material(baseColor: [0, 0, 0, 1], metallic: 1, emission: [3, 2, 1])
    let front = ReferenceScenes.quad([-9, -9, 0], [18, 0, 0], [0, 18, 0], material: 0)
    let back = ReferenceScenes.quad([-9, -9, 0], [0, 18, 0], [18, 0, 0], material: 0)
    for (quad, expected) in [(front, SIMD4<Double>(3, 2, 1, 1)), (back, SIMD4(0, 0, 0, 1))] {
      let scene = try DeviceScene(DeviceSceneFrames.frame([quad], materials: [lamp]))
      let tracer = ReferenceTracer(scene, ReferenceScenes.settings(maxDepth: 1))
      for pixel in tracer.render(ReferenceTests.whole, sampleCount: 4, seed: 1) {
        #expect((pixel.mean - expected).magnitudeSquared < 1e-12)
      }
    }
  }

  @Test func `a small lamp lights by the inverse square of its distance`() throws {
    let floor = Scene.Material(baseColor: [0.5, 0.5, 0.5, 1], metallic: 0, roughness: 1)
    let lamp = Scene.Material(emission: [100, 100, 100])
    // The camera at z = 5 looks along -Z at the wall z = 0; the lamp hangs at (3, 0, 4) and faces down to it.
    let wall = ReferenceScenes.quad([-9, -9, 0], [18, 0, 0], [0, 18, 0], material: 0)
    let bulb = ReferenceScenes.quad([2.99, -0.01, 4], [0, 0.02, 0], [0.02, 0, 0], material: 1)
    let scene = try DeviceScene(
      DeviceSceneFrames.frame(
        [wall, bulb], materials: [floor, lamp],
        placements: [(0, DeviceSceneFrames.inPlace), (1, DeviceSceneFrames.inPlace)]))
    // The middle pixel of many: practically the view along the axis.
    let tracer = ReferenceTracer(scene, ReferenceScenes.settings(width: 1001, height: 1001, maxDepth: 1))
    let pixel = tracer.render(TileRect(x: 500, y: 500, width: 1, height: 1), sampleCount: 2000, seed: 2)[0]
    let bsdf = ReferenceBSDF(base: SIMD3(repeating: 0.5), metallic: 0, alpha: 1, out: SIMD3(0, 0, 1))
    // Towards the lamp: (3, 0, 4) / 5; its own cosine 4 / 5; area 0.02^2; distance 5.
    let expected = bsdf.value(SIMD3(0.6, 0, 0.8)).y * 100 * 4e-4 * 0.8 / 25
    #expect(abs(pixel.mean.y / expected - 1) < 0.01)
  }

  @Test func `shadow rays and scattered rays alone find the same light`() throws {
    let scene = try ReferenceScenes.room(seed: 31)
    let settings = ReferenceScenes.settings(maxDepth: 3)
    let two = [ReferenceTracer.Method.nextEvent, .scattering].enumerated().map { i, method in
      ReferenceTracer(scene, settings, method: method).render(
        ReferenceTests.whole, sampleCount: ReferenceScenes.sampleCount, seed: UInt64(40 + i))
    }
    #expect(Agreement(two[0], two[1]).isGood, "\(Agreement(two[0], two[1]))")
  }

  @Test func `a box of glowing mirrors adds one radiance a bounce`() throws {
    let scene = try ReferenceScenes.mirrorBox()
    for depth in [1, 4] {
      let tracer = ReferenceTracer(scene, ReferenceScenes.settings(maxDepth: depth))
      let mean = tracer.render(ReferenceTests.whole, sampleCount: 200, seed: 3).reduce(0) {
        $0 + $1.mean.y / 108
      }
      #expect(abs(mean / Double(depth + 1) - 1) < 0.02)
    }
  }

  @Test func `a transparent background is empty, else it shows the sky`() throws {
    let sky = DeviceSceneFrames.environment(width: 4, height: 2, [Float](repeating: 0.5, count: 24))
    let scene = try DeviceScene(DeviceSceneFrames.frame([], placements: [], environment: sky))
    for transparent in [true, false] {
      let tracer = ReferenceTracer(scene, ReferenceScenes.settings(maxDepth: 2, transparent: transparent))
      for pixel in tracer.render(ReferenceTests.whole, sampleCount: 2, seed: 5) {
        let expected: SIMD4<Double> = transparent ? .zero : SIMD4(0.5, 0.5, 0.5, 1)
        #expect((pixel.mean - expected).magnitudeSquared < 1e-12)
      }
    }
  }

  /// Midpoints of a grid, even in the squared sine of half the polar angle near the horizon and the pole
  /// alike.
  private static func overHemisphere(_ body: (_ direction: SIMD3<Double>, _ solidAngle: Double) -> Void) {
    let (rows, columns) = (160, 160)
    for row in 0..<rows {
      let cosine = (Double(row) + 0.5) / Double(rows)
      let sine = (1 - cosine * cosine).squareRoot()
      for column in 0..<columns {
        let (y, x) = ExactMath.sincos(2 * Float.pi * (Float(column) + 0.5) / Float(columns))
        body(
          SIMD3(sine * Double(x), sine * Double(y), cosine), 2 * Double.pi / Double(rows * columns))
      }
    }
  }
}

extension SIMD4<Double> {
  fileprivate var magnitudeSquared: Double { (self * self).sum() }
}
