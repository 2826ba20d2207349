import Kernels

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
