import Cryptography
import Foundation
import Imaging
import Render
import SceneModel
import Terminal

/// Renders frames of one scene on one local device and writes them.
final class FrameRendering {
  /// What `--json` reports of one frame.
  struct Report: Encodable {
    var prep_s: Double
    var render_s: Double
    var render_cpu_s: Double
    var rays: UInt64
    var samples: UInt64
    var device: String
    var digest: String
    /// A sample, by stage.
    var cycles: [String: Double]?
  }

  private let arguments: Arguments
  private let local: LocalScene
  /// Found while the scene is read, and opened while it is prepared: a driver takes a tenth of a second for
  /// each.
  private let finding: Task<LocalDevice, any Error>
  private var preparation = ScenePreparation()
  private let view: ViewTransform
  private let exposureEV: Float
  private let png: PNGKind
  /// Side of the squares that progress is counted in; the bits do not depend on it.
  private let tileSidePX = 128

  /// Reads the scene.
  init(_ arguments: Arguments) throws {
    self.arguments = arguments
    let (id, isCounting) = (arguments.string("--device"), arguments.has("--cycles"))
    finding = Task { try LocalDevice(id: id, isCounting: isCounting) }
    local = try LocalScene(arguments)
    view = try arguments.choice("--view", default: .default)
    exposureEV = try arguments.number("--exposure", in: -20...20) ?? 0
    png = try arguments.choice("--png", default: .eight)
    if png == .hdr, arguments.string("--view") != nil {
      throw CommandFailure.usage("--view is not for HDR files", remedy: "leave it out, or give --png 8 or 16")
    }
  }

  /// Renders frame `number` (or its part `crop`) to `files`, each `.exr` or `.png`.
  func render(_ number: UInt32, crop: TileRect?, to files: [URL]) async throws -> Report {
    let settings = try local.settings(frame: number, arguments)
    let area = crop ?? settings.wholeImage
    guard area.fits(width: settings.widthPX, height: settings.heightPX) else {
      throw CommandFailure.usage(
        "--tile \(area.x),\(area.y),\(area.width),\(area.height) is not inside the image, "
          + "\(settings.widthPX)x\(settings.heightPX)", remedy: "give a part of it, or --width and --height")
    }
    let (device, preparationS) = try await load(number)
    let start = ContinuousClock.now
    let cpuBefore = cpuSeconds()
    let frame = try await image(area, settings, on: device, label: "frame \(number)")
    var report = Report(
      prep_s: preparationS, render_s: seconds(ContinuousClock.now - start),
      render_cpu_s: cpuSeconds() - cpuBefore, rays: frame.work.reduce(0) { $0 + UInt64($1) },
      samples: UInt64(area.pixelCount) * UInt64(settings.samplesPerPixel),
      device: "\(device.info.platform): \(device.info.name)",
      digest: pixelDigest(frame).hex)
    if let cycles = try await device.stageCycles() {
      report.cycles = cycles.mapValues { Double($0) / Double(report.samples) }
    }
    for file in files { try write(frame, to: file, settings) }
    return report
  }

  /// Takes the frame's scene to the device. Its kernels are compiled while it is prepared.
  /// - Returns: the device, and what the scene itself took, seconds.
  private func load(_ number: UInt32) async throws -> (device: LocalDevice, preparationS: Double) {
    let start = ContinuousClock.now
    let frame = try local.frame(number, arguments)
    let (finding, features) = (finding, preparation.features(of: frame))
    // Nobody waits for it where the scene turns out to be damaged: that is to be told at once.
    let kernels = Task { try await finding.value.prepareKernels(features: features) }
    let scene = try preparation.prepare(frame)
    let prepared = ContinuousClock.now
    try await kernels.value
    let kernelsThere = ContinuousClock.now
    let device = try await finding.value
    try await device.load(scene)
    return (device, seconds((prepared - start) + (ContinuousClock.now - kernelsThere)))
  }

  private func image(
    _ area: TileRect, _ settings: RenderSettings, on device: LocalDevice, label: String
  ) async throws -> Frame {
    var frame = Frame(width: area.width, height: area.height, layers: settings.layers)
    let grid = TileGrid(width: area.width, height: area.height, side: tileSidePX)
    var progress = Progress(label)
    for index in 0..<grid.tileCount {
      let place = grid.rect(at: index)
      let source = TileRect(
        x: area.x + place.x, y: area.y + place.y, width: place.width, height: place.height)
      let sums = try await device.render(
        rect: source, samples: 0..<settings.samplesPerPixel, settings: settings)
      let resolved = sums.resolved(settings.layers)
      try frame.place(
        Fragment(
          rect: place, rgbaHalfBits: resolved.rgbaHalfBits, work: resolved.work, layers: resolved.layers))
      progress.show(index + 1, of: grid.tileCount, "tiles")
    }
    progress.finish()
    return frame
  }

  private func write(_ frame: Frame, to file: URL, _ settings: RenderSettings) throws {
    let bytes: [UInt8]
    if file.pathExtension.lowercased() == "exr" {
      // A farm writes the job here, whose digest is the seed: so the files are equal, not only their pixels.
      let attributes = ["job": settings.seed.hex, "frame": "\(settings.frame)"]
      bytes = try EXRWriter.encode(frame, attributes: attributes)
    } else if png == .hdr {
      bytes = try PNGWriter.encodeHDR(frame, exposureEV: exposureEV)
    } else {
      bytes = try PNGWriter.encode(
        frame, view: view, exposureEV: exposureEV, bitDepth: png == .sixteen ? 16 : 8)
    }
    try writeFile(bytes, to: file)
  }
}

/// SHA-256 over the frame's half bit patterns (big-endian, raster order), then its work counters, then the
/// words of its layers.
func pixelDigest(_ frame: Frame) -> Digest {
  var writer = CanonicalWriter(type: "frame")
  for half in frame.rgbaHalfBits { writer.write(half) }
  for rays in frame.work { writer.write(rays) }
  for word in frame.layers.words { writer.write(word) }
  return Digest(of: writer.bytes)
}

/// Writes a whole file, making its folder; a reader never sees half of it.
func writeFile(_ bytes: [UInt8], to file: URL) throws {
  try FileManager.default.createDirectory(
    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
  try Data(bytes).write(to: file, options: .atomic)
}

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

/// Processor time of this process, user and system, all threads.
private func cpuSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}
