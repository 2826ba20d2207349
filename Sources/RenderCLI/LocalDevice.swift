import Imaging
import Render
import Terminal

/// A device of this machine, and its renderer. An actor: a driver takes seconds to open it and to compile, in
/// which a scene can be read and prepared.
actor LocalDevice {
  /// What it is.
  nonisolated let info: DeviceInfo

  private let isCounting: Bool
  private var opened: OpenCLDevice?
  private var renderer: FittingRenderer?

  /// The device of that id, or the preferred one. `isCounting`: cycles by stage.
  init(id: String?, isCounting: Bool) throws {
    info = try DeviceCatalog.choose(id: id)
    self.isCounting = isCounting
    // For good: a driver takes as long to take a device apart as to render a small frame, and the system does
    // it when the program ends.
    _ = Unmanaged.passRetained(self)
  }

  /// Sees to kernels that have these features: those for all scenes where a check has left them compiled;
  /// else, because a first frame should come soon, with no others than scenes so far have needed.
  func prepareKernels(features: Int32) throws {
    let known = renderer?.whole.features ?? 0
    guard renderer == nil || features & ~known != 0 else { return }
    let wanted = Conformance.hasPassed(info) ? TileRenderer.allFeatures : known | features
    let kernels = try RendererKernels(info, features: wanted)
    if isCounting, kernels.laneWidth == 1 {
      throw CommandFailure.usage(
        "--cycles: \(info.id) does not work stage by stage", remedy: "give --device a processor")
    }
    // Where it cannot be started, the kernels are compiled here.
    let shading = kernels.isWorthHalving ? try? ShadingCompiler(info, features: wanted) : nil
    let device = try open(beside: shading)
    if let shading {
      try kernels.compile(.others, on: device)
      shading.wait()
    }
    let first = try TileRenderer(
      opened: device, features: wanted, defines: isCounting ? ["STAGE_CYCLES"] : [])
    renderer = FittingRenderer(first) { Console.notes.line($0) }
  }

  /// Some graphics processors are set to take one process at a time: if the other one was sooner, this is
  /// tried again after it.
  private func open(beside other: ShadingCompiler?) throws -> OpenCLDevice {
    if let opened { return opened }
    let device: OpenCLDevice
    do {
      device = try OpenCLDevice(info)
    } catch {
      guard let other else { throw error }
      other.wait()
      device = try OpenCLDevice(info)
    }
    opened = device
    return device
  }

  /// Takes the scene to the device.
  func load(_ scene: DeviceScene) throws {
    try prepareKernels(features: scene.header.features)
    try renderer?.load(scene)
  }

  /// As `TileRenderer.render(rect:samples:settings:)`, of the scene that was loaded.
  func render(rect: TileRect, samples: Range<Int>, settings: RenderSettings) throws -> SampleSums {
    guard let renderer else { throw DeviceError.noScene }
    return try renderer.render(rect: rect, samples: samples, settings: settings)
  }

  /// The processor's cycles by stage in all renders so far; nil unless it counts them.
  func stageCycles() throws -> [String: UInt64]? {
    guard isCounting, let cycles = try renderer?.whole.stageCycles() else { return nil }
    return Dictionary(uniqueKeysWithValues: cycles.map { ($0.stage, $0.cycles) })
  }
}
