import Foundation
import Render
import Terminal

/// A process of this program that has the kernels for shading compiled while this one has the others: drivers
/// of graphics processors compile one thing at a time in a process, and take as long for these as for all
/// others.
struct ShadingCompiler {
  private let process: Process
  private let ended = DispatchSemaphore(value: 0)

  /// Starts it for that device and those features.
  init(_ device: DeviceInfo, features: Int32) throws {
    process = try Process.ofThisProgram(
      [compileShadingCommand.name, "--device", device.id, "--features", "\(features)"])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.terminationHandler = { [ended] _ in ended.signal() }
    try process.run()
  }

  /// Waits for its end. If it failed, the kernels are not in the cache, and whoever wants them has them
  /// compiled and hears why.
  func wait() {
    ended.wait()
    ended.signal()  // for whoever waits again
  }
}

/// `render compile-shading`: half of a renderer's kernels, for the process that started it.
let compileShadingCommand = Command(
  "compile-shading", "Compiles the kernels for shading for the process that started it.",
  flags: [
    .value("--device", "ID", "OpenCL device"),
    .value("--features", "N", "what they must be able to do"),
  ], hidden: true
) { arguments in
  let device = try DeviceCatalog.choose(id: try required(arguments, "--device"))
  let features: Int32 = try arguments.integer(
    "--features", in: Int32.min...Int32.max, default: RendererKernels.allFeatures)
  let kernels = try RendererKernels(device, features: features)
  try kernels.compile(.shading, on: try OpenCLDevice(device))
  return .done
}
