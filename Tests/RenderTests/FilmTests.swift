import Foundation
import Imaging
import Render
import SceneModel
import Testing

/// Filters and cameras: images of edges and small lights against closed forms.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct FilmTests {
  private static let glow = KernelScenes.material([0, 0, 0], emission: [1, 1, 1])

  /// Green of every pixel of a part, or of the whole, row-major.
  private func image(
    _ scene: DeviceScene, _ settings: RenderSettings, part: TileRect? = nil
  ) throws -> [Double] {
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    try renderer.load(scene)
    let rect = part ?? TileRect(x: 0, y: 0, width: settings.widthPX, height: settings.heightPX)
    let sums = try renderer.render(rect: rect, samples: 0..<settings.samplesPerPixel, settings: settings)
    let one = Double(settings.samplesPerPixel) * Double(1 << SampleSums.fractionBits)
    return (0..<rect.pixelCount).map { Double(sums.rgba[4 * $0 + 1]) / one }
  }

  /// A glowing quad in the plane z = `depth`, seen from (0, 0, 4).
  private func quad(
    _ low: SIMD2<Float>, _ high: SIMD2<Float>, depth: Float = 0, camera: Scene.Camera
  ) throws -> DeviceScene {
    let (width, height) = (high.x - low.x, high.y - low.y)
    var frame = DeviceSceneFrames.frame(
      [KernelScenes.quad([low.x, low.y, depth], [width, 0, 0], [0, height, 0], material: 0)],
      materials: [FilmTests.glow])
    frame.view = DeviceSceneFrames.view(distance: 4)
    frame.view.camera = camera
    return try DeviceScene(frame)
  }

  /// The window's integral up to `x` pixels from the pixel's centre (Harris 1978).
  private static func blackmanHarrisIntegral(_ x: Double) -> Double {
    let n = min(max(x / 3 + 0.5, 0), 1)
    let sines = [(0.48829, 1.0), (-0.14128, 2), (0.01168, 3)].map {
      $0 * sin(2 * .pi * $1 * n) / (2 * .pi * $1)
    }
    return (0.35875 * n - sines.reduce(0, +)) / 0.35875
  }

  @Test(arguments: PixelFilter.allCases, [0, 0.25, 0.5] as [Float])
  func `an edge has the integral of the filter`(filter: PixelFilter, shiftPX: Float) throws {
    // A pixel is 0.125 m; what glows ends `shiftPX` pixels right of the middle.
    let scene = try quad(
      [-9, -9], [0.125 * shiftPX, 9], camera: Scene.Camera(.orthographic(halfHeight: 0.5)))
    var settings = KernelScenes.settings(width: 16, height: 8, samples: 1024, maxDepth: 1)
    settings.filter = filter
    let image = try image(scene, settings)
    for column in 0..<16 {
      let edge = 8 + Double(shiftPX) - (Double(column) + 0.5)
      let expected =
        filter == .box ? min(max(edge + 0.5, 0), 1) : FilmTests.blackmanHarrisIntegral(edge)
      let mean = (0..<8).reduce(0) { $0 + image[16 * $1 + column] } / 8
      #expect(abs(mean - expected) < 1e-3, "column \(column)")
    }
  }

  @Test func `an orthographic camera shows the same size at any distance`() throws {
    let camera = Scene.Camera(.orthographic(halfHeight: 1))
    let settings = KernelScenes.settings(width: 24, height: 16, samples: 4, maxDepth: 1)
    for depth: Float in [3, 0, -1000] {
      // A pixel is 1/8 m: the quad covers columns 8 ..< 20 and rows 4 ..< 10, exactly.
      let pixels = try image(quad([-0.5, -0.25], [1, 0.5], depth: depth, camera: camera), settings)
      for y in 0..<16 {
        for x in 0..<24 {
          let inside = (8..<20).contains(x) && (4..<10).contains(y)
          #expect(pixels[24 * y + x] == (inside ? 1 : 0), "pixel \(x),\(y) at depth \(depth)")
        }
      }
    }
    let behind = try image(quad([-5, -5], [5, 5], depth: 4.5, camera: camera), settings)
    #expect(behind.allSatisfy { $0 == 0 }, "what lies behind the camera is not seen")
  }

  /// Sum, centre and variances of an image in pixels.
  private func moments(
    _ image: [Double], width: Int
  ) -> (sum: Double, centre: SIMD2<Double>, variance: SIMD2<Double>) {
    let places = image.indices.map { SIMD2(Double($0 % width) + 0.5, Double($0 / width) + 0.5) }
    let sum = image.reduce(0, +)
    let centre = zip(image, places).reduce(SIMD2<Double>.zero) { $0 + $1.0 * $1.1 } / sum
    let variance = zip(image, places).reduce(SIMD2<Double>.zero) {
      $0 + $1.0 * ($1.1 - centre) * ($1.1 - centre)
    }
    return (sum, centre, variance / sum)
  }

  @Test(arguments: [2.5, 3, 4, 6.5] as [Float], [false, true])
  func `a small light out of focus is the circle of confusion`(focus: Float, parallel: Bool) throws {
    let (radius, side, distance) = (Float(0.3), Float(0.1), Float(4))
    // 64 pixels show 3.2 m of the light's plane.
    let projection: Scene.Camera.Projection =
      parallel
      ? .orthographic(halfHeight: 1.6)
      : .perspective(yFovRad: 2 * ExactMath.atan2(1.6, distance))
    let lens = Scene.Camera.Lens(apertureRadius: radius, focusDistance: focus)
    let scene = try quad(
      [0.2, -0.3], [0.2 + side, side - 0.3], camera: Scene.Camera(projection, lens: lens))
    let settings = KernelScenes.settings(width: 64, height: 64, samples: 4096, maxDepth: 1)
    // The light's centre is the middle of this part.
    let image = try image(scene, settings, part: TileRect(x: 27, y: 27, width: 20, height: 20))
    let found = moments(image, width: 20)
    let pixel = 0.05
    // Rays from the whole lens meet in the plane of focus and spread again to the light's plane.
    let confusion = Double(radius * abs(distance - focus) / focus) / pixel
    let inFocus = Double(side) / pixel
    #expect(abs(found.sum / (inFocus * inFocus) - 1) < 0.01, "no light is lost")
    #expect(abs(found.centre.x - 10) < 0.05 && abs(found.centre.y - 10) < 0.05)
    // A sharp image is two pixels wide; a blurred one is spread by a pixel's own width, too (Sheppard 1898).
    let variance = focus == distance ? 0.25 : confusion * confusion / 4 + inFocus * inFocus / 12 + 1 / 12.0
    for axis in 0..<2 { #expect(abs(found.variance[axis] / variance - 1) < 0.03) }
    for (i, value) in image.enumerated() where value > 0 {
      let away = SIMD2(Double(i % 20) + 0.5, Double(i / 20) + 0.5) - 10
      let reach = (away * away).sum().squareRoot()
      #expect(reach < confusion + 0.71 * inFocus + 0.71, "light at \(reach) pixels, confusion \(confusion)")
    }
  }

  @Test func `a lens without opening is a pinhole, bit for bit`() throws {
    let pinhole = Scene.Camera(yFovRad: 0.8)
    let closed = Scene.Camera(
      .perspective(yFovRad: 0.8), lens: Scene.Camera.Lens(apertureRadius: 0, focusDistance: 3))
    let settings = KernelScenes.settings(samples: 8, maxDepth: 1)
    let images = try [pinhole, closed].map { try image(quad([-1, -1], [0.3, 0.7], camera: $0), settings) }
    #expect(images[0] == images[1])
  }

  @Test(arguments: [1, 8])
  func `filter and lens have the bits of 16 lanes in any lane width`(laneWidth: Int) throws {
    var frame = DeviceSceneFrames.frame()
    frame.scene.materials = [FilmTests.glow]
    frame.view.camera.lens = Scene.Camera.Lens(apertureRadius: 0.4, focusDistance: 3)
    let scene = try DeviceScene(frame)
    var settings = KernelScenes.settings(samples: 9, maxDepth: 2)
    settings.filter = .blackmanHarris
    let sums = try [16, laneWidth].map { lanes in
      let renderer = try TileRenderer(device: try #require(KernelScenes.device), laneWidth: lanes)
      try renderer.load(scene)
      return try renderer.render(
        rect: TileRect(x: 0, y: 0, width: 16, height: 16), samples: 0..<9, settings: settings)
    }
    #expect(sums[0] == sums[1])
  }
}
