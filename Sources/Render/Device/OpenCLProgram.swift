import COpenCL
import Cryptography

/// A program compiled for one device.
package final class OpenCLProgram {
  private let program: cl_program
  private let key: Digest
  /// Whether it was compiled now, and not stored.
  private let isNew: Bool

  /// Compiles `source`, or takes the result of an earlier time from where it is kept.
  package convenience init(
    device: OpenCLDevice, source: String, defines: [String] = []
  ) throws(DeviceError) {
    try self.init(device, try ProgramSource(source, defines: defines, for: device.handle))
  }

  /// The same where `cache` keeps programs.
  package convenience init(
    device: OpenCLDevice, source: String, defines: [String] = [], cache: ProgramCache?
  ) throws(DeviceError) {
    try self.init(
      device, try ProgramSource(source, defines: defines, for: device.handle), cache: cache, stores: true)
  }

  /// From where programs are kept, or compiled and kept there. PoCL keeps programs itself, with the machine
  /// code of the launches that were made; a binary taken from it has the code of a general launch, which it
  /// makes for that alone.
  convenience init(_ device: OpenCLDevice, _ source: ProgramSource) throws(DeviceError) {
    try self.init(device, source, cache: .standard, stores: !device.info.isPoCL)
  }

  /// As `cache` has it, or compiled, and then `stores` it there.
  init(
    _ device: OpenCLDevice, _ source: ProgramSource, cache: ProgramCache?, stores: Bool
  ) throws(DeviceError) {
    key = source.key
    if let binary = cache?.binary(for: key),
      let program = OpenCLProgram.load(binary, device: device, options: source.options)
    {
      self.program = program
      isNew = false
      return
    }
    program = try OpenCLProgram.compile(source, device: device)
    isNew = !stores
    if let cache, stores { keep(in: cache) }
  }

  /// Keeps the program for processes that may not compile: PoCL writes files even when it takes a program's
  /// source from its own cache.
  /// - Returns: whether it was not kept before.
  package func keep() -> Bool {
    if isNew { keep(in: ProgramCache.standard) }
    return isNew
  }

  private func keep(in cache: ProgramCache) {
    if let binary = OpenCLProgram.binary(of: program) { cache.store(binary, for: key) }
  }

  deinit { clReleaseProgram(program) }

  /// The entry point of that name.
  package func kernel(_ name: String) throws(DeviceError) -> OpenCLKernel {
    var code: cl_int = 0
    let created = clCreateKernel(program, name, &code)
    return OpenCLKernel(kernel: try OpenCL.made("clCreateKernel(\(name))", created, code))
  }

  private static func compile(
    _ source: ProgramSource, device: OpenCLDevice
  ) throws(DeviceError) -> cl_program {
    var code: cl_int = 0
    let created = source.text.withCString { text in
      var text: UnsafePointer<CChar>? = text
      return clCreateProgramWithSource(device.context, 1, &text, nil, &code)
    }
    let program = try OpenCL.made("clCreateProgramWithSource", created, code)
    code = build(program, device: device, options: source.options)
    guard code == CL_SUCCESS else {
      let log = buildLog(of: program, device: device)
      clReleaseProgram(program)
      if log.isEmpty { throw DeviceError.call(name: "clBuildProgram", code: code) }
      throw DeviceError.build(device: "\(device.info.name) (\(device.info.id))", log: log)
    }
    return program
  }

  /// nil when the driver does not want the binary: then it is compiled anew.
  private static func load(_ binary: [UInt8], device: OpenCLDevice, options: String) -> cl_program? {
    var code: cl_int = 0
    var handle: cl_device_id? = device.handle.device
    var size = binary.count
    let created = binary.withUnsafeBufferPointer { bytes in
      var start: UnsafePointer<UInt8>? = bytes.baseAddress
      return clCreateProgramWithBinary(device.context, 1, &handle, &size, &start, nil, &code)
    }
    guard let program = created else { return nil }
    if code == CL_SUCCESS, build(program, device: device, options: options) == CL_SUCCESS { return program }
    clReleaseProgram(program)
    return nil
  }

  private static func build(_ program: cl_program, device: OpenCLDevice, options: String) -> cl_int {
    var handle: cl_device_id? = device.handle.device
    return clBuildProgram(program, 1, &handle, options, nil, nil)
  }

  private static func buildLog(of program: cl_program, device: OpenCLDevice) -> String {
    let name = cl_program_build_info(CL_PROGRAM_BUILD_LOG)
    var size = 0
    guard clGetProgramBuildInfo(program, device.handle.device, name, 0, nil, &size) == CL_SUCCESS, size > 0
    else {
      return ""
    }
    var bytes = [UInt8](repeating: 0, count: size)
    guard clGetProgramBuildInfo(program, device.handle.device, name, size, &bytes, nil) == CL_SUCCESS else {
      return ""
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The compiled program, or nil where the driver does not give it.
  private static func binary(of program: cl_program) -> [UInt8]? {
    var size = 0
    let sizes = cl_program_info(CL_PROGRAM_BINARY_SIZES)
    guard clGetProgramInfo(program, sizes, MemoryLayout<Int>.size, &size, nil) == CL_SUCCESS, size > 0 else {
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: size)
    let code = bytes.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      let pointerSize = MemoryLayout<UnsafeMutablePointer<UInt8>?>.size
      return clGetProgramInfo(program, cl_program_info(CL_PROGRAM_BINARIES), pointerSize, &start, nil)
    }
    return code == CL_SUCCESS ? bytes : nil
  }
}
