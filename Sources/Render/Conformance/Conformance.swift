import Cryptography

/// Whether a device computes what the release says: every operation that the kernels use, and small renders
/// through every code path. Only a device that passes may render for money.
public enum Conformance {
  /// What a device computed otherwise.
  public struct Failure: Hashable, Sendable, Codable {
    /// "operation" or "render".
    public var kind: String
    /// The operation's or the scene's name.
    public var name: String
    /// Lanes at which it failed.
    public var laneWidth: Int
  }

  /// Whether a check takes seconds, or two minutes at most: not a simulator's, which takes four.
  public static func isQuick(on device: DeviceInfo) -> Bool { !device.isSimulator }

  /// What a pass means, for people.
  public static let summary =
    "\(ConformanceOperation.all.count) operations, \(CanonicalScene.all.count) renders"

  /// What the kernels of a device are checked with: one lane, and as many as it renders with.
  static func laneWidths(_ device: OpenCLDevice) throws(DeviceError) -> [Int] {
    let own = try device.preferredLanes()
    return own == 1 ? [1] : [1, own]
  }

  /// Everything that `device` computes otherwise than the release; empty is good, and noted for `hasPassed`.
  /// - Throws: `DeviceError` when it does not even compile or run the kernels.
  public static func failures(_ device: DeviceInfo) throws -> [Failure] {
    let opened = try OpenCLDevice(device)
    let failures = try failures(opened, laneWidths: laneWidths(opened))
    if failures.isEmpty { ProgramCache.standard.store(pass, for: passKey(device)) }
    return failures
  }

  /// The same at the given lane widths, against the given digests.
  package static func failures(
    _ device: OpenCLDevice, laneWidths: [Int], release: ConformanceDigests = .release
  ) throws -> [Failure] {
    let inputs = ConformanceInputs()
    var failures: [Failure] = []
    for width in laneWidths {
      let found = try digests(device, laneWidth: width, inputs: inputs)
      failures += differences("operation", found.operations, release.operations, width)
      failures += differences("render", found.renders, release.renders, width)
    }
    return failures
  }

  /// What the device computes at that lane width.
  package static func digests(
    _ device: OpenCLDevice, laneWidth: Int, inputs: ConformanceInputs
  ) throws -> ConformanceDigests {
    var digests = ConformanceDigests()
    digests.operations = try OperationCheck(device: device, laneWidth: laneWidth).digests(of: inputs)
    digests.renders = try renders(TileRenderer(opened: device, laneWidth: laneWidth))
    return digests
  }

  /// The canonical renders' digests, by name: those that the renderer's kernels have the features for.
  private static func renders(_ renderer: TileRenderer) throws -> [String: Digest] {
    var digests: [String: Digest] = [:]
    for canonical in CanonicalScene.all {
      let scene = try canonical.deviceScene()
      guard renderer.covers(scene) else { continue }
      try renderer.load(scene)
      let settings = canonical.settings
      let sums = try renderer.render(
        rect: settings.wholeImage, samples: 0..<settings.samplesPerPixel, settings: settings)
      digests[canonical.name] = CanonicalScene.digest(sums)
    }
    return digests
  }

  /// Features, `needed` among them, each of which is in a canonical render that needs no others: kernels that
  /// have them can be checked as those for all scenes are. `TileRenderer.allFeatures` where it comes to all.
  package static func checkable(_ needed: Int32) throws -> Int32 {
    let canonical = try CanonicalScene.all.map { try $0.deviceScene().header.features }
    var features: Int32 = 0
    for own in canonical.sorted(by: { $0.nonzeroBitCount < $1.nonzeroBitCount })
    where own & needed & ~features != 0 {
      features |= own
    }
    return features == canonical.reduce(0, |) ? TileRenderer.allFeatures : features
  }

  /// The canonical renders that the renderer has the features for and computes otherwise than the release. It
  /// holds another scene afterwards.
  static func failures(_ renderer: TileRenderer, release: ConformanceDigests) throws -> [Failure] {
    differences("render", try renders(renderer), release.renders, renderer.laneWidth)
  }

  private static func differences(
    _ kind: String, _ found: [String: Digest], _ expected: [String: Digest], _ laneWidth: Int
  ) -> [Failure] {
    found.keys.sorted().filter { found[$0] != expected[$0] }
      .map { Failure(kind: kind, name: $0, laneWidth: laneWidth) }
  }

  /// The text of conformance.txt as this device would have it.
  public static func digestsText(_ device: DeviceInfo) throws -> String {
    try digests(try OpenCLDevice(device), laneWidth: 1, inputs: ConformanceInputs()).text
  }

  /// Passes at once when this device, with this driver and these kernels, passed before; otherwise checks.
  /// - Throws: `ConformanceError` when the device fails.
  public static func requirePassed(_ device: DeviceInfo) throws {
    if hasPassed(device) { return }
    let failures = try failures(device)
    guard failures.isEmpty else { throw ConformanceError(device: device, failures: failures) }
  }

  /// Whether this device, with this driver and these kernels, passed before. Then its kernels for all scenes
  /// have been compiled, too.
  public static func hasPassed(_ device: DeviceInfo) -> Bool {
    ProgramCache.standard.binary(for: passKey(device)) == pass
  }

  /// Checks the device unless it passed before, and launches the kernels once: what a driver compiles, links
  /// and keeps for them is there then for processes that may do neither.
  /// - Returns: whether it was kept. Nothing is done for a simulator: it compiles nothing.
  /// - Throws: `ConformanceError` when the device fails.
  public static func rehearse(_ device: DeviceInfo) throws -> Bool {
    guard isQuick(on: device), let scene = CanonicalScene.all.first else { return true }
    try requirePassed(device)
    func launch() throws -> TileRenderer {
      let renderer = try TileRenderer(device: device)
      try renderer.load(try scene.deviceScene())
      _ = try renderer.render(pixels: [(x: 0, y: 0)], samples: 0..<1, settings: scene.settings)
      return renderer
    }
    // What was kept is launched as well: that may be another program to the driver.
    if try launch().keepKernels() { _ = try launch() }
    return hasPassed(device)
  }

  private static let pass = Array("passed".utf8)

  private static func passKey(_ device: DeviceInfo) -> Digest {
    var writer = CanonicalWriter(type: "conformance")
    for text in [device.platform, device.name, device.driver] { writer.write(text) }
    writer.write(KernelSources.kernelSet)
    writer.write(ConformanceDigests.release.digest)
    return Digest(of: writer.bytes)
  }
}

/// A device that computes other bits than the release.
public struct ConformanceError: Error, Hashable, Sendable {
  /// Which.
  public var device: DeviceInfo
  /// What it got wrong; not empty.
  public var failures: [Conformance.Failure]

  /// All fields, in the order of their declaration.
  public init(device: DeviceInfo, failures: [Conformance.Failure]) {
    self.device = device
    self.failures = failures
  }
}

extension ConformanceError: CustomStringConvertible {
  /// What fails and what to do.
  public var description: String {
    let names = failures.prefix(3).map(\.description).joined(separator: "; ")
    let more = failures.count > 3 ? "; and \(failures.count - 3) more" : ""
    return "\(device.name) (\(device.id)) computes other bits than every other device: \(names)\(more); "
      + "update its driver, or use another device"
  }
}

extension Conformance.Failure: CustomStringConvertible {
  /// "operation 'fma' at 8 lanes".
  public var description: String { "\(kind) '\(name)' at \(laneWidth) lane\(laneWidth == 1 ? "" : "s")" }
}
