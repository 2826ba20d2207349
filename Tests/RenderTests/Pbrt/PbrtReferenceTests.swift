import Foundation
import Imaging
import Render
import Testing

private let pbrtFolder = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../../../shared/assets/pbrt").standardizedFileURL

/// Two scenes of Bitterli's collection against the images of his own renderer, Tungsten.
@Suite(
  .enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"),
  .enabled(if: FileManager.default.fileExists(atPath: pbrtFolder.path), "no ../shared/assets/pbrt"))
struct PbrtReferenceTests {
  struct Comparison {
    /// What our image must be multiplied by to have the reference's mean.
    let factor: Double
    /// Mean of (x - r)^2 / (r^2 + 0.01) with that factor.
    let relMSE: Double
    /// The worst of the three channels' ratios of means, with the factor.
    let channelError: Double
  }

  private func compare(_ name: String, maxDepth: Int, samples: Int) throws -> Comparison {
    let side = 64
    let folder = pbrtFolder.appending(path: name)
    let reference = try ReferenceImage(folder.appending(path: "TungstenRender.exr"), side: side).rgb
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    try renderer.load(try PbrtScene(folder.appending(path: "scene-v4.pbrt")).scene.deviceScene())
    let settings = KernelScenes.settings(width: side, height: side, samples: samples, maxDepth: maxDepth)
    let sums = try renderer.render(rect: settings.wholeImage, samples: 0..<samples, settings: settings)
    let ours = (0..<3 * side * side).map {
      Double(sums.rgba[4 * ($0 / 3) + $0 % 3]) / Double(samples) / Double(1 << SampleSums.fractionBits)
    }
    // A few fireflies and the light itself decide a mean: the median of pixels' ratios does not hang on them.
    let ratios = zip(ours, reference).filter { $0 > 1e-3 && $1 > 1e-3 }.map { $1 / $0 }.sorted()
    let factor = ratios[ratios.count / 2]
    let errors = zip(ours, reference).map { ($0 * factor - $1) * ($0 * factor - $1) / ($1 * $1 + 0.01) }
      .sorted()
    let kept = errors.prefix(errors.count * 99 / 100)
    let channels = (0..<3).map { channel in
      let places = stride(from: channel, to: ours.count, by: 3).filter { reference[$0] < 4 }
      return places.reduce(0) { $0 + ours[$1] } * factor / places.reduce(0) { $0 + reference[$1] }
    }
    return Comparison(
      factor: factor, relMSE: kept.reduce(0, +) / Double(kept.count),
      channelError: channels.map { abs($0 - 1) }.max() ?? 1)
  }

  @Test func `the Cornell box of deep diffuse paths is Tungsten's`() throws {
    let found = try compare("cornell-box", maxDepth: 65, samples: 256)
    #expect(abs(found.factor - 1) < 0.02, "exposure \(found.factor)")
    #expect(found.relMSE < 0.003 && found.channelError < 0.02, "\(found)")
  }

  /// Light that reaches a path only by its own direction: noisy, and the median of noisy pixels' ratios lies
  /// a little above the ratio of means. With four times the samples the exposure is 0.999, the error 0.017.
  @Test func `Veach's room of a lamp, a spotlight and glass is Tungsten's`() throws {
    let found = try compare("veach-bidir", maxDepth: 16, samples: 256)
    #expect(abs(found.factor - 1) < 0.07, "exposure \(found.factor)")
    #expect(found.relMSE < 0.1 && found.channelError < 0.15, "\(found)")
  }
}
