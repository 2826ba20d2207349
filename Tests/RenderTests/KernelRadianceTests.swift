import Foundation
import Imaging
import Render
import SceneModel
import Testing

/// Light: scenes whose answer is known.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct KernelRadianceTests {
  private func mean(
    _ scene: DeviceScene, _ settings: RenderSettings, samples: Int = 1024, channel: Int = 1
  ) throws -> Double {
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    try renderer.load(scene)
    let rect = TileRect(x: 0, y: 0, width: settings.widthPX, height: settings.heightPX)
    return try renderer.render(rect: rect, samples: 0..<samples, settings: settings).mean(channel: channel)
  }

  private static let white = DeviceSceneFrames.environment(
    width: 4, height: 2, [Float](repeating: 1, count: 24))

  /// A large plane at distance 4, seen under an angle with cosine `cosine`.
  private func tilted(_ cosine: Float, _ material: Scene.Material, environment: Scene.Environment?) throws
    -> DeviceScene
  {
    let sine = (1 - cosine * cosine).squareRoot()
    let up: SIMD3<Float> = [0, 40 * cosine, -40 * sine]
    return try KernelScenes.scene(
      [KernelScenes.quad([-20, 0, 0] - up / 2, [40, 0, 0], up, material: 0)], materials: [material],
      environment: environment, yFovRad: 0.002)
  }

  @Test func `an empty scene shows a constant environment exactly, and black without one`() throws {
    let settings = KernelScenes.settings()
    let sky = try KernelScenes.scene([], materials: [], environment: Self.white)
    #expect(try mean(sky, settings, samples: 4) == 1)
    let nothing = try KernelScenes.scene([], materials: [])
    #expect(try mean(nothing, settings, samples: 4) == 0)
    #expect(try mean(nothing, settings, samples: 4, channel: 3) == 1)
  }

  @Test func `a transparent background is neither seen nor covered, but still lights`() throws {
    let settings = KernelScenes.settings(transparent: true)
    let sky = try KernelScenes.scene([], materials: [], environment: Self.white)
    #expect(try mean(sky, settings, samples: 4) == 0)
    #expect(try mean(sky, settings, samples: 4, channel: 3) == 0)
    let plane = try tilted(1, KernelScenes.material([1, 1, 1]), environment: Self.white)
    #expect(try mean(plane, settings, samples: 4, channel: 3) == 1)
    #expect(abs(try mean(plane, settings) - 1) < 0.01)
  }

  // The fit of the dielectric's albedo is within 0.008 of the truth; noise is below 0.002.
  @Test(arguments: [0.0, 0.3, 0.6, 1.0] as [Float], [1, 0.7, 0.3] as [Float])
  func `a white dielectric in a white furnace gives 1`(roughness: Float, cosine: Float) throws {
    let scene = try tilted(
      cosine, KernelScenes.material([1, 1, 1], roughness: roughness), environment: Self.white)
    #expect(abs(try mean(scene, KernelScenes.settings(maxDepth: 1)) - 1) < 0.01)
  }

  @Test(arguments: [0.0, 0.1, 0.3, 0.6, 1.0] as [Float], [1, 0.7, 0.2] as [Float])
  func `a white metal in a white furnace gives 1`(roughness: Float, cosine: Float) throws {
    let scene = try tilted(
      cosine, KernelScenes.material([1, 1, 1], metallic: 1, roughness: roughness), environment: Self.white)
    #expect(abs(try mean(scene, KernelScenes.settings(maxDepth: 1)) - 1) < 0.01)
  }

  @Test func `a white ball in a white furnace is nowhere brighter than the sky`() throws {
    let scene = try KernelScenes.scene(
      [KernelScenes.sphere([0, 0, 0], radius: 1, material: 0)],
      materials: [KernelScenes.material([1, 1, 1], roughness: 0.5)], environment: Self.white)
    let settings = KernelScenes.settings(maxDepth: 16)
    let value = try mean(scene, settings)
    #expect(value < 1.005 && value > 0.98)
  }

  /// Irradiance of a parallel square light of side a at height h above the centre of its projection, radiance
  /// 1 (four corner configuration factors; Siegel & Howell, "Thermal Radiation Heat Transfer", configuration
  /// 4).
  private func irradiance(side a: Double, height h: Double) -> Double {
    let x = a / 2 / h
    let root = (1 + x * x).squareRoot()
    let corner = 2 * (x / root) * atan(x / root) / (2 * .pi)
    return 4 * corner * .pi
  }

  @Test(arguments: [2, 0.5] as [Float]) func `a square light lights the floor by its form factor`(side: Float)
    throws
  {
    let light = KernelScenes.quad([-side / 2, -side / 2, 3], [0, side, 0], [side, 0, 0], material: 1)
    let floor = KernelScenes.quad([-5, -5, 2], [10, 0, 0], [0, 10, 0], material: 0)
    let emission = KernelScenes.material([0, 0, 0], emission: [1, 1, 1])
    let settings = KernelScenes.settings(maxDepth: 1)
    // The difference of white and black is the Lambert lobe alone, of albedo 1 - E(1, 1).
    let radiances = try [1, 0].map { (albedo: Float) in
      let floorMaterial = KernelScenes.material(SIMD3(repeating: albedo))
      let scene = try KernelScenes.scene(
        [light, floor], materials: [floorMaterial, emission], eye: [0, 0, 2.9], yFovRad: 0.002)
      return try mean(scene, settings)
    }
    let expected = irradiance(side: Double(side), height: 1) / .pi * (1 - 0.0096)
    #expect(abs((radiances[0] - radiances[1]) / expected - 1) < 0.005)
  }

  @Test func `a single-sided emitter is dark from behind, a double-sided one is not`() throws {
    for (doubleSided, expected) in [(false, 0.0), (true, 2.0)] {
      let back = KernelScenes.quad([-5, -5, 0], [0, 10, 0], [10, 0, 0], material: 0)
      let material = KernelScenes.material(
        [0, 0, 0], metallic: 1, emission: [2, 2, 2], doubleSided: doubleSided)
      let scene = try KernelScenes.scene([back], materials: [material])
      #expect(try mean(scene, KernelScenes.settings(), samples: 4) == expected)
    }
  }
}
