import Imaging

/// Renders with kernels for all scenes, and goes over to kernels for scenes like the one at hand once that
/// has proved to be long work: on a graphics processor these are faster by 7 to 24 %, and take a driver
/// seconds to compile. The bits are the same. Not thread-safe: one a thread.
public final class FittingRenderer {
  /// The one that it began with.
  public let whole: TileRenderer
  /// With which the next tile is rendered, unless it is time to go over.
  package private(set) var current: TileRenderer

  private var fitted: TileRenderer?
  /// What the loaded scene needs.
  private var needed: Int32 = 0
  /// Rays that `whole` may still trace; nil where it stays for good.
  private var raysLeft: Int64?
  private let raysBefore: Int64
  private let release: ConformanceDigests
  private let note: (String) -> Void

  /// Ten seconds of the fastest device's work, more of others': in as many again, other kernels save the two
  /// that a driver takes to compile them.
  private static let patienceRays: Int64 = 20_000_000_000

  /// Begins with that renderer. It stays for good where `fits` is false, or leaving it would not pay. `note`
  /// takes what an owner should know.
  public convenience init(_ whole: TileRenderer, fits: Bool = true, note: @escaping (String) -> Void) {
    let leaves = fits && FittingRenderer.pays(on: whole.device, features: whole.features)
    self.init(whole, raysBefore: leaves ? FittingRenderer.patienceRays : nil, note: note)
  }

  /// Whether to leave kernels with these features: not on a processor, where it brings some 3 %, and not
  /// those that were made for few scenes.
  package static func pays(on device: DeviceInfo, features: Int32) -> Bool {
    !device.isCPU && features == TileRenderer.allFeatures
  }

  /// `raysBefore`: that `whole` traces before it is left; nil: it never is. `release`: what kernels are
  /// checked against before they are used.
  package init(
    _ whole: TileRenderer, raysBefore: Int64?, release: ConformanceDigests = .release,
    note: @escaping (String) -> Void
  ) {
    self.whole = whole
    current = whole
    self.raysBefore = raysBefore ?? 0
    self.release = release
    self.note = note
    raysLeft = raysBefore
  }

  /// Takes the scene to the device. A scene too deep or too large for it is refused.
  public func load(_ scene: DeviceScene) throws(DeviceError) {
    needed = scene.header.features
    current.unload()
    current = whole
    if let fitted, fitted.covers(scene) { current = fitted }
    try current.load(scene)
  }

  /// Lets go of the scene's memory; the kernels stay.
  public func unload() { current.unload() }

  /// As `TileRenderer.render(rect:samples:settings:)`.
  public func render(
    rect: TileRect, samples: Range<Int>, settings: RenderSettings
  ) throws(DeviceError) -> SampleSums {
    fit()
    let sums = try current.render(rect: rect, samples: samples, settings: settings)
    count(sums.work)
    return sums
  }

  /// As `TileRenderer.render(pixels:samples:settings:)`.
  public func render(
    pixels: [(x: Int, y: Int)], samples: Range<Int>, settings: RenderSettings
  ) throws(DeviceError) -> (rgba: [Int64], work: [UInt32], layers: LayerSums?) {
    fit()
    let sums = try current.render(pixels: pixels, samples: samples, settings: settings)
    count(sums.work)
    return sums
  }

  private func count(_ work: [UInt32]) {
    guard current === whole, let left = raysLeft else { return }
    raysLeft = left - work.reduce(0) { $0 + Int64($1) }
  }

  /// Goes over to fitted kernels when it is time, if they pass the check. If they do not, or cannot be made,
  /// the device still has those that did.
  private func fit() {
    guard current === whole, let left = raysLeft, left <= 0 else { return }
    raysLeft = raysBefore
    do {
      let features = try Conformance.checkable(needed)
      guard features != TileRenderer.allFeatures else { return }
      let made = try whole.sibling(features: features)
      let failures = try Conformance.failures(made, release: release)
      guard failures.isEmpty else { throw ConformanceError(device: whole.device, failures: failures) }
      try made.takeScene(of: whole)
      fitted = made
      current = made
    } catch {
      raysLeft = nil
      note("kernels for this scene alone are not used, those for all scenes are: \(error)")
    }
  }
}
