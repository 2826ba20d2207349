import Kernels
import Render
import Testing

/// How a render is cut into launches, and what is refused before one.
struct TileLaunchTests {
  @Test(arguments: [(1, 0..<1), (7, 3..<20_000), (5_000, 0..<300), (100_000, 5..<6)])
  func `launches cover every sample of every pixel once and stay small`(
    pixelCount: Int, samples: Range<Int>
  ) {
    let parts = LaunchPart.cut(pixelCount: pixelCount, samples: samples, launchPaths: 10_000, samplesMax: 512)
    var covered = 0
    for part in parts {
      #expect(part.samples.count <= 512)
      #expect(part.pixels.count * part.samples.count <= 10_000)
      #expect(part.pixels.upperBound <= pixelCount && samples.contains(part.samples.lowerBound))
      covered += part.pixels.count * part.samples.count
    }
    #expect(covered == pixelCount * samples.count)
    #expect(Set(parts).count == parts.count)
  }

  @Test func `the stack that a tree needs counts the siblings left behind on the way down`() {
    var parts = SceneParts.example
    parts.nodes = [DeviceBVHNode(), DeviceBVHNode()]
    parts.header.node_count = 2
    let none = Int32.min
    parts.nodes[0].child = (~0, ~8, 1, none, none, none, none, none)
    parts.nodes[1].child = (~16, ~24, ~32, ~40, none, none, none, none)
    #expect(parts.scene.traversalStackNeed == 2 + 3 + 1)
  }
}
