import Foundation
import Imaging
import Render
import Testing

/// Bits: of tiles, splits, lists, lane widths and implementations.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct TileRendererTests {
  private static let whole = TileRect(x: 0, y: 0, width: 21, height: 13)
  private static let settings = KernelScenes.settings(width: 21, height: 13, maxDepth: 8)

  private func renderer(_ laneWidth: Int? = nil) throws -> TileRenderer {
    let renderer = try TileRenderer(device: try #require(KernelScenes.device), laneWidth: laneWidth)
    try renderer.load(try KernelScenes.everything())
    return renderer
  }

  @Test func `the image is neither black nor flat, and every sample is in it`() throws {
    let sums = try renderer().render(rect: Self.whole, samples: 0..<16, settings: Self.settings)
    let greens = stride(from: 1, to: sums.rgba.count, by: 4).map { sums.rgba[$0] }
    #expect(Set(greens).count > greens.count * 9 / 10)
    #expect(greens.allSatisfy { $0 >= 0 })
    #expect(stride(from: 3, to: sums.rgba.count, by: 4).allSatisfy { sums.rgba[$0] == 16 << 30 })
  }

  @Test(arguments: [1, 8]) func `any lane width gives the bits of 16 lanes`(laneWidth: Int) throws {
    let expected = try renderer(16).render(rect: Self.whole, samples: 3..<12, settings: Self.settings)
    let actual = try renderer(laneWidth).render(rect: Self.whole, samples: 3..<12, settings: Self.settings)
    #expect(actual == expected)
  }

  @Test(arguments: [8, 16]) func `the portable forms give the bits of the processor's instructions`(
    laneWidth: Int
  ) throws {
    let expected = try renderer(1).render(rect: Self.whole, samples: 0..<8, settings: Self.settings)
    let opened = try OpenCLDevice(try #require(KernelScenes.device))
    let portable = try TileRenderer(opened: opened, laneWidth: laneWidth, defines: ["PORTABLE"])
    try portable.load(try KernelScenes.everything())
    #expect(try portable.render(rect: Self.whole, samples: 0..<8, settings: Self.settings) == expected)
  }

  @Test func `tiles have the bits of the whole image`() throws {
    let renderer = try renderer()
    let expected = try renderer.render(rect: Self.whole, samples: 0..<8, settings: Self.settings)
    let grid = TileGrid(width: 21, height: 13, side: 8)
    for tile in 0..<grid.tileCount {
      let rect = grid.rect(at: tile)
      let sums = try renderer.render(rect: rect, samples: 0..<8, settings: Self.settings)
      for i in 0..<rect.pixelCount {
        let at = (rect.y + i / rect.width) * 21 + rect.x + i % rect.width
        #expect(sums.rgba[4 * i..<4 * i + 4] == expected.rgba[4 * at..<4 * at + 4])
        #expect(sums.work[i] == expected.work[at])
      }
    }
  }

  @Test func `any split of the samples adds up to the same bits`() throws {
    let renderer = try renderer()
    let expected = try renderer.render(rect: Self.whole, samples: 0..<20, settings: Self.settings)
    var sums = try renderer.render(rect: Self.whole, samples: 13..<20, settings: Self.settings)
    sums.add(try renderer.render(rect: Self.whole, samples: 0..<1, settings: Self.settings))
    sums.add(try renderer.render(rect: Self.whole, samples: 1..<13, settings: Self.settings))
    #expect(sums == expected)
  }

  @Test func `listed pixels have the bits of the whole image, in the order of the list`() throws {
    let renderer = try renderer()
    let expected = try renderer.render(rect: Self.whole, samples: 0..<8, settings: Self.settings)
    let list = [(x: 20, y: 12), (x: 0, y: 0), (x: 7, y: 5), (x: 7, y: 5)]
    let sums = try renderer.render(pixels: list, samples: 0..<8, settings: Self.settings)
    for (i, pixel) in list.enumerated() {
      let at = pixel.y * 21 + pixel.x
      #expect(sums.rgba[4 * i..<4 * i + 4] == expected.rgba[4 * at..<4 * at + 4])
      #expect(sums.work[i] == expected.work[at])
    }
  }

  @Test func `more samples than a launch takes add up like single ones`() throws {
    let renderer = try renderer()
    let pixels = [(x: 10, y: 6)]
    let sums = try renderer.render(pixels: pixels, samples: 0..<20_000, settings: Self.settings)
    var expected = try renderer.render(pixels: pixels, samples: 0..<7_001, settings: Self.settings).rgba
    let rest = try renderer.render(pixels: pixels, samples: 7_001..<20_000, settings: Self.settings).rgba
    for i in expected.indices { expected[i] += rest[i] }
    #expect(sums.rgba == expected)
  }

  @Test func `another seed or frame gives another image of the same brightness`() throws {
    let renderer = try renderer()
    var other = KernelScenes.settings(width: 21, height: 13, maxDepth: 8, seed: 2)
    let first = try renderer.render(rect: Self.whole, samples: 0..<64, settings: Self.settings)
    let second = try renderer.render(rect: Self.whole, samples: 0..<64, settings: other)
    other.frame = 1
    let third = try renderer.render(rect: Self.whole, samples: 0..<64, settings: other)
    #expect(first.rgba != second.rgba && second.rgba != third.rgba)
    let means = [first, second, third].map { $0.mean(channel: 1) }
    for mean in means { #expect(abs(mean / means[0] - 1) < 0.02) }
  }

  @Test(arguments: [1, 2, 5]) func `no sample traces more rays than its bound`(maxDepth: Int) throws {
    let settings = KernelScenes.settings(width: 21, height: 13, maxDepth: maxDepth)
    let sums = try renderer().render(rect: Self.whole, samples: 0..<16, settings: settings)
    #expect(sums.work.allSatisfy { $0 >= 16 && $0 <= 16 * UInt32(2 * maxDepth + 1) })
  }

  private static let simulator = "/usr/lib/oclgrind/liboclgrind-rt-icd.so"

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: simulator), "no Oclgrind: apt-get install oclgrind"))
  func `a second implementation gives the same bits`() throws {
    let rect = TileRect(x: 0, y: 0, width: 8, height: 8)
    let settings = KernelScenes.settings(width: 8, height: 8, maxDepth: 3)
    let expected = try renderer().render(rect: rect, samples: 0..<2, settings: settings)
    // One after the other: the simulator is not made for two threads.
    for laneWidth in [1, 8] {
      let simulated = try TileRenderer(opened: OpenCLDevice(library: Self.simulator), laneWidth: laneWidth)
      #expect(simulated.device.isSimulator)
      try simulated.load(try KernelScenes.everything())
      let actual = try simulated.render(rect: rect, samples: 0..<2, settings: settings)
      #expect(actual == expected, "\(laneWidth) lanes")
    }
  }

  @Test func `rendering without a scene is refused`() throws {
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    #expect(throws: DeviceError.noScene) {
      try renderer.render(rect: Self.whole, samples: 0..<1, settings: Self.settings)
    }
  }

  @Test func `deep paths of many samples have the same bits one lane at a time`() throws {
    let settings = KernelScenes.settings(width: 21, height: 13, maxDepth: 100)
    let (one, wide) = (try renderer(1), try renderer(16))
    for renderer in [one, wide] { try renderer.load(try KernelScenes.cornell()) }
    let expected = try wide.render(rect: Self.whole, samples: 0..<600, settings: settings)
    #expect(try one.render(rect: Self.whole, samples: 0..<600, settings: settings) == expected)
    // Deeper than the first look at whether any path is left.
    #expect(try wide.render(rect: Self.whole, samples: 0..<600, settings: Self.settings) != expected)
  }

  @Test(arguments: [1, 16]) func `a scene that was let go is gone, and another gives its own bits`(
    laneWidth: Int
  ) throws {
    let renderer = try renderer(laneWidth)
    let before = try renderer.render(rect: Self.whole, samples: 0..<2, settings: Self.settings)
    renderer.unload()
    #expect(throws: DeviceError.noScene) {
      try renderer.render(rect: Self.whole, samples: 0..<2, settings: Self.settings)
    }
    try renderer.load(try KernelScenes.everything())
    #expect(try renderer.render(rect: Self.whole, samples: 0..<2, settings: Self.settings) == before)
  }

  @Test func `a cancelled task stops before its next launch`() async throws {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try renderer().render(rect: Self.whole, samples: 0..<1, settings: Self.settings)
    }
    await #expect(throws: DeviceError.cancelled) { try await task.value }
  }
}

extension SampleSums {
  /// Mean over all pixels and samples of one of red, green, blue, alpha.
  func mean(channel: Int) -> Double {
    let sum = stride(from: channel, to: rgba.count, by: 4).reduce(0.0) { $0 + Double(rgba[$1]) }
    return sum / Double(rect.pixelCount * sampleCount) / Double(1 << SampleSums.fractionBits)
  }
}
