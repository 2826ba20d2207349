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

  private let opened: OpenCLDevice
  private let program: OpenCLProgram
  private let kernel: OpenCLKernel
  private var isLoaded = false
  private let scratch: OpenCLBuffer
  private let nextChunk: OpenCLBuffer

  /// Paths that one launch follows at most: a fraction of a second, so that cancelling is quick and no
  /// driver's watchdog bites.
  private static let launchPaths = 1 << 20
  /// Largest maxDepth: the ray counter of a path has 15 bits.
  private static let maxDepthMax = 4096
  private var groupSize: Int { laneWidth == 1 && !device.isCPU ? 64 : 1 }
  /// More work-items than cores: a scheduler may give several at once to the first core.
  private var workItems: Int { 2 * device.computeUnits }

  /// Opens the device and compiles the kernels for it, or takes them from the cache.
  /// `laneWidth`: 1, 8 or 16; without it, what suits the device.
  public convenience init(device: DeviceInfo, laneWidth: Int? = nil) throws(DeviceError) {
    try self.init(opened: try OpenCLDevice(device), laneWidth: laneWidth)
  }

  /// The same on a device that is open already. `defines`: PORTABLE (without the processor's own
  /// instructions), LIGHTS_BY_CHOICE, LIGHTS_BY_DIRECTION (path.cl), STAGE_CYCLES (wavefront.cl).
  package init(opened: OpenCLDevice, laneWidth: Int? = nil, defines more: [String] = []) throws(DeviceError) {
    let device = opened.info
    let preferred = try opened.preferredLanes()
    let lanes = laneWidth ?? preferred
    precondition([1, 8, 16].contains(lanes), "no lane width \(lanes)")
    self.device = device
    self.opened = opened
    self.laneWidth = lanes
    var defines = ["W=\(lanes)", "WORK_GROUP=\(lanes == 1 && !device.isCPU ? 64 : 1)"]
    // PoCL's compiler takes a sixth of a second to read the header of all built-ins (this is its guard); the
    // kernels declare theirs themselves.
    if device.isPoCL { defines += ["_OPENCL_H_", "DECLARE_BUILTINS"] }
    defines += more
    program = try OpenCLProgram(device: opened, source: KernelSources.text, defines: defines)
    kernel = try program.kernel(lanes == 1 ? "render_pixels" : "render_wavefront")
    let scratchBytes = lanes == 1 ? 0 : Wavefront.scratchBytes * 2 * device.computeUnits
    scratch = try opened.makeBuffer(byteCount: scratchBytes)
    if more.contains("STAGE_CYCLES") {
      try opened.write([UInt8](repeating: 0, count: scratchBytes), to: scratch)
    }
    nextChunk = try opened.makeBuffer([UInt32(0)])
  }

  /// Keeps the kernels for processes that may not compile.
  /// - Returns: whether they were not kept before.
  package func keepKernels() -> Bool { program.keep() }

  /// Takes the scene to the device. A scene too deep or too large for it is refused.
  public func load(_ scene: DeviceScene) throws(DeviceError) {
    isLoaded = false
    try kernel.set(scene, on: opened)
    isLoaded = true
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
    guard isLoaded else { throw DeviceError.noScene }
    let list = TileRenderer.list(pixels, samples: samples, settings: settings)
    let rgba = try opened.makeBuffer([Int64](repeating: 0, count: 4 * list.count))
    let work = try opened.makeBuffer([UInt32](repeating: 0, count: list.count))
    let noted = settings.layers.needsHits ? list.count : 0
    let sums = try opened.makeBuffer([Int64](repeating: 0, count: LayerSums.sumCount * noted))
    let points = try opened.makeBuffer([UInt32](repeating: 0, count: LayerSums.pointWords * noted))
    let launchBuffer = try opened.makeBuffer(byteCount: MemoryLayout<DeviceLaunch>.stride)
    let next = OpenCLKernel.sceneArgumentCount
    try kernel.set(next, launchBuffer)
    try kernel.set(next + 1, opened.makeBuffer(list))
    let sumArguments = laneWidth == 1 ? next + 3 : next + 6
    try kernel.set(sumArguments, rgba)
    try kernel.set(sumArguments + 1, work)
    try kernel.set(sumArguments + 2, sums)
    try kernel.set(sumArguments + 3, points)
    for part in LaunchPart.cut(
      pixelCount: list.count, samples: samples, launchPaths: TileRenderer.launchPaths,
      samplesMax: Wavefront.chunkPaths)
    {
      if Task.isCancelled { throw DeviceError.cancelled }
      try opened.write([part.launch(settings)], to: launchBuffer)
      try launch(part, firstArgument: next + 2)
    }
    let layers =
      noted == 0
      ? nil
      : LayerSums(
        sums: try opened.read(sums, count: LayerSums.sumCount * noted, as: Int64.self),
        points: try opened.read(points, count: LayerSums.pointWords * noted, as: UInt32.self))
    return (
      try opened.read(rgba, count: 4 * list.count, as: Int64.self),
      try opened.read(work, count: list.count, as: UInt32.self), layers
    )
  }

  /// The processor's cycles by stage since the renderer was made, all work-items together. Only for a
  /// renderer that counts, of more than one lane.
  package func stageCycles() throws(DeviceError) -> [(stage: String, cycles: UInt64)] {
    precondition(laneWidth > 1, "one lane has no stages")
    let words = Wavefront.scratchBytes / 8
    let values = try opened.read(scratch, count: words * workItems, as: UInt64.self)
    return Wavefront.stages.enumerated().map { index, stage in
      let places = stride(from: words - Wavefront.stageWords + index, to: values.count, by: words)
      return (stage, places.reduce(0) { $0 + values[$1] })
    }
  }

  private func launch(_ part: LaunchPart, firstArgument: Int) throws(DeviceError) {
    try kernel.set(firstArgument, UInt32(part.pixels.lowerBound))
    guard laneWidth > 1 else {
      let groups = (part.pixels.count + groupSize - 1) / groupSize
      return try opened.run(kernel, groupCount: groups, groupSize: groupSize)
    }
    // Whole pixels a chunk; small jobs are cut finer so that every core gets some.
    let fitting = Wavefront.chunkPaths / part.samples.count
    let fair = (part.pixels.count + 2 * workItems - 1) / (2 * workItems)
    try opened.write([UInt32(0)], to: nextChunk)
    try kernel.set(firstArgument + 1, UInt32(max(1, min(fitting, fair))))
    try kernel.set(firstArgument + 2, nextChunk)
    try kernel.set(firstArgument + 3, scratch)
    try opened.run(kernel, groupCount: workItems, groupSize: 1)
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
