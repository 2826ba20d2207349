import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Render
import SceneModel
import Settlement
import Transport

/// The renderer child: owns the device, reads scene files, holds no key and no network.
struct TileServer: RendererHandling {
  /// What a parsed scene depends on.
  private struct SceneKey: Hashable {
    var bundle: Digest
    var sceneFile: String
    var overrides: SceneOverrides
  }
  /// The frame that the device holds.
  struct Loaded {
    var terms: JobTerms
    var frame: UInt32
    var settings: RenderSettings

    /// Where one of its tiles is; nil for a tile of another frame.
    func place(of tile: TileIndex) -> TilePlace? {
      guard Int(tile.value) < terms.tileCount else { return nil }
      let place = terms.tile(tile)
      return place.frame == frame ? place : nil
    }
  }

  private let device: DeviceInfo
  private let fits: Bool
  private var renderer: FittingRenderer?
  private var parsed: (key: SceneKey, scene: Scene)?
  private var loaded: Loaded?
  private var ahead: TileAhead?
  /// What the next frame of a scene may have in common with the last.
  private var preparation = ScenePreparation()
  /// A probe of more pixels than a whole tile has is no probe.
  private static let probePixelsMax = Limits.tileSidePXMax * Limits.tileSidePXMax

  /// Of the device of that id, or the preferred one. `fits`: it may go over to kernels for scenes like the
  /// one at hand.
  init(deviceID: String?, fits: Bool) throws(DeviceError) {
    device = try DeviceCatalog.choose(id: deviceID)
    self.fits = fits
  }

  mutating func describe() throws -> (device: DeviceDescription, kernelSet: Digest) {
    // Now, and not over the first tile, it shows whether the device can run the kernels.
    _ = try opened()
    return (device.description, KernelSources.kernelSet)
  }

  mutating func load(_ request: RendererScene) async throws -> Digest {
    await stopAhead()
    let terms = request.terms
    try terms.validate()
    guard terms.kernelSet == KernelSources.kernelSet else {
      throw Refusal(
        .kernelMismatch,
        "the job needs kernels \(terms.kernelSet.short), this renderer has \(KernelSources.kernelSet.short)",
        remedy: "use programs of one version")
    }
    guard request.frame >= terms.firstFrame, request.frame <= terms.lastFrame else {
      throw Refusal(.badRequest, "frame \(request.frame) of frames \(terms.firstFrame)-\(terms.lastFrame)")
    }
    loaded = nil
    let deviceScene: DeviceScene
    do {
      deviceScene = try preparation.prepare(terms.frameScene(try scene(request), frame: request.frame))
    } catch let error as SceneError {
      throw Refusal(.sceneInvalid, "\(error)")
    } catch let error as DeviceSceneError {
      throw Refusal(.sceneInvalid, "\(error)")
    }
    let renderer = try opened()
    try onDevice { () throws(DeviceError) in try renderer.load(deviceScene) }
    loaded = Loaded(
      terms: terms, frame: request.frame, settings: terms.renderSettings(frame: request.frame))
    return deviceScene.digest
  }

  mutating func render(
    tile: TileIndex, rect: TileRect, attempt: UInt32, ahead next: TileIndex?
  ) async throws -> RendererProcess.Rendered {
    let loaded = try current()
    let terms = loaded.terms
    guard let place = loaded.place(of: tile), place.rect == rect else {
      throw Refusal(.badRequest, "tile \(tile.value) is not \(rect) of frame \(loaded.frame)")
    }
    if ahead?.tile != tile { await stopAhead() }
    let begun = try ahead ?? TileAhead(tile, at: place, loaded, with: opened())
    ahead = nil
    let outcome = await begun.outcome()
    let sums = try onDevice { () throws(DeviceError) in try outcome.get() }
    if let next, let place = loaded.place(of: next) {
      ahead = try TileAhead(next, at: place, loaded, with: opened())
    }
    let content = terms.content(sums, ofPass: place.pass)
    let header = FragmentHeader(job: terms.id.digest.bytes, tile: tile.value, attempt: attempt)
    // Side by side: else a fast device has the next tile before these.
    var root = Digest.zero
    var fragment = Result<[UInt8], ImagingError>.success([])
    ParallelLoop.run(2) { part in
      if part == 0 {
        fragment = Result { () throws(ImagingError) in try FragmentCodec.encode(content, header: header) }
      } else {
        root = content.commitmentRoot()
      }
    }
    return RendererProcess.Rendered(
      root: root, work: content.totalWork, pixelCount: UInt32(rect.pixelCount), fragment: try fragment.get())
  }

  mutating func probe(_ pixels: [PixelPosition], pass: Int) async throws -> [PixelRecord] {
    await stopAhead()
    let loaded = try current()
    guard !pixels.isEmpty else { return [] }
    guard pixels.count <= TileServer.probePixelsMax else {
      throw Refusal(.tooLarge, "\(pixels.count) probes, at most \(TileServer.probePixelsMax) are allowed")
    }
    let (width, height) = (loaded.settings.widthPX, loaded.settings.heightPX)
    if let wrong = pixels.first(where: { $0.x < 0 || $0.y < 0 || $0.x >= width || $0.y >= height }) {
      throw Refusal(.badRequest, "pixel \(wrong.x),\(wrong.y) is outside the frame, \(width)x\(height)")
    }
    guard (0..<loaded.terms.passCount).contains(pass) else {
      throw Refusal(.badRequest, "pass \(pass) of a job of \(loaded.terms.passCount)")
    }
    let renderer = try opened()
    let samples = loaded.terms.samples(ofPass: pass)
    let (rgba, work, layers) = try onDevice { () throws(DeviceError) in
      try renderer.render(
        pixels: pixels.map { (x: $0.x, y: $0.y) }, samples: samples, settings: loaded.settings)
    }
    // The list as a row of pixels: resolved by the same code as a tile, hence to the same bits.
    let row = TileRect(x: 0, y: 0, width: pixels.count, height: 1)
    let sums = SampleSums(rect: row, sampleCount: samples.count, rgba: rgba, work: work, layers: layers)
    let content = loaded.terms.content(sums, ofPass: pass)
    return pixels.indices.map { content.record(atPixel: $0) }
  }

  mutating func benchmark() async throws -> UInt64 {
    await stopAhead()
    loaded = nil
    let renderer = try opened()
    do {
      return try DeviceBenchmark.raysPerS(renderer.whole)
    } catch let error as DeviceError {
      return try onDevice { () throws(DeviceError) in throw error }
    }
  }

  mutating func unload() async {
    await stopAhead()
    (loaded, parsed) = (nil, nil)
    preparation = ScenePreparation()
    renderer?.unload()
  }

  /// The renderer is nobody else's afterwards.
  private mutating func stopAhead() async {
    await ahead?.stop()
    ahead = nil
  }

  private func current() throws(Refusal) -> Loaded {
    guard let loaded else { throw Refusal(.conflict, "no frame is loaded") }
    return loaded
  }

  /// The scene's files parsed; again only when something that they depend on changed.
  private mutating func scene(_ request: RendererScene) throws(SceneError) -> Scene {
    let terms = request.terms
    let key = SceneKey(bundle: terms.bundle, sceneFile: terms.sceneFile, overrides: terms.sceneOverrides)
    if let parsed, parsed.key == key { return parsed.scene }
    parsed = nil
    let files = MappedFiles(request.files)
    let scene = try SceneReader.read(terms.sceneFile, from: files, overrides: terms.sceneOverrides)
    parsed = (key, scene)
    return scene
  }

  private mutating func opened() throws -> FittingRenderer {
    if let renderer { return renderer }
    let whole = try onDevice { () throws(DeviceError) in try TileRenderer(device: device) }
    let made = FittingRenderer(whole, fits: fits) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
    renderer = made
    return made
  }

  /// What a scene asks too much of is refused. A device that fails a call may fail every later one: then this
  /// process ends, and the parent starts another.
  private func onDevice<T>(_ work: () throws(DeviceError) -> T) throws -> T {
    do throws(DeviceError) {
      return try work()
    } catch {
      guard case .call = error else {
        if case .tooLarge = error { throw Refusal(.tooLarge, "\(error)") }
        throw Refusal(.internalFault, "\(error)")
      }
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit(1)
    }
  }
}
