import Imaging
import Kernels
import Render
import Testing

/// The kernels against the plain-Swift truth.
@Suite(.enabled(if: ReferenceDevice.chosen != nil, "this machine has no OpenCL device"))
struct ReferenceKernelTests {
  private static let whole = TileRect(x: 0, y: 0, width: 12, height: 9)

  @Test(arguments: [1, 2, 6]) func `kernel and reference agree on rooms of every material`(maxDepth: Int)
    throws
  {
    let scene = try ReferenceScenes.room(seed: UInt64(50 + maxDepth))
    let truth = ReferenceTracer(scene, ReferenceScenes.settings(maxDepth: maxDepth)).render(
      ReferenceKernelTests.whole, sampleCount: ReferenceScenes.sampleCount, seed: 7)
    let kernel = try ReferenceKernelTests.batches(scene, maxDepth: maxDepth)
    #expect(Agreement(truth, kernel).isGood, "\(Agreement(truth, kernel))")
  }

  @Test func `a box of glowing mirrors adds one radiance a bounce`() throws {
    let scene = try ReferenceScenes.mirrorBox()
    for depth in [1, 4] {
      let pixels = try ReferenceKernelTests.batches(scene, maxDepth: depth)
      let mean = pixels.reduce(0) { $0 + $1.mean.y / Double(pixels.count) }
      #expect(abs(mean / Double(depth + 1) - 1) < 0.02)
    }
  }

  /// Twelve independent images, as samples of each pixel: the scatter between them is the error.
  static func batches(_ scene: DeviceScene, maxDepth: Int) throws -> [ReferencePixel] {
    let renderer = try TileRenderer(device: try #require(ReferenceDevice.chosen))
    try renderer.load(scene)
    var pixels = [ReferencePixel](repeating: ReferencePixel(), count: whole.pixelCount)
    for seed: UInt64 in 0..<12 {
      let sums = try renderer.render(
        rect: whole, samples: 0..<256, settings: ReferenceScenes.settings(maxDepth: maxDepth, seed: seed))
      for i in pixels.indices {
        let sum = SIMD4<Double>(
          Double(sums.rgba[4 * i]), Double(sums.rgba[4 * i + 1]), Double(sums.rgba[4 * i + 2]),
          Double(sums.rgba[4 * i + 3]))
        pixels[i].add(sum / (Double(sums.sampleCount) * Double(1 << SampleSums.fractionBits)))
      }
    }
    return pixels
  }
}

/// The device that kernels are compared on; nil without one.
private enum ReferenceDevice {
  static let chosen = try? DeviceCatalog.choose(id: nil)
}
