import Kernels

/// The wavefront kernel's scratch memory (wavefront.cl has the same numbers).
enum Wavefront {
  /// Paths of a chunk: at least as many as the samples that one launch takes of a pixel.
  static let chunkPaths = 8192
  /// Bytes a work-item: 34 rows of a chunk's floats, each with room for a wide store.
  static let scratchBytes = 34 * (chunkPaths + 64) * 4
  /// What is timed, in the order of the 64-bit sums at the end of a work-item's memory.
  static let stages = ["generate", "closest", "shade", "shadow", "sort", "accumulate"]
  /// 64-bit words that these sums are the first of.
  static let stageWords = 16
}

/// The traversal's limits (bvh.cl has the same number).
enum BVHLimits {
  static let stackEntries = 64
}

/// A part of a render that is one launch.
package struct LaunchPart: Hashable, Sendable {
  /// Places in the pixel list.
  package let pixels: Range<Int>
  /// Sample numbers.
  package let samples: Range<Int>

  /// Cuts a render into launches of at most `launchPaths` paths and `samplesMax` samples of a pixel.
  package static func cut(
    pixelCount: Int, samples: Range<Int>, launchPaths: Int, samplesMax: Int
  ) -> [LaunchPart] {
    let sampleStep = min(samples.count, samplesMax)
    let pixelStep = max(1, launchPaths / sampleStep)
    var out: [LaunchPart] = []
    for pixel in stride(from: 0, to: pixelCount, by: pixelStep) {
      for sample in stride(from: samples.lowerBound, to: samples.upperBound, by: sampleStep) {
        out.append(
          LaunchPart(
            pixels: pixel..<min(pixel + pixelStep, pixelCount),
            samples: sample..<min(sample + sampleStep, samples.upperBound)))
      }
    }
    return out
  }

  /// What the kernel is told.
  func launch(_ settings: RenderSettings) -> DeviceLaunch {
    var launch = DeviceLaunch()
    let seed = settings.kernelSeed
    launch.seed = (seed[0], seed[1], seed[2], seed[3])
    launch.width = Int32(settings.widthPX)
    launch.height = Int32(settings.heightPX)
    launch.max_depth = Int32(settings.maxDepth)
    launch.transparent_background = settings.transparentBackground ? 1 : 0
    launch.first_sample = UInt32(samples.lowerBound)
    launch.sample_count = UInt32(samples.count)
    launch.pixel_count = UInt32(pixels.count)
    launch.layers = settings.layers.needsHits ? 1 : 0
    launch.filter = settings.filter == .blackmanHarris ? FILTER_BLACKMAN_HARRIS : FILTER_BOX
    return launch
  }
}

extension DeviceScene {
  /// Entries that a ray's traversal can need at most: siblings left behind on the way down. Children come
  /// after their parents, so one pass from the end sees every child before its parent.
  package var traversalStackNeed: Int {
    var need = [Int](repeating: 0, count: nodes.count)
    for index in nodes.indices.reversed() {
      var deepest = 0
      var count = 0
      withUnsafeBytes(of: nodes[index].child) { bytes in
        for child in bytes.bindMemory(to: Int32.self) where child != Int32.min {
          count += 1
          precondition(
            child < 0 || (child > index && child < nodes.count), "node \(index) has child \(child)")
          if child >= 0 { deepest = max(deepest, need[Int(child)]) }
        }
      }
      need[index] = max(0, count - 1) + max(1, deepest)
    }
    return need.first ?? 0
  }
}
