import Imaging
import Kernels

/// Renders pixels of one scene on one device. Not thread-safe: one a thread. The result is a function of
/// scene, settings, pixels and sample numbers alone: neither the device, nor the lane width, nor how tiles
/// and samples are cut can change a bit.
public final class TileRenderer {
  /// The device.
  public let device: DeviceInfo
  /// Paths that a work-item follows at once: 1, 8 or 16.
  public let laneWidth: Int
  /// What its kernels can do, as `DeviceSceneHeader.features`.
  package let features: Int32

  private let opened: OpenCLDevice
  private let programs: [OpenCLProgram]
  private let wavefront: any PathWavefront
  private var job: PathJob?
  private var scene: SceneBuffers?

  /// Kernels for all scenes.
  package static let allFeatures = RendererKernels.allFeatures
  /// Largest maxDepth: the ray counter of a path has 15 bits.
  private static let maxDepthMax = 4096

  /// Opens the device and compiles the kernels for it, or takes them from the cache.
  /// `laneWidth`: 1, 8 or 16; without it, what suits the device.
  public convenience init(device: DeviceInfo, laneWidth: Int? = nil) throws(DeviceError) {
    try self.init(opened: try OpenCLDevice(device), laneWidth: laneWidth)
  }

  /// The same on a device that is open already. `features`: only kernels for scenes that need no others; they
  /// are compiled sooner and give the same bits. `defines`: PORTABLE (without the processor's own
  /// instructions), LIGHTS_BY_CHOICE, LIGHTS_BY_DIRECTION (path.cl), STAGE_CYCLES (wavefront.cl).
  package init(
    opened: OpenCLDevice, laneWidth: Int? = nil, features: Int32 = allFeatures, defines: [String] = []
  ) throws(DeviceError) {
    let kernels = try RendererKernels(
      opened.handle, laneWidth: laneWidth, features: features, defines: defines)
    device = opened.info
    self.opened = opened
    self.laneWidth = kernels.laneWidth
    self.features = features
    programs = try kernels.programs(on: opened)
    wavefront =
      kernels.laneWidth == 1
      ? try StageWavefront(opened, shading: programs[0], others: programs[1])
      : try ChunkWavefront(opened, program: programs[0], counting: defines.contains("STAGE_CYCLES"))
  }

  /// Keeps the kernels for processes that may not compile.
  /// - Returns: whether they were not kept before.
  package func keepKernels() -> Bool {
    programs.reduce(false) { isNew, program in program.keep() || isNew }
  }

  /// Whether it can render the scene.
  package func covers(_ scene: DeviceScene) -> Bool { scene.header.features & ~features == 0 }

  /// Takes the scene to the device. A scene too deep or too large for it is refused.
  public func load(_ scene: DeviceScene) throws(DeviceError) {
    self.scene = nil
    try load(try SceneBuffers(scene, on: opened))
  }

  private func load(_ scene: SceneBuffers) throws(DeviceError) {
    precondition(scene.features & ~features == 0, "kernels without \(scene.features & ~features)")
    try wavefront.load(scene)
    self.scene = scene
  }

  /// A renderer beside this one, on the same open device, whose kernels have only these features.
  func sibling(features: Int32) throws(DeviceError) -> TileRenderer {
    try TileRenderer(opened: opened, laneWidth: laneWidth, features: features)
  }

  /// Takes over the scene that a sibling has loaded, without another copy of it.
  func takeScene(of sibling: TileRenderer) throws(DeviceError) {
    guard let scene = sibling.scene else { throw DeviceError.noScene }
    try load(scene)
    sibling.unload()
  }

  /// Lets go of the scene's memory; the kernels stay, which a driver may take seconds to load.
  public func unload() {
    scene = nil
    job = nil
    wavefront.unload()
  }

  /// Samples of all pixels of a rectangle, which must fit the image; `samples` not empty.
  public func render(
    rect: TileRect, samples: Range<Int>, settings: RenderSettings
  ) throws(DeviceError) -> SampleSums {
    var pixels: [(x: Int, y: Int)] = []
    pixels.reserveCapacity(rect.pixelCount)
    for y in rect.y..<rect.y + rect.height {
      for x in rect.x..<rect.x + rect.width { pixels.append((x, y)) }
    }
    let sums = try render(pixels: pixels, samples: samples, settings: settings)
    return SampleSums(
      rect: rect, sampleCount: samples.count, rgba: sums.rgba, work: sums.work, layers: sums.layers)
  }

  /// Samples of the listed pixels, in the order of the list: 4 sums a pixel (red, green, blue, alpha; units
  /// of 2^-30), the rays traced for it, and what its camera rays met, if layers ask for that. A pixel listed
  /// twice is rendered twice.
  public func render(
    pixels: [(x: Int, y: Int)], samples: Range<Int>, settings: RenderSettings
  ) throws(DeviceError) -> (rgba: [Int64], work: [UInt32], layers: LayerSums?) {
    guard scene != nil else { throw DeviceError.noScene }
    let list = TileRenderer.list(pixels, samples: samples, settings: settings)
    let job = try begin(list, settings: settings)
    for part in LaunchPart.cut(
      pixelCount: list.count, samples: samples, launchPaths: wavefront.launchPathsMax,
      samplesMax: wavefront.launchSamplesMax)
    {
      if Task.isCancelled { throw DeviceError.cancelled }
      try wavefront.run(part)
    }
    return try job.sums()
  }

  /// Takes memory only where the last render had less: drivers take a millisecond for it.
  private func begin(_ list: [UInt32], settings: RenderSettings) throws(DeviceError) -> PathJob {
    let next: PathJob
    if let job, job.fits(list, settings: settings) {
      next = job
      try next.begin(list, settings: settings)
    } else {
      next = try PathJob(list, settings: settings, on: opened)
    }
    job = next
    try wavefront.begin(next)
    return next
  }

  /// The processor's cycles by stage since the renderer was made, all work-items together. Only for a
  /// renderer that counts, of more than one lane.
  package func stageCycles() throws(DeviceError) -> [(stage: String, cycles: UInt64)] {
    guard let chunks = wavefront as? ChunkWavefront else { preconditionFailure("one lane counts no cycles") }
    return try chunks.stageCycles()
  }

  /// The pixel list as the kernel takes it; arguments that no caller may give stop the program.
  private static func list(
    _ pixels: [(x: Int, y: Int)], samples: Range<Int>, settings: RenderSettings
  ) -> [UInt32] {
    let width = settings.widthPX
    let height = settings.heightPX
    precondition(
      (1...65_536).contains(width) && (1...65_536).contains(height), "no image of \(width)x\(height)")
    precondition((1...maxDepthMax).contains(settings.maxDepth), "max depth \(settings.maxDepth)")
    precondition(samples.lowerBound >= 0 && !samples.isEmpty, "no samples in \(samples)")
    precondition(samples.upperBound <= Int(UInt32.max), "sample numbers have 32 bits, not \(samples)")
    return pixels.map { x, y in
      precondition(x >= 0 && x < width && y >= 0 && y < height, "pixel \(x),\(y) of \(width)x\(height)")
      return UInt32(x) | UInt32(y) << 16
    }
  }
}
