import Imaging
import Render
import SceneModel
import Testing

/// Layers: closed forms of what the camera rays meet, and bits of tiles, splits and lane widths.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct LayerTests {
  private func renderer(_ scene: DeviceScene, laneWidth: Int? = nil) throws -> TileRenderer {
    let renderer = try TileRenderer(device: try #require(KernelScenes.device), laneWidth: laneWidth)
    try renderer.load(scene)
    return renderer
  }

  private static func settings(_ samples: Int, transparent: Bool = true) -> RenderSettings {
    var settings = KernelScenes.settings(
      width: 21, height: 13, samples: samples, maxDepth: 3, transparent: transparent)
    settings.layers = .all
    settings.filter = .blackmanHarris
    return settings
  }
  private static let whole = TileRect(x: 0, y: 0, width: 21, height: 13)

  /// The values of one layer's pixel.
  private func values(_ fragment: Fragment, _ layer: FrameLayer, at pixel: Int) -> [Float] {
    let words = Array(fragment.layers.words(ofPixel: pixel))
    let first = fragment.layers.set.layers.prefix { $0 != layer }.reduce(0) { $0 + $1.channels.count }
    return words[first..<first + layer.channels.count].map {
      switch layer.storage {
      case .half: Half.float(UInt16($0))
      case .float: Float(bitPattern: $0)
      case .uint: Float($0)
      }
    }
  }

  /// A plane of that normal through (0, 0, -1), larger than the view, seen from (1, 2, 4) along -Z.
  private func plane(_ normal: SIMD3<Float>, projection: Scene.Camera.Projection) throws -> DeviceScene {
    let across = SIMD3(normal.z, 0, -normal.x)
    let along = SIMD3(
      normal.y * across.z - normal.z * across.y, normal.z * across.x - normal.x * across.z,
      normal.x * across.y - normal.y * across.x)
    let corner = SIMD3<Float>(0, 0, -1) - 40 * across - 40 * along
    var frame = DeviceSceneFrames.frame(
      [KernelScenes.quad(corner, 80 * across, 80 * along, material: 0)],
      materials: [KernelScenes.material([0.8, 0.5, 0.25], roughness: 0.5)])
    frame.view = FrameScene.View(
      worldFromCamera: Transform(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: [1, 2, 4]),
      camera: Scene.Camera(projection))
    return try DeviceScene(frame)
  }

  @Test(arguments: [.perspective(yFovRad: 0.8), .orthographic(halfHeight: 2)] as [Scene.Camera.Projection])
  func `a plane across the axis has one depth, normal and albedo`(projection: Scene.Camera.Projection) throws
  {
    let fragment = try renderer(plane([0, 0, 1], projection: projection)).render(
      rect: LayerTests.whole, samples: 0..<16, settings: LayerTests.settings(16)
    ).resolved(.all)
    for pixel in 0..<LayerTests.whole.pixelCount {
      #expect(abs(values(fragment, .depth, at: pixel)[0] - 5) < 5e-6)
      #expect(values(fragment, .normal, at: pixel) == [0, 0, 1])
      #expect(values(fragment, .albedo, at: pixel) == [0.8, 0.5, 0.25].map { Half.float(Half.bits($0)) })
      #expect(values(fragment, .samples, at: pixel) == [16])
    }
  }

  @Test(arguments: [.perspective(yFovRad: 0.8), .orthographic(halfHeight: 2)] as [Scene.Camera.Projection])
  func `positions lie on the plane, under their pixel, at their depth`(
    projection: Scene.Camera.Projection
  ) throws {
    let normal: SIMD3<Float> = [0.36, 0.48, 0.8]
    var settings = LayerTests.settings(4)
    settings.filter = .box
    let fragment = try renderer(plane(normal, projection: projection)).render(
      rect: LayerTests.whole, samples: 0..<4, settings: settings
    ).resolved(.all)
    for pixel in 0..<LayerTests.whole.pixelCount {
      let place = values(fragment, .position, at: pixel)
      let depth = values(fragment, .depth, at: pixel)[0]
      #expect(abs(normal.x * place[0] + normal.y * place[1] + normal.z * (place[2] + 1)) < 1e-4)
      #expect(abs(depth - (4 - place[2])) < 1e-4)
      let shown = values(fragment, .normal, at: pixel)
      for axis in 0..<3 { #expect(abs(shown[axis] - normal[axis]) < 1e-3) }
      // Back through the projection: inside the pixel's own square.
      let half =
        switch projection {
        case .perspective(let yFovRad): ExactMath.tan(0.5 * yFovRad) * depth
        case .orthographic(let halfHeight): halfHeight
        }
      let x = ((place[0] - 1) / (half * 21 / 13) + 1) * 10.5
      let y = (1 - (place[1] - 2) / half) * 6.5
      #expect(abs(x - Float(pixel % 21) - 0.5) < 0.501 && abs(y - Float(pixel / 21) - 0.5) < 0.501)
    }
  }

  @Test func `a pixel's first hit is that of its lowest sample that has one`() throws {
    // The right half of the image sees nothing.
    var frame = DeviceSceneFrames.frame(
      [KernelScenes.quad([-9, -9, 0], [9.05, 0, 0], [0, 18, 0], material: 0)])
    frame.view = DeviceSceneFrames.view()
    let renderer = try renderer(DeviceScene(frame))
    let settings = LayerTests.settings(8)
    let fragment = try renderer.render(
      rect: LayerTests.whole, samples: 0..<8, settings: settings
    ).resolved(.all)
    let single = try (0..<8).map {
      try renderer.render(rect: LayerTests.whole, samples: $0..<$0 + 1, settings: settings).resolved(.all)
    }
    var mixed = 0
    for pixel in 0..<LayerTests.whole.pixelCount {
      let hits = single.filter { values($0, .depth, at: pixel)[0].isFinite }
      let depth = values(fragment, .depth, at: pixel)
      if let first = hits.first {
        #expect(depth == values(first, .depth, at: pixel))
        #expect(values(fragment, .position, at: pixel) == values(first, .position, at: pixel))
      } else {
        #expect(depth == [.infinity] && values(fragment, .position, at: pixel) == [0, 0, 0])
      }
      // Samples that met nothing count as zero in the means.
      #expect(values(fragment, .normal, at: pixel)[2] == Float(hits.count) / 8)
      if !hits.isEmpty && hits.count < 8 { mixed += 1 }
    }
    #expect(mixed > 0)
  }

  @Test(arguments: [1, 8, 16])
  func `tiles and splits of every layer have the bits of the whole image`(laneWidth: Int) throws {
    let scene = try KernelScenes.everything()
    let settings = LayerTests.settings(12)
    let expected = try renderer(scene).render(rect: LayerTests.whole, samples: 0..<12, settings: settings)
    let frame = expected.resolved(.all)
    let renderer = try renderer(scene, laneWidth: laneWidth)
    var assembled = Frame(width: 21, height: 13, layers: .all)
    let grid = TileGrid(width: 21, height: 13, side: 8)
    for tile in 0..<grid.tileCount {
      var sums = try renderer.render(rect: grid.rect(at: tile), samples: 5..<12, settings: settings)
      sums.add(try renderer.render(rect: grid.rect(at: tile), samples: 0..<2, settings: settings))
      sums.add(try renderer.render(rect: grid.rect(at: tile), samples: 2..<5, settings: settings))
      try assembled.place(sums.resolved(.all))
    }
    #expect(assembled.fragment(at: LayerTests.whole) == frame)
    // All values differ somewhere, so that equal bits mean something.
    for layer in FrameLayer.allCases where layer != .samples {
      let seen = Set((0..<LayerTests.whole.pixelCount).map { values(frame, layer, at: $0) })
      #expect(seen.count > 3, "\(layer)")
    }
  }

  @Test func `layers do not change the bits of beauty and work`() throws {
    let renderer = try renderer(try KernelScenes.everything())
    var settings = LayerTests.settings(4, transparent: false)
    let with = try renderer.render(rect: LayerTests.whole, samples: 0..<4, settings: settings)
    settings.layers = []
    let without = try renderer.render(rect: LayerTests.whole, samples: 0..<4, settings: settings)
    #expect(with.rgba == without.rgba && with.work == without.work && without.layers == nil)
    settings.layers = [.init([.samples])]
    let counted = try renderer.render(rect: LayerTests.whole, samples: 0..<4, settings: settings)
    #expect(counted.layers == nil, "the number of samples needs no hits")
    #expect(counted.resolved(settings.layers).layers.words == [UInt32](repeating: 4, count: 21 * 13))
  }
}
