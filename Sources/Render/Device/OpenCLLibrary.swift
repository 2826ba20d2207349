import COpenCL
import Foundation

extension OpenCLDevice {
  /// The first device of an OpenCL implementation that the loader does not know: `path` is its library, as an
  /// .icd file would name it. For tests against a second implementation, without touching the system.
  package convenience init(library path: String) throws(DeviceError) {
    try self.init(try OpenCLLibrary.device(of: path))
  }
}

/// Loads an implementation past the loader (cl_khr_icd: the loader's functions work on any object that an
/// implementation made, because each object carries its implementation's table of functions).
private enum OpenCLLibrary {
  private typealias FindFunction = @convention(c) (UnsafePointer<CChar>) -> UnsafeMutableRawPointer?
  private typealias PlatformIDs =
    @convention(c) (
      cl_uint, UnsafeMutablePointer<cl_platform_id?>?, UnsafeMutablePointer<cl_uint>?
    ) -> cl_int

  static func device(of path: String) throws(DeviceError) -> OpenCL.Handle {
    try OpenCL.prepareEnvironment()
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL),
      let find = dlsym(library, "clGetExtensionFunctionAddress")
    else { throw DeviceError.unknownDevice(id: path, known: []) }
    guard let symbol = unsafeBitCast(find, to: FindFunction.self)("clIcdGetPlatformIDsKHR") else {
      throw DeviceError.call(name: "clGetExtensionFunctionAddress", code: CL_INVALID_VALUE)
    }
    let platformIDs = unsafeBitCast(symbol, to: PlatformIDs.self)
    var found: cl_platform_id?
    let code = platformIDs(1, &found, nil)
    let platform = try OpenCL.made("clIcdGetPlatformIDsKHR", found, code)
    guard let device = try OpenCL.devices(of: platform).first else { throw DeviceError.noDevice }
    return OpenCL.Handle(platformIndex: 999, deviceIndex: 0, platform: platform, device: device)
  }
}
