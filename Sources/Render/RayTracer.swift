import Foundation
import Kernels

/// Traces given rays through one scene by the renderer's own traversal, without paths: for tests and
/// benchmarks. Not thread-safe.
package final class RayTracer {
  /// A ray; its direction need not have unit length.
  package struct Ray: Sendable {
    package var origin: SIMD3<Float>
    package var direction: SIMD3<Float>
    /// How far it goes, in lengths of `direction`.
    package var length: Float

    package init(origin: SIMD3<Float>, direction: SIMD3<Float>, length: Float = 1e30) {
      self.origin = origin
      self.direction = direction
      self.length = length
    }
  }

  /// Where a ray ended.
  package struct Hit: Equatable, Sendable {
    /// In lengths of the ray's direction; the ray's own length where it hits nothing.
    package var distance: Float
    /// TRIANGLE_NONE where it hits nothing.
    package var triangle: Int32

    package init(distance: Float, triangle: Int32) {
      self.distance = distance
      self.triangle = triangle
    }
  }

  /// Processor time of the last rays, all threads, seconds; without what brought them to the device and back.
  package private(set) var processorS = 0.0

  private let device: OpenCLDevice
  private let kernel: OpenCLKernel

  /// Compiles the kernel for rays in packets of `laneWidth` (1, 8 or 16); `portable`: without the processor's
  /// own instructions.
  package init(device: OpenCLDevice, laneWidth: Int, portable: Bool = false) throws(DeviceError) {
    self.device = device
    var defines = ["W=\(laneWidth)", "WORK_GROUP=1", "TRACE_RAYS"]
    if portable { defines.append("PORTABLE") }
    kernel = try OpenCLProgram(device: device, source: KernelSources.text, defines: defines)
      .kernel("trace_rays")
  }

  /// Takes the scene to the device. A scene too deep or too large for it is refused.
  package func load(_ scene: DeviceScene) throws(DeviceError) { try kernel.set(scene, on: device) }

  /// The nearest hit of each ray. `alone`: every ray by itself, not in packets.
  package func closest(_ rays: [Ray], alone: Bool = false) throws(DeviceError) -> [Hit] {
    let (distances, triangles) = try trace(rays, any: false, alone: alone)
    return zip(distances, triangles).map { Hit(distance: $0, triangle: $1) }
  }

  /// Whether each ray hits something at all.
  package func blocked(_ rays: [Ray], alone: Bool = false) throws(DeviceError) -> [Bool] {
    try trace(rays, any: true, alone: alone).distances.map { $0 < 0 }
  }

  private func trace(
    _ rays: [Ray], any: Bool, alone: Bool
  ) throws(DeviceError) -> (distances: [Float], triangles: [Int32]) {
    // Full packets: the rest are rays of no length.
    let stride = (rays.count + 15) / 16 * 16
    var rows = [Float](repeating: -1, count: 7 * stride)
    for (i, ray) in rays.enumerated() {
      for axis in 0..<3 {
        rows[axis * stride + i] = ray.origin[axis]
        rows[(3 + axis) * stride + i] = ray.direction[axis]
      }
      rows[6 * stride + i] = ray.length
    }
    let groups = 2 * device.info.computeUnits
    let share = ((stride + groups - 1) / groups + 15) / 16 * 16
    let distances = try device.makeBuffer(byteCount: 4 * stride)
    let triangles = try device.makeBuffer(byteCount: 4 * stride)
    let next = OpenCLKernel.sceneArgumentCount
    try kernel.set(next, device.makeBuffer(rows))
    try kernel.set(next + 1, UInt32(stride))
    try kernel.set(next + 2, UInt32(share))
    try kernel.set(next + 3, any ? 1 : 0)
    try kernel.set(next + 4, alone ? 1 : 0)
    try kernel.set(next + 5, distances)
    try kernel.set(next + 6, triangles)
    let start = RayTracer.processorClockS()
    try device.run(kernel, groupCount: groups, groupSize: 1)
    processorS = RayTracer.processorClockS() - start
    return (
      try device.read(distances, count: rays.count, as: UInt32.self).map { Float(bitPattern: $0) },
      try device.read(triangles, count: rays.count, as: Int32.self)
    )
  }

  private static func processorClockS() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
