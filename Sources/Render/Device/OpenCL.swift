import COpenCL
import Foundation

/// The loader: platforms, devices, and the one check of every call.
enum OpenCL {
  /// A device and where it was found.
  struct Handle {
    let platformIndex: Int
    let deviceIndex: Int
    let platform: cl_platform_id
    let device: cl_device_id
  }

  /// Intel's processor runtime reads this when its library loads: its vectoriser changes results.
  private static let environmentIsSet: Bool = setenv("CL_CONFIG_USE_VECTORIZER", "False", 1) == 0

  /// Sets what implementations read when they load; before any of them does.
  static func prepareEnvironment() throws(DeviceError) {
    guard environmentIsSet else { throw DeviceError.call(name: "setenv", code: errno) }
  }

  /// Every device of every platform, in the loader's order.
  static func devices() throws(DeviceError) -> [Handle] {
    try prepareEnvironment()
    var platformCount: cl_uint = 0
    let code = clGetPlatformIDs(0, nil, &platformCount)
    if code == noPlatformCode || platformCount == 0 { return [] }
    try check("clGetPlatformIDs", code)
    var platforms = [cl_platform_id?](repeating: nil, count: Int(platformCount))
    try check("clGetPlatformIDs", clGetPlatformIDs(platformCount, &platforms, nil))
    var out: [Handle] = []
    for (platformIndex, platform) in platforms.enumerated() {
      guard let platform else { continue }
      for (deviceIndex, device) in try devices(of: platform).enumerated() {
        out.append(
          Handle(platformIndex: platformIndex, deviceIndex: deviceIndex, platform: platform, device: device))
      }
    }
    return out
  }

  /// The device of that description, which must still be the same device.
  static func handle(of info: DeviceInfo) throws(DeviceError) -> Handle {
    var known: [String] = []
    for handle in try devices() {
      let candidate = try handle.info()
      if candidate == info { return handle }
      known.append(candidate.id)
    }
    throw DeviceError.unknownDevice(id: info.id, known: known)
  }

  /// cl_ext.h: CL_PLATFORM_NOT_FOUND_KHR.
  private static let noPlatformCode: Int32 = -1001

  static func devices(of platform: cl_platform_id) throws(DeviceError) -> [cl_device_id] {
    let all = cl_device_type(0xFFFF_FFFF)
    var count: cl_uint = 0
    let code = clGetDeviceIDs(platform, all, 0, nil, &count)
    if code == CL_DEVICE_NOT_FOUND || count == 0 { return [] }
    try check("clGetDeviceIDs", code)
    var devices = [cl_device_id?](repeating: nil, count: Int(count))
    try check("clGetDeviceIDs", clGetDeviceIDs(platform, all, count, &devices, nil))
    return devices.compactMap { $0 }
  }

  /// Every OpenCL call's code goes through here.
  static func check(_ name: String, _ code: Int32) throws(DeviceError) {
    if code != CL_SUCCESS { throw DeviceError.call(name: name, code: code) }
  }

  /// A handle that a call returned together with a code.
  static func made<Object>(_ name: String, _ object: Object?, _ code: Int32) throws(DeviceError) -> Object {
    try check(name, code)
    guard let object else { throw DeviceError.call(name: name, code: code) }
    return object
  }
}

extension OpenCL.Handle {
  /// What the driver says about the device.
  func info() throws(DeviceError) -> DeviceInfo {
    let platformName = try text(ofPlatform: CL_PLATFORM_NAME)
    let type = try number(CL_DEVICE_TYPE, as: cl_device_type.self)
    let isSimulator = platformName.contains("Oclgrind")
    return DeviceInfo(
      id: "\(platformIndex).\(deviceIndex)",
      name: try text(CL_DEVICE_NAME),
      platform: "\(platformName), \(try text(ofPlatform: CL_PLATFORM_VERSION))",
      driver: try text(CL_DRIVER_VERSION),
      computeUnits: max(1, Int(try number(CL_DEVICE_MAX_COMPUTE_UNITS, as: cl_uint.self))),
      isCPU: type & cl_device_type(CL_DEVICE_TYPE_CPU) != 0,
      isSimulator: isSimulator)
  }

  /// Paths that kernels follow at once: as many as a processor's vector unit has lanes, 16 or 8; 1 elsewhere.
  /// A simulator interprets lane after lane anyway, and some processor drivers take vectors apart.
  func preferredLanes() throws(DeviceError) -> Int {
    let info = try info()
    guard info.isCPU, !info.isSimulator else { return 1 }
    let native = try number(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, as: cl_uint.self)
    return native >= 16 ? 16 : native > 1 ? 8 : 1
  }

  /// Whether division and square root can be asked to round correctly.
  func roundsDivisionCorrectly() throws(DeviceError) -> Bool {
    let config = try number(CL_DEVICE_SINGLE_FP_CONFIG, as: cl_device_fp_config.self)
    return config & cl_device_fp_config(CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0
  }

  /// Largest single buffer, bytes.
  func bufferBytesMax() throws(DeviceError) -> Int {
    Int(clamping: try number(CL_DEVICE_MAX_MEM_ALLOC_SIZE, as: cl_ulong.self))
  }

  private func number<Value: FixedWidthInteger>(
    _ name: Int32, as type: Value.Type
  ) throws(DeviceError) -> Value {
    var value: Value = 0
    let code = clGetDeviceInfo(device, cl_device_info(name), MemoryLayout<Value>.size, &value, nil)
    try OpenCL.check("clGetDeviceInfo", code)
    return value
  }

  private func text(_ name: Int32) throws(DeviceError) -> String {
    var bytes = [CChar](repeating: 0, count: 1024)
    let code = clGetDeviceInfo(device, cl_device_info(name), bytes.count - 1, &bytes, nil)
    try OpenCL.check("clGetDeviceInfo", code)
    return String(driverText: bytes)
  }

  private func text(ofPlatform name: Int32) throws(DeviceError) -> String {
    var bytes = [CChar](repeating: 0, count: 1024)
    let code = clGetPlatformInfo(platform, cl_platform_info(name), bytes.count - 1, &bytes, nil)
    try OpenCL.check("clGetPlatformInfo", code)
    return String(driverText: bytes)
  }
}

extension String {
  /// A C string in an array; drivers pad their names with spaces.
  fileprivate init(driverText bytes: [CChar]) {
    let utf8 = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let text = String(decoding: utf8, as: UTF8.self)
    self = text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
