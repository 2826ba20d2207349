import Kernels
import Render
import SceneModel
import Testing

/// Asks the kernels' material model directly: one material, one viewer.
struct MaterialProbe {
  /// A direction and what the model says about it.
  struct Answer {
    /// In the shading frame.
    var direction: SIMD3<Double>
    /// Per steradian; without smooth lobes.
    var density: Double
    /// BSDF times cosine, without smooth lobes.
    var value: SIMD3<Double>
    /// Found by a smooth lobe, and then its value over its probability.
    var smooth: SIMD3<Double>?
    /// Value over density; 0 for a direction to the wrong side.
    var weight: SIMD3<Double> { smooth ?? (direction.z != 0 && density > 0 ? value / density : .zero) }
  }

  private let device: OpenCLDevice
  private let kernel: OpenCLKernel

  private static let source =
    KernelSources.text + """
      // Lane 0 of W = 1: sample i (mode 0), or the middle of cell i of columns x rows over the sphere.
      __kernel void probe(
          SCENE_ARGUMENTS, __global const float *viewer, uint front, uint mode, uint columns,
          __global float *out) {
        uint i = (uint)get_global_id(0);
        Scene scene = scene_of(SCENE_VALUES);
        V3 o = v3(viewer[0], viewer[1], viewer[2]);
        Place place = {0, INSTANCE_NONE, triangle_vertices(&scene, 0), 0.25f, 0.5f, 0.25f};
        int flags = field_int(scene.materials, 0, MATERIAL_WORDS, MATERIAL_FLAGS);
        Texels found;
        material_textures(&scene, &place, 0, TEXTURES_ALL, 1, &found);
        V3 base = texel_color(material_base(&scene, &found, &place, 0, 1));
        BSDF bsdf = material_bsdf(&scene, &found, 0, flags, (int)front, base, o, 1);
        BSDFSample sample;
        if (mode == 0) {
          float choice = unit_float(hash_lanes(i)), u = unit_float(hash_lanes(i ^ 0x55555555u));
          sample = bsdf_sample(&bsdf, o, u, unit_float(hash_lanes(i * 7u + 0x1234567u)), choice);
        } else {
          float s, c, z = ((float)(i / columns) + 0.5f) * (2.0f / (float)columns) - 1.0f;
          sincos_turns(((float)(i % columns) + 0.5f) / (float)columns, &s, &c);
          float r = sqrt(1.0f - z * z);
          sample.in = v3(r * c, r * s, z);
          sample.smooth = 0;
          sample.weight = v3_zero();
        }
        float density;
        V3 value = bsdf_evaluate(&bsdf, o, sample.in, &density);
        float row[11] = {sample.in.x, sample.in.y, sample.in.z, density, value.x, value.y, value.z,
            sample.smooth ? 1.0f : 0.0f, sample.weight.x, sample.weight.y, sample.weight.z};
        for (int k = 0; k < 11; k++) out[11 * i + k] = row[k];
      }
      """

  init() throws {
    device = try OpenCLDevice(try #require(KernelScenes.device))
    let program = try OpenCLProgram(
      device: device, source: Self.source, defines: ["W=1", "WORK_GROUP=1"], cache: nil)
    kernel = try program.kernel("probe")
  }

  /// Directions over the whole sphere, each standing for 4 pi / columns^2 steradians.
  func sphere(
    _ material: Scene.Material, out: SIMD3<Float>, front: Bool = true, columns: Int = 128
  ) throws -> [Answer] {
    try ask(material, out, front, mode: 1, columns: columns, count: columns * columns)
  }

  /// Sampled directions.
  func samples(
    _ material: Scene.Material, out: SIMD3<Float>, front: Bool = true, count: Int = 1 << 16
  ) throws -> [Answer] {
    try ask(material, out, front, mode: 0, columns: 1, count: count)
  }

  private func ask(
    _ material: Scene.Material, _ viewer: SIMD3<Float>, _ front: Bool, mode: UInt32, columns: Int, count: Int
  ) throws -> [Answer] {
    let scene = try DeviceScene(DeviceSceneFrames.frame(materials: [material]))
    try kernel.set(scene, on: device)
    let first = OpenCLKernel.sceneArgumentCount
    try kernel.set(first, device.makeBuffer([viewer.x, viewer.y, viewer.z]))
    try kernel.set(first + 1, UInt32(front ? 1 : 0))
    try kernel.set(first + 2, mode)
    try kernel.set(first + 3, UInt32(columns))
    let out = try device.makeBuffer([UInt32](repeating: 0, count: 11 * count))
    try kernel.set(first + 4, out)
    try device.run(kernel, groupCount: count, groupSize: 1)
    let numbers = try device.read(out, count: 11 * count, as: UInt32.self).map { Float(bitPattern: $0) }
    return (0..<count).map { i in
      func three(_ k: Int) -> SIMD3<Double> {
        SIMD3(Double(numbers[11 * i + k]), Double(numbers[11 * i + k + 1]), Double(numbers[11 * i + k + 2]))
      }
      return Answer(
        direction: three(0), density: Double(numbers[11 * i + 3]), value: three(4),
        smooth: numbers[11 * i + 7] > 0 ? three(8) : nil)
    }
  }
}

/// Materials by the lobe that they show.
enum ModelMaterials {
  static func plain(_ color: Float = 1, metallic: Float = 0, roughness: Float) -> Scene.Material {
    Scene.Material(baseColor: [color, color, color, 1], metallic: metallic, roughness: roughness)
  }
  static func sheet(roughness: Float) -> Scene.Material {
    var material = plain(roughness: roughness)
    material.transmission.factor = 1
    return material
  }
  static func glass(roughness: Float, ior: Float = 1.5) -> Scene.Material {
    var material = sheet(roughness: roughness)
    material.transmission.volume = Scene.Material.Volume()
    material.ior = ior
    return material
  }
  static func stretched(_ strength: Float, roughness: Float) -> Scene.Material {
    var material = plain(metallic: 1, roughness: roughness)
    material.anisotropy.strength = strength
    return material
  }
  static func coated(_ below: Scene.Material, cover: Float = 1, roughness: Float) -> Scene.Material {
    var material = below
    material.clearcoat.factor = cover
    material.clearcoat.roughness = roughness
    return material
  }
  static func viewer(_ cosine: Float, turns: Float = 0.1) -> SIMD3<Float> {
    let sine = (1 - cosine * cosine).squareRoot()
    let (s, c) = ExactMath.sincos(2 * ExactMath.pi * turns)
    return [sine * c, sine * s, cosine]
  }
}
