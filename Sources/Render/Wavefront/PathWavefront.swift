import Imaging

/// Follows the paths of launches on one device, with one scene.
protocol PathWavefront: AnyObject {
  /// Most paths of a launch: a fraction of a second, so that cancelling is quick and no driver's watchdog
  /// bites; also most samples of a pixel in it.
  var launchPathsMax: Int { get }
  var launchSamplesMax: Int { get }

  /// Takes the scene to the device. A scene too deep or too large for it is refused.
  func load(_ scene: DeviceScene) throws(DeviceError)

  /// Sets what all launches of a render have in common.
  func begin(_ job: PathJob) throws(DeviceError)

  /// Adds the part's samples to the job's sums, and waits until that is done.
  func run(_ part: LaunchPart) throws(DeviceError)
}

/// One render of listed pixels, and its memory on the device.
struct PathJob {
  /// What is rendered, and how.
  let settings: RenderSettings
  /// How many pixels are listed.
  let pixelCount: Int
  /// The list: x | y << 16.
  let pixels: OpenCLBuffer
  /// 4 sums a pixel: red, green, blue, alpha; units of 2^-30.
  let rgba: OpenCLBuffer
  /// Rays traced for each pixel.
  let work: OpenCLBuffer
  /// Pixels that layers are noted of: all or none.
  let notedCount: Int
  /// `LayerSums.sumCount` sums of each.
  let layerSums: OpenCLBuffer
  /// `LayerSums.pointWords` words of each.
  let layerPoints: OpenCLBuffer

  /// Memory for `list` on the device, all sums 0.
  init(_ list: [UInt32], settings: RenderSettings, on device: OpenCLDevice) throws(DeviceError) {
    self.settings = settings
    pixelCount = list.count
    pixels = try device.makeBuffer(list)
    rgba = try device.makeZeroBuffer(byteCount: 4 * 8 * list.count)
    work = try device.makeZeroBuffer(byteCount: 4 * list.count)
    notedCount = settings.layers.needsHits ? list.count : 0
    layerSums = try device.makeZeroBuffer(byteCount: 8 * LayerSums.sumCount * notedCount)
    layerPoints = try device.makeZeroBuffer(byteCount: 4 * LayerSums.pointWords * notedCount)
  }

  /// The sums as they are now.
  func read(
    from device: OpenCLDevice
  ) throws(DeviceError) -> (rgba: [Int64], work: [UInt32], layers: LayerSums?) {
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
