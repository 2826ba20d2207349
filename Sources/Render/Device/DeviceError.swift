/// What can go wrong between us and a device.
public enum DeviceError: Error, Hashable, Sendable {
  /// No OpenCL device on this machine that we would choose.
  case noDevice
  /// No device of that id; `known` are those there are.
  case unknownDevice(id: String, known: [String])
  /// An OpenCL call failed; `code` as cl.h has it.
  case call(name: String, code: Int32)
  /// The kernels do not compile on that device.
  case build(device: String, log: String)
  /// Something needs more than the device or the kernels can do.
  case tooLarge(what: String, need: Int, limit: Int)
  /// `render` came before `load`.
  case noScene
  /// The surrounding task was cancelled between two launches.
  case cancelled
}

extension DeviceError: CustomStringConvertible {
  /// What, where and what to do.
  public var description: String {
    switch self {
    case .noDevice:
      "no OpenCL device found; install a GPU driver with OpenCL, or for the processor: "
        + "apt-get install pocl-opencl-icd"
    case .unknownDevice(let id, let known):
      "no OpenCL device '\(id)'; there are: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    case .call(let name, let code):
      "\(name) failed with \(code) (\(DeviceError.meaning(of: code))); "
        + "check the device with 'render devices'"
    case .build(let device, let log):
      "the kernels do not compile on \(device); update its driver. Its compiler says:\n\(log)"
    case .tooLarge(let what, let need, let limit):
      "\(what): \(need) needed, \(limit) possible on this device"
    case .noScene: "no scene is loaded on the device"
    case .cancelled: "rendering was cancelled"
    }
  }

  /// The name in cl.h of the codes that users meet.
  private static func meaning(of code: Int32) -> String {
    switch code {
    case -1: "CL_DEVICE_NOT_FOUND"
    case -2: "CL_DEVICE_NOT_AVAILABLE"
    case -3: "CL_COMPILER_NOT_AVAILABLE"
    case -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE: the device's memory is full"
    case -5: "CL_OUT_OF_RESOURCES"
    case -6: "CL_OUT_OF_HOST_MEMORY"
    case -9: "the driver reset the device"
    case -11: "CL_BUILD_PROGRAM_FAILURE"
    case -42: "CL_INVALID_BINARY"
    case -46: "CL_INVALID_KERNEL_NAME"
    case -52: "CL_INVALID_KERNEL_ARGS"
    case -54: "CL_INVALID_WORK_GROUP_SIZE"
    case -61: "CL_INVALID_BUFFER_SIZE"
    case -1001: "no OpenCL platform is installed"
    default: "see cl.h"
    }
  }
}
