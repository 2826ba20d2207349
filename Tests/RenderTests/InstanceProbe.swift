import Render
import Testing

/// Rays through the kernels' own traversal, one by one.
struct InstanceProbe {
  struct Hit: Hashable {
    var t: Float
    var triangle: Int32
    var instance: Int32
    /// Whether a shadow ray just beyond the hit finds something, and one that ends well before it.
    var isBlockedBeyond, isBlockedBefore: Bool
  }

  private let device: OpenCLDevice
  private let kernel: OpenCLKernel

  private static let source = """
    __kernel void probe(SCENE_ARGUMENTS, __global const float *rays, __global int *out) {
      Scene scene = scene_of(SCENE_VALUES);
      size_t i = get_global_id(0);
      __global const float *r = rays + 6 * i;
      RaySetup ray;
      ray_setup(r[0], r[1], r[2], r[3], r[4], r[5], scene.header.box_padding, &ray);
      Hit hit = hit_before(RAY_MISS_T);
      scene_intersect(&scene, &ray, 0, 1, &hit);
      Hit beyond = hit_before(hit.t * 1.001f), before = hit_before(hit.t * 0.999f);
      out[5 * i] = as_int(hit.t);
      out[5 * i + 1] = hit.triangle;
      out[5 * i + 2] = hit.instance;
      out[5 * i + 3] = scene_intersect(&scene, &ray, 1, 1, &beyond);
      out[5 * i + 4] = scene_intersect(&scene, &ray, 1, 1, &before);
    }
    """

  init() throws {
    device = try OpenCLDevice(try #require(KernelScenes.device))
    let program = try OpenCLProgram(
      device: device, source: KernelSources.text + Self.source, defines: ["W=1", "WORK_GROUP=1"], cache: nil)
    kernel = try program.kernel("probe")
  }

  func hits(_ scene: DeviceScene, _ rays: [(origin: SIMD3<Float>, direction: SIMD3<Float>)]) throws -> [Hit] {
    try kernel.set(scene, on: device)
    let flat = rays.flatMap {
      [$0.origin.x, $0.origin.y, $0.origin.z, $0.direction.x, $0.direction.y, $0.direction.z]
    }
    let out = try device.makeBuffer([Int32](repeating: 0, count: 5 * rays.count))
    try kernel.set(OpenCLKernel.sceneArgumentCount, device.makeBuffer(flat))
    try kernel.set(OpenCLKernel.sceneArgumentCount + 1, out)
    try device.run(kernel, groupCount: rays.count, groupSize: 1)
    let words = try device.read(out, count: 5 * rays.count, as: Int32.self)
    return rays.indices.map { i in
      Hit(
        t: Float(bitPattern: UInt32(bitPattern: words[5 * i])), triangle: words[5 * i + 1],
        instance: words[5 * i + 2], isBlockedBeyond: words[5 * i + 3] != 0,
        isBlockedBefore: words[5 * i + 4] != 0)
    }
  }
}
