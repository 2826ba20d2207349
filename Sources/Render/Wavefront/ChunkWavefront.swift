import Kernels

/// Follows paths on a processor: one long work-item a core takes chunk after chunk of paths, each of which
/// stays in its cache from the camera to the sums (wavefront.cl).
final class ChunkWavefront: PathWavefront {
  let launchPathsMax = 1 << 20
  let launchSamplesMax = ChunkWavefront.chunkPaths

  private let device: OpenCLDevice
  private let kernel: OpenCLKernel
  private let scratch: OpenCLBuffer
  private let nextChunk: OpenCLBuffer
  private let launch: OpenCLBuffer
  private var settings: RenderSettings?

  /// More work-items than cores: a scheduler may give several at once to the first core.
  private var workItems: Int { 2 * device.info.computeUnits }

  // wavefront.cl has the same numbers.
  /// Paths of a chunk: at least as many as the samples that one launch takes of a pixel.
  private static let chunkPaths = 8192
  /// Bytes a work-item: 35 rows of a chunk's floats, each with room for a wide store.
  private static let scratchBytes = 35 * (chunkPaths + 64) * 4
  /// What is timed, in the order of the 64-bit sums at the end of a work-item's memory.
  private static let stages = ["generate", "closest", "shade", "shadow", "sort", "accumulate"]
  /// 64-bit words that these sums are the first of.
  private static let stageWords = 16

  /// `counting`: the program counts cycles by stage.
  init(_ device: OpenCLDevice, program: OpenCLProgram, counting: Bool) throws(DeviceError) {
    self.device = device
    kernel = try program.kernel("render_wavefront")
    let scratchBytes = ChunkWavefront.scratchBytes * 2 * device.info.computeUnits
    scratch =
      counting
      ? try device.makeZeroBuffer(byteCount: scratchBytes) : try device.makeBuffer(byteCount: scratchBytes)
    nextChunk = try device.makeBuffer([UInt32(0)])
    launch = try device.makeBuffer(byteCount: MemoryLayout<DeviceLaunch>.stride)
  }

  func load(_ scene: SceneBuffers) throws(DeviceError) { try kernel.set(scene) }

  func unload() { kernel.forgetBuffers() }

  func begin(_ job: PathJob) throws(DeviceError) {
    settings = job.settings
    let next = OpenCLKernel.sceneArgumentCount
    try kernel.set(next, launch)
    try kernel.set(next + 1, job.pixels)
    try kernel.set(next + 4, nextChunk)
    try kernel.set(next + 5, scratch)
    let sums = [job.rgba, job.work, job.layerSums, job.layerPoints]
    for (index, buffer) in sums.enumerated() { try kernel.set(next + 6 + index, buffer) }
  }

  func run(_ part: LaunchPart) throws(DeviceError) {
    guard let settings else { preconditionFailure("begin(_:) comes first") }
    // Whole pixels a chunk; small jobs are cut finer so that every core gets some.
    let fitting = ChunkWavefront.chunkPaths / part.samples.count
    let fair = (part.pixels.count + 2 * workItems - 1) / (2 * workItems)
    let next = OpenCLKernel.sceneArgumentCount
    try device.write([part.launch(settings)], to: launch)
    try device.write([UInt32(0)], to: nextChunk)
    try kernel.set(next + 2, UInt32(part.pixels.lowerBound))
    try kernel.set(next + 3, UInt32(max(1, min(fitting, fair))))
    try device.run(kernel, groupCount: workItems, groupSize: 1)
  }

  /// The processor's cycles by stage since this was made, all work-items together.
  func stageCycles() throws(DeviceError) -> [(stage: String, cycles: UInt64)] {
    let words = ChunkWavefront.scratchBytes / 8
    let values = try device.read(scratch, count: words * workItems, as: UInt64.self)
    return ChunkWavefront.stages.enumerated().map { index, stage in
      let places = stride(from: words - ChunkWavefront.stageWords + index, to: values.count, by: words)
      return (stage, places.reduce(0) { $0 + values[$1] })
    }
  }
}
