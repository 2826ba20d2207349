import Imaging
import Kernels

/// Follows paths on a device of many lanes, one a work-item: every stage is a launch over all paths that are
/// left (stage_state.cl).
final class StageWavefront: PathWavefront {
  let launchPathsMax: Int
  /// One work-item adds up the samples of a pixel.
  let launchSamplesMax = 256

  private let device: OpenCLDevice
  private let groupSize: Int
  /// Where the kernels of rays are.
  private let program: OpenCLProgram
  private let generate, seeThrough, shade, accumulate: OpenCLKernel
  /// With or without code for cut-outs, as the scene has them.
  private var closest, shadow: OpenCLKernel
  private let state: OpenCLBuffer
  private let launch: OpenCLBuffer
  private var counts: OpenCLBuffer
  /// What the camera ray of each path met, where layers are wanted.
  private var pathSums, pathPoints: OpenCLBuffer
  private var settings: RenderSettings?
  private var hasBacks = false

  /// Paths for each of the device's compute units: a few times what run side by side.
  private static let unitPaths = 8192
  /// Bytes that the state has of a path.
  private static let pathBytes = 4 * Int(STAGE_ROWS)
  /// Bounces between two looks at whether any path is left.
  private static let lookBounces = 8

  /// Work-items that run together, hence WORK_GROUP of the program.
  static func groupSize(_ device: DeviceInfo) -> Int { device.isCPU ? 1 : 64 }

  /// By the halves of `RendererKernels`.
  init(
    _ device: OpenCLDevice, shading: OpenCLProgram, others program: OpenCLProgram
  ) throws(DeviceError) {
    self.device = device
    self.program = program
    groupSize = StageWavefront.groupSize(device.info)
    launchPathsMax = min(
      1 << 20, StageWavefront.unitPaths * device.info.computeUnits,
      try device.handle.bufferBytesMax() / StageWavefront.pathBytes)
    generate = try program.kernel("stage_generate")
    closest = try program.kernel("stage_closest")
    seeThrough = try program.kernel("stage_see_through")
    shade = try shading.kernel("stage_shade")
    shadow = try program.kernel("stage_shadow")
    accumulate = try program.kernel("stage_accumulate")
    state = try device.makeBuffer(byteCount: StageWavefront.pathBytes * launchPathsMax)
    launch = try device.makeBuffer(byteCount: MemoryLayout<DeviceLaunch>.stride)
    counts = try device.makeBuffer(byteCount: 0)
    pathSums = try device.makeBuffer(byteCount: 0)
    pathPoints = try device.makeBuffer(byteCount: 0)
  }

  func load(_ scene: SceneBuffers) throws(DeviceError) {
    let suffix = scene.features & FLAG_CUTOUT == 0 ? "" : "_cutouts"
    closest = try program.kernel("stage_closest" + suffix)
    shadow = try program.kernel("stage_shadow" + suffix)
    for kernel in [generate, closest, seeThrough, shade, shadow] { try kernel.set(scene) }
    hasBacks = scene.features & FLAG_SINGLE_SIDED != 0
  }

  func unload() {
    for kernel in [generate, closest, seeThrough, shade, shadow, accumulate] { kernel.forgetBuffers() }
  }

  func begin(_ job: PathJob) throws(DeviceError) {
    settings = job.settings
    let countsBytes = 4 * countsCount(job.settings)
    if counts.byteCount < countsBytes { counts = try device.makeBuffer(byteCount: countsBytes) }
    if job.notedCount > 0, pathSums.byteCount < 8 * LayerSums.sumCount * launchPathsMax {
      pathSums = try device.makeBuffer(byteCount: 8 * LayerSums.sumCount * launchPathsMax)
      pathPoints = try device.makeBuffer(byteCount: 4 * LayerSums.pointWords * launchPathsMax)
    }
    let scene = OpenCLKernel.sceneArgumentCount
    for (kernel, at) in [(generate, scene), (shade, scene), (accumulate, 0)] {
      try kernel.set(at, launch)
      try kernel.set(at + 1, job.pixels)
    }
    for (kernel, at) in [
      (generate, scene + 3), (closest, scene), (seeThrough, scene), (shade, scene + 3), (shadow, scene),
      (accumulate, 3),
    ] {
      try kernel.set(at, state)
      try kernel.set(at + 1, UInt32(launchPathsMax))
      try kernel.set(at + 2, counts)
    }
    for (kernel, at) in [(generate, scene + 6), (shade, scene + 8), (accumulate, 6)] {
      try kernel.set(at, pathSums)
      try kernel.set(at + 1, pathPoints)
    }
    let sums = [job.rgba, job.work, job.layerSums, job.layerPoints]
    for (index, buffer) in sums.enumerated() { try accumulate.set(8 + index, buffer) }
  }

  func run(_ part: LaunchPart) throws(DeviceError) {
    guard let settings else { preconditionFailure("begin(_:) comes first") }
    let count = part.pixels.count * part.samples.count
    var zeros = [UInt32](repeating: 0, count: countsCount(settings))
    zeros[0] = UInt32(count)
    try device.write(zeros, to: counts)
    try device.write([part.launch(settings)], to: launch)
    let scene = OpenCLKernel.sceneArgumentCount
    for (kernel, at) in [(generate, scene + 2), (shade, scene + 2), (accumulate, 2)] {
      try kernel.set(at, UInt32(part.pixels.lowerBound))
    }
    try enqueue(generate, count)
    for bounce in 0...settings.maxDepth {
      try enqueueBounce(bounce, count: count, passedCount: countsCount(settings) - 1)
      let left = 2 * bounce + 2
      if bounce % StageWavefront.lookBounces == StageWavefront.lookBounces - 1, try self.count(left) == 0 {
        break
      }
    }
    try enqueue(accumulate, part.pixels.count)
    try device.finish()
  }

  /// One bounce of at most `count` paths.
  private func enqueueBounce(_ bounce: Int, count: Int, passedCount: Int) throws(DeviceError) {
    let scene = OpenCLKernel.sceneArgumentCount
    let paths = bounce % 2 == 0 ? 0 : UInt32(STAGE_PATH_ROWS)
    try closest.set(scene + 3, paths)
    try closest.set(scene + 4, UInt32(2 * bounce))
    try closest.set(scene + 5, 0)
    try enqueue(closest, count)
    if bounce == 0, hasBacks { try seeThroughBacks(count: count, passedCount: passedCount) }
    try shade.set(scene + 6, paths)
    try shade.set(scene + 7, UInt32(bounce))
    try enqueue(shade, count)
    try shadow.set(scene + 3, UInt32(2 * bounce + 1))
    try enqueue(shadow, count)
  }

  /// Sends camera rays on, as often as needed, that met the back of a single-sided surface.
  private func seeThroughBacks(count: Int, passedCount: Int) throws(DeviceError) {
    let scene = OpenCLKernel.sceneArgumentCount
    try seeThrough.set(scene + 3, UInt32(passedCount))
    try closest.set(scene + 5, 1)
    var before: UInt32 = 0
    for _ in 0..<SEE_THROUGH_MAX {
      try enqueue(seeThrough, count)
      let passed = try self.count(passedCount)
      if passed == before { break }
      before = passed
      try enqueue(closest, count)
    }
  }

  /// A launch's counts: two for every bounce and one bounce more, and one of rays that passed surfaces.
  private func countsCount(_ settings: RenderSettings) -> Int { 2 * (settings.maxDepth + 2) + 1 }

  private func count(_ index: Int) throws(DeviceError) -> UInt32 {
    try device.read(counts, count: index + 1, as: UInt32.self)[index]
  }

  private func enqueue(_ kernel: OpenCLKernel, _ workItems: Int) throws(DeviceError) {
    try device.enqueue(
      kernel, groupCount: (workItems + groupSize - 1) / groupSize, groupSize: groupSize)
  }
}
