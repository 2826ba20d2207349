import Foundation
import Imaging
import Kernels
import Render
import SceneModel
import Testing

/// Light of sources without size, and of sources found in two ways: closed forms and agreement.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct PunctualRadianceTests {
  private let renderer: TileRenderer

  init() throws { renderer = try TileRenderer(device: try #require(KernelScenes.device)) }

  private func mean(
    _ scene: DeviceScene, samples: Int, maxDepth: Int = 1, defines: [String] = []
  ) throws -> Double {
    var renderer = self.renderer
    if !defines.isEmpty {
      renderer = try TileRenderer(opened: try OpenCLDevice(renderer.device), defines: defines)
    }
    try renderer.load(scene)
    let settings = KernelScenes.settings(width: 8, height: 8, maxDepth: maxDepth)
    let rect = TileRect(x: 0, y: 0, width: 8, height: 8)
    return try renderer.render(rect: rect, samples: 0..<samples, settings: settings).mean(channel: 1)
  }

  /// White and nothing but Lambert.
  private static let plaster: Scene.Material = {
    var material = KernelScenes.material([1, 1, 1])
    material.specular.factor = 0
    return material
  }()

  /// What a Lambert floor at the origin, facing +Z and seen from above, sends up, times pi; its albedo is 1.
  private func irradiance(_ lights: [FrameScene.Light], _ more: [Scene.Primitive] = [], samples: Int = 4)
    throws
    -> Double
  {
    let floor = KernelScenes.quad([-5, -5, 0], [10, 0, 0], [0, 10, 0], material: 0)
    let materials = [Self.plaster, KernelScenes.material([0, 0, 0], emission: [1, 1, 1])]
    return try mean(
      try LightScenes.scene([floor] + more, materials, lights: lights, eye: [0, 0, 0.9], yFovRad: 0.002),
      samples: samples) * Double.pi
  }

  private func expect(_ actual: Double, _ expected: Double, within part: Double = 0.002) {
    #expect(abs(actual / expected - 1) < part, "\(actual), not \(expected)")
  }

  @Test func `a point lights by candela over squared distance times cosine`() throws {
    let light = LightScenes.light(.point, [10, 10, 10], at: [1.5, 0, 2])
    expect(try irradiance([light]), 10 * 2 / pow(1.5 * 1.5 + 4, 1.5))
    // Fading: (1 - (d / range)^4) at d = 2.5, range 3; nothing beyond it.
    let fading = LightScenes.light(.point, [10, 10, 10], at: [1.5, 0, 2], range: 3)
    expect(try irradiance([fading]), 10 * 2 / pow(2.5, 3) * (1 - pow(2.5 / 3, 4)))
    let short = LightScenes.light(.point, [10, 10, 10], at: [1.5, 0, 2], range: 2.4)
    #expect(try irradiance([short]) == 0)
  }

  @Test func `a directional light gives its lux times cosine, whatever the distance`() throws {
    let light = LightScenes.light(.directional, [5, 5, 5], at: [100, 2, 3], along: [1, 0, -2])
    expect(try irradiance([light]), 5 * 2 / 5.0.squareRoot())
    #expect(try irradiance([LightScenes.light(.directional, [5, 5, 5], along: [0, 0, 1])]) == 0)
  }

  @Test func `a spot falls off between its cones`() throws {
    for (angle, part) in [(0.1, 1.0), (0.5, 0.25), (0.9, 0.0)] {
      // Cones whose middle cosine is at 0.5 rad, so that the falloff there is (1 / 2)^2.
      let (inner, outer) = (acos(cos(0.5) + 0.1), acos(cos(0.5) - 0.1))
      let turned: SIMD3<Float> = [Float(sin(angle)), 0, -Float(cos(angle))]
      let light = LightScenes.light(
        .spot(innerRad: Float(inner), outerRad: Float(outer)), [8, 8, 8], at: [0, 0, 2], along: turned)
      let actual = try irradiance([light])
      if part == 0 { #expect(actual == 0) } else { expect(actual, 8 * part / 4) }
    }
  }

  @Test func `lights add up, and something in between shades`() throws {
    let near = LightScenes.light(.point, [3, 3, 3], at: [0, 0, 1.5])
    let sun = LightScenes.light(.directional, [2, 2, 2], along: [-1, 0, -1])
    let both = 3 / 2.25 + 2 / 2.0.squareRoot()
    expect(try irradiance([near, sun], samples: 1024), both, within: 0.01)
    let blind = KernelScenes.quad([0.3, -1, 0.6], [0, 2, 0], [0.6, 0, -0.3], material: 1)
    expect(
      try irradiance([near, sun], [blind], samples: 1024) - irradiance([], [blind], samples: 1024), 3 / 2.25,
      within: 0.02)
  }

  @Test func `a disc of a hundred triangles lights the floor by its closed form`() throws {
    // Irradiance under the middle of a disc of radiance 1: pi r^2 / (r^2 + h^2).
    let (radius, height, count) = (1.5, 1.2, 100)
    var positions: [SIMD3<Float>] = [[0, 0, Float(height)]]
    for i in 0..<count {
      let angle = 2 * Double.pi * Double(i) / Double(count)
      positions.append([Float(radius * cos(angle)), Float(radius * sin(angle)), Float(height)])
    }
    let indices = (0..<UInt32(count)).flatMap { [0, 1 + ($0 + 1) % UInt32(count), 1 + $0] as [UInt32] }
    let disc = Scene.Primitive(
      positions: positions, normals: [SIMD3<Float>](repeating: [0, 0, -1], count: positions.count),
      uvs: [SIMD2<Float>](repeating: .zero, count: positions.count), indices: indices, material: 1)
    let square = radius * radius
    expect(
      try irradiance([], [disc], samples: 2048), Double.pi * square / (square + height * height), within: 0.01
    )
  }

  @Test func `a textured lamp lights by the mean of its quarters, and its table says so`() throws {
    // The picture's greens are 0, 128, 2 and 251; seen from below its middle each quarter counts the same.
    let greens = [0, 128, 2, 251].map { Double(DeviceScene.srgbToLinear[$0]) }
    let mean = greens.reduce(0, +) / 4
    var lamp = KernelScenes.material([0, 0, 0], emission: [3, 3, 3])
    lamp.emissionTexture = Scene.TextureUse(0)
    let scene = try LightScenes.scene(
      [
        KernelScenes.quad([-5, -5, 0], [10, 0, 0], [0, 10, 0], material: 0),
        KernelScenes.quad([-1, -1, 1], [0, 2, 0], [2, 0, 0], material: 1),
      ], [Self.plaster, lamp], textures: [Scene.Texture(image: 0, nearest: true)], eye: [0, 0, 0.9],
      yFovRad: 0.002)
    #expect(scene.emitters.map(\.kind) == [EMITTER_TEXTURED, EMITTER_TEXTURED])
    let listed = scene.emitters.reduce(0) { $0 + Double($1.radiance.1) / 2 }
    #expect(abs(listed / (3 * mean) - 1) < 0.4, "\(listed)")
    // A square of side 2 at height 1 (Siegel & Howell, configuration 4).
    let irradiance = 3 * mean * 4 / 2.0.squareRoot() * atan(1 / 2.0.squareRoot())
    for defines in [[], ["LIGHTS_BY_CHOICE"], ["LIGHTS_BY_DIRECTION"]] {
      expect(try self.mean(scene, samples: 2048, defines: defines) * Double.pi, irradiance, within: 0.015)
    }
  }

  @Test func `each way to find light alone gives the mean of both`() throws {
    // A large lamp near the floor and a large patch of sky: found well enough in both ways. The rest of the
    // sky is black, because next-event estimation leaves what is darker than the mean to scattered rays.
    var texels = [Float](repeating: 0, count: 3 * 16 * 8)
    for texel in [2 * 16 + 9, 2 * 16 + 10, 3 * 16 + 9, 3 * 16 + 10] {
      for c in 0..<3 { texels[3 * texel + c] = 3 }
    }
    let sky = DeviceSceneFrames.environment(width: 16, height: 8, rotationDeg: 70, texels)
    let scene = try LightScenes.scene(
      [
        KernelScenes.quad([-2, -1, 1], [4, 0, 0], [0, 0, -4], material: 0),
        KernelScenes.quad([-1.8, -0.9, -1], [0, 1.2, 0], [0, 0, 1], material: 1),
        KernelScenes.sphere([0.6, -0.5, -0.5], radius: 0.5, material: 2),
      ],
      [
        KernelScenes.material([0.7, 0.6, 0.5]), KernelScenes.material([0, 0, 0], emission: [4, 4, 4]),
        KernelScenes.material([0.8, 0.8, 0.8], metallic: 1, roughness: 0.5),
      ], environment: sky)
    let both = try mean(scene, samples: 1024, maxDepth: 3)
    expect(try mean(scene, samples: 2048, maxDepth: 3, defines: ["LIGHTS_BY_CHOICE"]), both, within: 0.015)
    expect(try mean(scene, samples: 2048, maxDepth: 3, defines: ["LIGHTS_BY_DIRECTION"]), both, within: 0.015)
  }

  @Test func `kernel and reference agree under lights of all kinds`() throws {
    let floor = KernelScenes.quad([-2, -1, 1], [4, 0, 0], [0, 0, -4], material: 0)
    let lamp = KernelScenes.quad([-1, 1.2, -1], [0.5, 0, 0.1], [0.1, 0, 0.6], material: 1)
    let scene = try LightScenes.scene(
      [floor, lamp, KernelScenes.quad([0.2, -1, -0.8], [0.7, 0, 0.2], [0, 1, 0], material: 2)],
      [
        KernelScenes.material([0.7, 0.6, 0.5], roughness: 0.7),
        KernelScenes.material([0, 0, 0], emission: [3, 4, 5], doubleSided: true),
        KernelScenes.material([0.4, 0.8, 0.6], metallic: 0.5, roughness: 0.5),
      ],
      lights: [
        LightScenes.light(.point, [0.6, 0.3, 0.2], at: [0.8, 0.2, 0.4], range: 4),
        LightScenes.light(.directional, [0.3, 0.3, 0.5], along: [-1, -2, -1]),
        LightScenes.light(
          .spot(innerRad: 0.2, outerRad: 0.5), [2, 2, 2], at: [-1, 1, 0.5], along: [0.4, -1, -0.4]),
      ])
    let truth = ReferenceTracer(scene, ReferenceScenes.settings(maxDepth: 3)).render(
      TileRect(x: 0, y: 0, width: 12, height: 9), sampleCount: ReferenceScenes.sampleCount / 4, seed: 7)
    let kernel = try ReferenceKernelTests.batches(scene, maxDepth: 3)
    #expect(Agreement(truth, kernel).isGood, "\(Agreement(truth, kernel))")
  }
}
