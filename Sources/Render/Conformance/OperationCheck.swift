import Cryptography

/// The per-operation table: every operation on every input, on one device at one lane width.
package struct OperationCheck {
  /// Work-items of a run; each takes an equal part of the inputs.
  private static let workItems = 64

  private let device: OpenCLDevice
  private let laneWidth: Int
  private let kernel: OpenCLKernel

  /// Compiles the table for `laneWidth` lanes.
  package init(device: OpenCLDevice, laneWidth: Int) throws(DeviceError) {
    self.device = device
    self.laneWidth = laneWidth
    let program = try OpenCLProgram(
      device: device, source: OperationCheck.source(laneWidth: laneWidth), defines: ["W=\(laneWidth)"])
    kernel = try program.kernel("conformance_operations")
  }

  /// The results' SHA-256 by the operation's name. They do not depend on the lane width.
  package func digests(of inputs: ConformanceInputs) throws(DeviceError) -> [String: Digest] {
    let count = inputs.a.count
    let out = try device.makeBuffer(byteCount: 4 * count)
    for (index, floats) in [inputs.a, inputs.b, inputs.c].enumerated() {
      try kernel.set(1 + index, device.makeBuffer(floats))
    }
    try kernel.set(4, device.makeBuffer(inputs.x))
    try kernel.set(5, device.makeBuffer(inputs.y))
    try kernel.set(6, UInt32(count / laneWidth / OperationCheck.workItems))
    try kernel.set(7, out)
    var digests: [String: Digest] = [:]
    for (number, operation) in ConformanceOperation.all.enumerated() {
      if operation.isScalar && laneWidth > 1 { continue }
      try kernel.set(0, UInt32(number))
      try device.run(kernel, groupCount: OperationCheck.workItems, groupSize: 1)
      digests[operation.name] = OperationCheck.digest(try device.read(out, count: count, as: UInt32.self))
    }
    return digests
  }

  /// SHA-256 of an operation's results, big-endian.
  package static func digest(_ results: [UInt32]) -> Digest {
    var hasher = SHA256()
    results.map(\.bigEndian).withUnsafeBytes { hasher.update($0) }
    return hasher.finalize()
  }

  /// Everything but the entry points, and one kernel of all operations.
  private static func source(laneWidth: Int) -> String {
    let cases = ConformanceOperation.all.enumerated().filter { laneWidth == 1 || !$0.element.isScalar }.map {
      "      case \($0.offset): r = \($0.element.expression); break;\n"
    }
    return KernelSources.functions + """
      #line 1 "conformance"
      INLINE U BITS(F value) { return value == (F)0.0f ? (U)0u : AS_U(value); }
      INLINE U v3_bits(V3 v) { return (BITS(v.x) + BITS(v.y) * 3u) + BITS(v.z) * 5u; }
      __kernel __attribute__((reqd_work_group_size(1, 1, 1))) void conformance_operations(
          uint operation, __global const float *a_in, __global const float *b_in,
          __global const float *c_in, __global const uint *x_in, __global const uint *y_in, uint count,
          __global uint *out) {
        uint first = (uint)get_global_id(0) * count;
        for (uint i = first; i < first + count; i++) {
          F a = ((__global const F *)a_in)[i], b = ((__global const F *)b_in)[i];
          F c = ((__global const F *)c_in)[i];
          U x = ((__global const U *)x_in)[i], y = ((__global const U *)y_in)[i];
          F s = (F)0.0f, t = (F)0.0f;
          U u = (U)0u, v = (U)0u, r = (U)0u;
          V3 p = v3_zero(), q = v3_zero();
          switch (operation) {
      \(cases.joined())
          }
          ((__global U *)out)[i] = r;
        }
      }
      """
  }
}
