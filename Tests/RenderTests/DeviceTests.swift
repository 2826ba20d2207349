import Cryptography
import Foundation
import Kernels
import Render
import Testing

/// Devices: the choice, programs, their cache, and the layout that host and device share.
struct DeviceTests {
  private func device(_ id: String, isCPU: Bool, isSimulator: Bool = false) -> DeviceInfo {
    DeviceInfo(
      id: id, name: "n", platform: "platform of \(id)", driver: "d", computeUnits: 1, isCPU: isCPU,
      isSimulator: isSimulator)
  }

  @Test func `the first GPU is chosen, else the first processor, and a simulator only by name`() throws {
    let simulator = device("0.0", isCPU: false, isSimulator: true)
    let processor = device("1.0", isCPU: true)
    let gpu = device("2.0", isCPU: false)
    #expect(try DeviceCatalog.choose(id: nil, among: [simulator, processor, gpu]) == gpu)
    #expect(try DeviceCatalog.choose(id: nil, among: [simulator, processor]) == processor)
    #expect(try DeviceCatalog.choose(id: "0.0", among: [simulator, processor, gpu]) == simulator)
    #expect(throws: DeviceError.noDevice) { try DeviceCatalog.choose(id: nil, among: [simulator]) }
    #expect(
      try DeviceCatalog.choose(id: DeviceCatalog.otherID, among: [simulator, processor, gpu]) == processor)
    #expect(throws: DeviceError.self) {
      try DeviceCatalog.choose(id: DeviceCatalog.otherID, among: [simulator, processor])
    }
    #expect(throws: DeviceError.unknownDevice(id: "3.1", known: ["1.0"])) {
      try DeviceCatalog.choose(id: "3.1", among: [processor])
    }
  }

  @Test func `having no device names the package to install`() {
    #expect("\(DeviceError.noDevice)".contains("apt-get install pocl-opencl-icd"))
  }

  @Test func `every kernel file is compiled, the contraction pragma before any code`() throws {
    let folder = URL(filePath: #filePath).appending(path: "../../../Sources/Render/Kernels").standardized
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".cl")
    }
    #expect(Set(files + ["DeviceTypes.h"]) == Set(KernelSources.names))
    let lines = KernelSources.text.split(separator: "\n").filter {
      !$0.hasPrefix("//") && !$0.hasPrefix("#line")
    }
    #expect(lines.first == "#pragma OPENCL FP_CONTRACT OFF")
  }

  @Test func `no kernel uses a built-in whose rounding is the vendor's`() {
    let names: Set<Substring> = [
      "mad", "dot", "cross", "normalize", "length", "distance", "mix", "smoothstep", "rsqrt", "hypot", "sin",
      "cos", "tan", "exp", "log", "pow", "acos", "asin", "atan", "atan2", "fmin", "fmax", "clamp",
    ]
    // The larger and the smaller of two numbers are the same everywhere, but for the sign of zero.
    let exempt = ["#define SIDE_MAX(a, b) fmax(", "#define SIDE_MIN(a, b) fmin(", "BUILTIN float4 fm"]
    let call = /\b([a-z0-9_]+)\(/
    for line in KernelSources.text.split(separator: "\n") where !exempt.contains(where: line.hasPrefix) {
      let code = line.split(separator: "//", omittingEmptySubsequences: false)[0]
      let uses = code.matches(of: call).map(\.output.1).filter { name in
        names.contains(name) || ["native_", "half_", "read_image"].contains { name.hasPrefix($0) }
      }
      #expect(uses.isEmpty, "\(uses) in \(line)")
    }
  }
}

/// What needs a device.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct DeviceProgramTests {
  private func opened() throws -> OpenCLDevice { try OpenCLDevice(try #require(KernelScenes.device)) }

  @Test func `a program that does not compile reports the compiler's log`() throws {
    let device = try opened()
    let error = #expect(throws: DeviceError.self) {
      try OpenCLProgram(device: device, source: "__kernel void k(void) { undeclared_name = 1; }", cache: nil)
    }
    guard case .build(_, let log) = error else {
      Issue.record("not a build error: \(String(describing: error))")
      return
    }
    #expect(log.contains("undeclared_name"))
  }

  @Test func `a compiled program comes from the cache, and a damaged one is compiled again`() throws {
    let device = try opened()
    let folder = FileManager.default.temporaryDirectory.appending(path: "cache-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = ProgramCache(folder: folder)
    let source = "__kernel void answer(__global uint *out) { out[0] = 42; }"
    func answer() throws -> UInt32 {
      let out = try device.makeBuffer([UInt32(0)])
      let kernel = try OpenCLProgram(device: device, source: source, cache: cache).kernel("answer")
      try kernel.set(0, out)
      try device.run(kernel, groupCount: 1, groupSize: 1)
      return try device.read(out, count: 1, as: UInt32.self)[0]
    }
    #expect(try answer() == 42)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let file = try #require(files.first)
    #expect(files.count == 1)
    let key = try #require(Digest(hex: file.deletingPathExtension().lastPathComponent))
    #expect(cache.binary(for: key) != nil)
    #expect(try answer() == 42)
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    #expect(cache.binary(for: key) == nil)
    #expect(try answer() == 42)
    #expect(cache.binary(for: key) != nil)
    cache.store([1, 2, 3], for: key)
    #expect(try answer() == 42)
  }

  @Test func `the device lays structs out as the host does`() throws {
    let device = try opened()
    let probe = """
      #define OFFSET(type, field) (uint)(size_t)&((__global type *)0)->field
      __kernel void probe(__global uint *out) {
        uint sizes[] = {sizeof(DeviceBVHNode), sizeof(DeviceTriangleBlock), 4 * VERTEX_WORDS,
            4 * TRIANGLE_WORDS, sizeof(DeviceMaterial), sizeof(DeviceTexture), sizeof(DeviceEmitter),
            sizeof(DeviceSceneHeader), sizeof(DeviceLaunch), sizeof(DeviceLightNode), sizeof(DeviceInstance)};
        uint offsets[] = {OFFSET(DeviceBVHNode, child), OFFSET(DeviceTriangleBlock, triangle),
            4 * VERTEX_NORMAL, 4 * VERTEX_UV, 4 * TRIANGLE_MATERIAL, 4 * TRIANGLE_EMITTER,
            4 * TRIANGLE_DETAIL, 4 * DETAIL_COLOR, 4 * DETAIL_UV, 4 * DETAIL_WORDS,
            4 * MATERIAL_EMISSION, 4 * MATERIAL_METALLIC, 4 * MATERIAL_ROUGHNESS, 4 * MATERIAL_TEXTURE,
            4 * MATERIAL_FLAGS, 4 * MATERIAL_ALPHA_CUTOFF, 4 * TEXTURE_UV_SET, 4 * TEXTURE_PLACE,
            4 * MATERIAL_DOUBLE_SIDED, 4 * EMITTER_AREA, 4 * EMITTER_RADIANCE, 4 * EMITTER_KIND,
            4 * EMITTER_TRAIL, 4 * LIGHT_AXIS, 4 * LIGHT_NEAR, 4 * LIGHT_CHILD,
            OFFSET(DeviceSceneHeader, environment_cos), OFFSET(DeviceSceneHeader,
                node_count),
            OFFSET(DeviceLaunch, max_depth), OFFSET(DeviceLaunch, pixel_count),
            OFFSET(DeviceSceneHeader, instance_count), 4 * INSTANCE_WORLD_FROM_OBJECT, 4 * INSTANCE_ROOT,
            4 * INSTANCE_MIRRORED, OFFSET(DeviceInstance, first_triangle)};
        for (int i = 0; i < 11; i++) out[i] = sizes[i];
        for (int i = 0; i < 35; i++) out[11 + i] = offsets[i];
      }
      """
    let program = try OpenCLProgram(
      device: device, source: KernelSources.text + probe, defines: ["W=1", "WORK_GROUP=1"], cache: nil)
    let kernel = try program.kernel("probe")
    let out = try device.makeBuffer([UInt32](repeating: 0, count: 46))
    try kernel.set(0, out)
    try device.run(kernel, groupCount: 1, groupSize: 1)
    let actual = try device.read(out, count: 46, as: UInt32.self).map { Int($0) }
    let sizes: [Int] = [
      MemoryLayout<DeviceBVHNode>.size, MemoryLayout<DeviceTriangleBlock>.size,
      MemoryLayout<DeviceVertex>.size, MemoryLayout<DeviceTriangle>.size,
      MemoryLayout<DeviceMaterial>.size,
      MemoryLayout<DeviceTexture>.size, MemoryLayout<DeviceEmitter>.size,
      MemoryLayout<DeviceSceneHeader>.size, MemoryLayout<DeviceLaunch>.size,
      MemoryLayout<DeviceLightNode>.size, MemoryLayout<DeviceInstance>.size,
    ]
    #expect(Array(actual[..<11]) == sizes)
    let offsets: [Int?] = [
      MemoryLayout<DeviceBVHNode>.offset(of: \.child),
      MemoryLayout<DeviceTriangleBlock>.offset(of: \.triangle),
      MemoryLayout<DeviceVertex>.offset(of: \.normal), MemoryLayout<DeviceVertex>.offset(of: \.uv),
      MemoryLayout<DeviceTriangle>.offset(of: \.material), MemoryLayout<DeviceTriangle>.offset(of: \.emitter),
      MemoryLayout<DeviceTriangle>.offset(of: \.detail),
      MemoryLayout<DeviceVertexDetail>.offset(of: \.color),
      MemoryLayout<DeviceVertexDetail>.offset(of: \.uv), MemoryLayout<DeviceVertexDetail>.size,
      MemoryLayout<DeviceMaterial>.offset(of: \.emission),
      MemoryLayout<DeviceMaterial>.offset(of: \.metallic),
      MemoryLayout<DeviceMaterial>.offset(of: \.roughness),
      MemoryLayout<DeviceMaterial>.offset(of: \.texture),
      MemoryLayout<DeviceMaterial>.offset(of: \.flags),
      MemoryLayout<DeviceMaterial>.offset(of: \.alpha_cutoff),
      MemoryLayout<DeviceTexture>.offset(of: \.uv_set), MemoryLayout<DeviceTexture>.offset(of: \.place_u),
      MemoryLayout<DeviceMaterial>.offset(of: \.double_sided),
      MemoryLayout<DeviceEmitter>.offset(of: \.area_vector),
      MemoryLayout<DeviceEmitter>.offset(of: \.radiance), MemoryLayout<DeviceEmitter>.offset(of: \.kind),
      MemoryLayout<DeviceEmitter>.offset(of: \.trail), MemoryLayout<DeviceLightNode>.offset(of: \.axis),
      MemoryLayout<DeviceLightNode>.offset(of: \.near), MemoryLayout<DeviceLightNode>.offset(of: \.child),
      MemoryLayout<DeviceSceneHeader>.offset(of: \.environment_cos),
      MemoryLayout<DeviceSceneHeader>.offset(of: \.node_count),
      MemoryLayout<DeviceLaunch>.offset(of: \.max_depth),
      MemoryLayout<DeviceLaunch>.offset(of: \.pixel_count),
      MemoryLayout<DeviceSceneHeader>.offset(of: \.instance_count),
      MemoryLayout<DeviceInstance>.offset(of: \.world_from_object),
      MemoryLayout<DeviceInstance>.offset(of: \.root), MemoryLayout<DeviceInstance>.offset(of: \.mirrored),
      MemoryLayout<DeviceInstance>.offset(of: \.first_triangle),
    ]
    #expect(actual[11...].map { Optional($0) } == offsets)
  }
}
