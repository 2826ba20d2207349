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
    // PoCL keeps programs itself, with the machine code of the launches that were made. A binary taken from
    // it has the code of a general launch, which it makes for that alone.
    try self.init(
      device: device, source: source, defines: defines, cache: ProgramCache.standard,
      stores: !device.info.isPoCL)
  }

  /// Compiles `source`, or takes the result of an earlier time from `cache`, where it `stores` it, too.
  package init(
    device: OpenCLDevice, source: String, defines: [String] = [], cache: ProgramCache?, stores: Bool = true
  ) throws(DeviceError) {
    var options = ["-cl-std=CL1.2"] + defines.map { "-D\($0)" }
    if try device.handle.roundsDivisionCorrectly() {
      options.append("-cl-fp32-correctly-rounded-divide-sqrt")
    }
    // Oclgrind's compiler makes an instruction of a bit reversal that its interpreter does not have, and,
    // when it optimises, extensions and negations of wide booleans, which that gets wrong; inlining leaves
    // marks behind that it does not know.
    if device.info.isSimulator { options += ["-DNO_BIT_REVERSAL", "-DKEEP_FUNCTIONS", "-cl-opt-disable"] }
    // Mesa's compiler needs hours for one function with everything in it, and a minute for many.
    if device.info.platform.hasPrefix("rusticl") { options.append("-DKEEP_FUNCTIONS") }
    let line = options.joined(separator: " ")
    key = OpenCLProgram.key(device: device.info, source: source, options: line)
    if let binary = cache?.binary(for: key),
      let program = OpenCLProgram.load(binary, device: device, options: line)
    {
      self.program = program
      isNew = false
      return
    }
    program = try OpenCLProgram.compile(source, device: device, options: line)
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

  /// Names all that decides the binary.
  private static func key(device: DeviceInfo, source: String, options: String) -> Digest {
    var writer = CanonicalWriter(type: "program")
    for text in [source, options, device.platform, device.name, device.driver] { writer.write(text) }
    return Digest(of: writer.bytes)
  }

  private static func compile(
    _ source: String, device: OpenCLDevice, options: String
  ) throws(DeviceError) -> cl_program {
    var code: cl_int = 0
    let created = source.withCString { text in
      var text: UnsafePointer<CChar>? = text
      return clCreateProgramWithSource(device.context, 1, &text, nil, &code)
    }
    let program = try OpenCL.made("clCreateProgramWithSource", created, code)
    code = build(program, device: device, options: options)
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
