/// How fast a device renders: rays a second on a scene of the release's own, so that a worker's first leases
/// have a size before any tile is back.
public enum DeviceBenchmark {
  /// What is measured takes at least so long, or its clock would be measured.
  private static let leastS = 0.5
  /// Samples of a pixel in one go, at most: a device that is faster than that is fast enough.
  private static let samplesMax = 1 << 14

  /// Rays a second, at least 1, of deep diffuse paths between a few walls. Takes a second or two. The
  /// renderer holds another scene afterwards.
  /// - Throws: `DeviceError` when the device fails.
  public static func raysPerS(_ renderer: TileRenderer) throws -> UInt64 {
    let scene = CanonicalScene.all[0]
    try renderer.load(try scene.deviceScene())
    var settings = scene.settings
    var samples = 16
    while true {
      settings.samplesPerPixel = samples
      let clock = ContinuousClock()
      let start = clock.now
      let sums = try renderer.render(rect: settings.wholeImage, samples: 0..<samples, settings: settings)
      let elapsed = (clock.now - start).components
      let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      if seconds >= leastS || samples >= samplesMax {
        let rays = sums.work.reduce(0.0) { $0 + Double($1) }
        return UInt64(max(1, (rays / max(seconds, 1e-6)).rounded()))
      }
      samples = min(samplesMax, samples * max(2, Int(leastS / max(seconds, 1e-3)) + 1))
    }
  }
}
