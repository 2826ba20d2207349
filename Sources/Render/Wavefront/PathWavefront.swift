import Imaging

/// Follows the paths of launches on one device, with one scene.
protocol PathWavefront: AnyObject {
  /// Most paths of a launch: a fraction of a second, so that cancelling is quick and no driver's watchdog
  /// bites; also most samples of a pixel in it.
  var launchPathsMax: Int { get }
  var launchSamplesMax: Int { get }

  /// Renders this scene from here on.
  func load(_ scene: SceneBuffers) throws(DeviceError)

  /// Lets go of the scene's memory, and of what renders had.
  func unload()

  /// Sets what all launches of a render have in common.
  func begin(_ job: PathJob) throws(DeviceError)

  /// Adds the part's samples to the job's sums, and waits until that is done.
  func run(_ part: LaunchPart) throws(DeviceError)
}

/// Memory on the device for renders of listed pixels, one after another.
final class PathJob {
  /// What is rendered, and how.
  private(set) var settings: RenderSettings
  /// How many pixels are listed.
  private(set) var pixelCount = 0
  /// Pixels that layers are noted of: all or none.
  private(set) var notedCount = 0

  /// The list: x | y << 16.
  let pixels: OpenCLBuffer
  /// 4 sums a pixel: red, green, blue, alpha; units of 2^-30.
  let rgba: OpenCLBuffer
  /// Rays traced for each pixel.
  let work: OpenCLBuffer
  /// `LayerSums.sumCount` sums of each noted pixel.
  let layerSums: OpenCLBuffer
  /// `LayerSums.pointWords` words of each.
  let layerPoints: OpenCLBuffer

  private let device: OpenCLDevice
  private let capacity: Int
  private let notedCapacity: Int

  private static let rgbaBytes = 4 * MemoryLayout<Int64>.size
  private static let workBytes = MemoryLayout<UInt32>.size
  private static let sumBytes = LayerSums.sumCount * MemoryLayout<Int64>.size
  private static let pointBytes = LayerSums.pointWords * MemoryLayout<UInt32>.size

  /// Room for renders like this one, and this one begun.
  init(_ list: [UInt32], settings: RenderSettings, on device: OpenCLDevice) throws(DeviceError) {
    self.device = device
    self.settings = settings
    capacity = list.count
    notedCapacity = settings.layers.needsHits ? list.count : 0
    pixels = try device.makeBuffer(byteCount: MemoryLayout<UInt32>.size * capacity)
    rgba = try device.makeBuffer(byteCount: PathJob.rgbaBytes * capacity)
    work = try device.makeBuffer(byteCount: PathJob.workBytes * capacity)
    layerSums = try device.makeBuffer(byteCount: PathJob.sumBytes * notedCapacity)
    layerPoints = try device.makeBuffer(byteCount: PathJob.pointBytes * notedCapacity)
    try begin(list, settings: settings)
  }

  /// Whether there is room for that render.
  func fits(_ list: [UInt32], settings: RenderSettings) -> Bool {
    list.count <= capacity && (!settings.layers.needsHits || list.count <= notedCapacity)
  }

  /// Sets the list, and all sums to 0.
  func begin(_ list: [UInt32], settings: RenderSettings) throws(DeviceError) {
    self.settings = settings
    pixelCount = list.count
    notedCount = settings.layers.needsHits ? list.count : 0
    try device.write(list, to: pixels)
    try device.fillZero(rgba, byteCount: PathJob.rgbaBytes * pixelCount)
    try device.fillZero(work, byteCount: PathJob.workBytes * pixelCount)
    try device.fillZero(layerSums, byteCount: PathJob.sumBytes * notedCount)
    try device.fillZero(layerPoints, byteCount: PathJob.pointBytes * notedCount)
  }

  /// The sums as they are now.
  func sums() throws(DeviceError) -> (rgba: [Int64], work: [UInt32], layers: LayerSums?) {
    let layers =
      notedCount == 0
      ? nil
      : LayerSums(
        sums: try device.read(layerSums, count: LayerSums.sumCount * notedCount, as: Int64.self),
        points: try device.read(layerPoints, count: LayerSums.pointWords * notedCount, as: UInt32.self))
    return (
      try device.read(rgba, count: 4 * pixelCount, as: Int64.self),
      try device.read(work, count: pixelCount, as: UInt32.self), layers
    )
  }
}
