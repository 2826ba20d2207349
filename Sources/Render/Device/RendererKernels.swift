import Cryptography

/// A renderer's kernels as its device's driver compiles them: one program for many lanes; for one lane two,
/// because shading is half of all there is to compile, and another process can have that half compiled.
package struct RendererKernels {
  /// Half of the kernels of one lane.
  package enum Half: Int { case shading, others }

  /// Paths that a work-item follows at once: 1, 8 or 16.
  package let laneWidth: Int
  /// Names of the programs: of one, or of the halves.
  package var keys: [Digest] { sources.map(\.key) }
  private let sources: [ProgramSource]
  private let device: DeviceInfo

  /// Kernels for all scenes.
  package static let allFeatures: Int32 = -1

  /// Of a device that need not be open. `laneWidth`: without it, what suits the device; the others as
  /// `TileRenderer.init(opened:laneWidth:features:defines:)`.
  package init(
    _ device: DeviceInfo, laneWidth: Int? = nil, features: Int32 = allFeatures, defines: [String] = []
  ) throws(DeviceError) {
    try self.init(OpenCL.handle(of: device), laneWidth: laneWidth, features: features, defines: defines)
  }

  init(
    _ handle: OpenCL.Handle, laneWidth: Int?, features: Int32, defines more: [String]
  ) throws(DeviceError) {
    device = try handle.info()
    let preferred = try handle.preferredLanes()
    let lanes = laneWidth ?? preferred
    precondition([1, 8, 16].contains(lanes), "no lane width \(lanes)")
    self.laneWidth = lanes
    var defines = ["W=\(lanes)"]
    if lanes == 1 { defines.append("WORK_GROUP=\(StageWavefront.groupSize(device))") }
    // PoCL's compiler takes a sixth of a second to read the header of all built-ins (this is its guard); the
    // kernels declare theirs themselves.
    if device.isPoCL { defines += ["_OPENCL_H_", "DECLARE_BUILTINS"] }
    if features != RendererKernels.allFeatures { defines.append("FEATURES=\(features)") }
    defines += more
    var sources: [ProgramSource] = []
    for text in lanes == 1 ? KernelSources.halves : [KernelSources.text] {
      sources.append(try ProgramSource(text, defines: defines, for: handle))
    }
    self.sources = sources
  }

  /// Whether they are there sooner if two processes have a half compiled each: none is in the cache, and the
  /// driver is a graphics processor's, which does one thing at a time in a process.
  package var isWorthHalving: Bool {
    !device.isCPU && sources.count > 1 && !sources.contains { ProgramCache.standard.contains($0.key) }
  }

  /// Compiles one half of two, or the one program that there is instead, and leaves it in the cache.
  package func compile(
    _ half: Half, on opened: OpenCLDevice, cache: ProgramCache = .standard
  ) throws(DeviceError) {
    _ = try OpenCLProgram(opened, sources[sources.count == 1 ? 0 : half.rawValue], cache: cache, stores: true)
  }

  /// Compiles what is not in the cache.
  func programs(on opened: OpenCLDevice) throws(DeviceError) -> [OpenCLProgram] {
    var programs: [OpenCLProgram] = []
    for source in sources { programs.append(try OpenCLProgram(opened, source)) }
    return programs
  }
}
