import Cryptography

/// What a driver is given to compile.
struct ProgramSource {
  /// OpenCL C.
  let text: String
  /// The compiler's command line.
  let options: String
  /// Names all that decides the binary.
  let key: Digest

  /// That text with these macros, and with what the device's compiler needs beside them.
  init(_ text: String, defines: [String], for handle: OpenCL.Handle) throws(DeviceError) {
    let device = try handle.info()
    var options = ["-cl-std=CL1.2"] + defines.map { "-D\($0)" }
    if try handle.roundsDivisionCorrectly() { options.append("-cl-fp32-correctly-rounded-divide-sqrt") }
    // Oclgrind's compiler makes an instruction of a bit reversal that its interpreter does not have, and,
    // when it optimises, extensions and negations of wide booleans, which that gets wrong; inlining leaves
    // marks behind that it does not know.
    if device.isSimulator { options += ["-DNO_BIT_REVERSAL", "-DKEEP_FUNCTIONS", "-cl-opt-disable"] }
    // Mesa's compiler needs hours for one function with everything in it, and a minute for many.
    if device.platform.hasPrefix("rusticl") { options.append("-DKEEP_FUNCTIONS") }
    self.text = text
    self.options = options.joined(separator: " ")
    var writer = CanonicalWriter(type: "program")
    for text in [text, self.options, device.platform, device.name, device.driver] { writer.write(text) }
    key = Digest(of: writer.bytes)
  }
}
