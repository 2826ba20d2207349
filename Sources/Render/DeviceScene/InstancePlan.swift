import SceneModel

/// Which instances of a frame become triangles of the world, and which keep a hierarchy of their own: those
/// that move, and meshes shown so often that copies would cost memory. What emits is always in the world, for
/// lights are drawn there; so is what deforms, or emits and moves, under a hierarchy of its own, so that what
/// stays is the same in every frame. A function of the frame alone.
struct InstancePlan: Equatable, Sendable {
  /// A primitive with a hierarchy of its own.
  struct Object: Equatable, Sendable {
    var primitive: Int
    /// Indices into the frame's instances, ascending; not empty.
    var instances: [Int]
  }

  /// Indices into the frame's instances, ascending.
  private(set) var flattened: [Int] = []
  /// Indices into the frame's instances, ascending: in the world, but not where they are in other frames.
  private(set) var deformed: [Int] = []
  /// In the order of their primitives.
  private(set) var objects: [Object] = []

  /// Triangles that may be copied to spare rays the way through instances.
  static let copiedTriangleCountMax = 1 << 17

  /// `copiesMax`: how many triangles may be copied.
  init(_ frame: FrameScene, copiesMax: Int) {
    var shown: [Int: [Int]] = [:]
    for (i, instance) in frame.instances.enumerated() {
      let emits = frame.scene.materials[frame.scene.primitives[instance.primitive].material].emission != .zero
      let isWorld = emits || !InstancePlan.keepsPrecision(instance.worldFromObject)
      if instance.deformed != nil || (isWorld && instance.isMoving) {
        deformed.append(i)
      } else if isWorld {
        flattened.append(i)
      } else {
        shown[instance.primitive, default: []].append(i)
      }
    }
    var copied = 0
    for primitive in shown.keys.sorted() {
      guard let instances = shown[primitive] else { continue }
      let extra = (instances.count - 1) * (frame.scene.primitives[primitive].indices.count / 3)
      let moves = instances.contains { frame.instances[$0].isMoving }
      if !moves, copied + extra <= copiesMax {
        copied += extra
        flattened += instances
      } else {
        objects.append(Object(primitive: primitive, instances: instances))
      }
    }
    flattened.sort()
  }

  /// Whether rays can be taken into the object's space: not when it is flattened, or nearly.
  static func keepsPrecision(_ map: Transform<ObjectSpace, WorldSpace>) -> Bool {
    guard let inverse = map.doubleInverse else { return false }
    func largest(_ v: SIMD3<Double>) -> Double { max(abs(v.x), max(abs(v.y), abs(v.z))) }
    let forth = [map.xAxis, map.yAxis, map.zAxis].map { largest(SIMD3<Double>($0)) }.max() ?? 0
    let back = [inverse.x, inverse.y, inverse.z].map(largest).max() ?? 0
    return forth * back < 1000 && forth > 1e-10 && forth < 1e10 && largest(inverse.origin) < 1e12
  }
}

extension Transform {
  /// Whether counter-clockwise becomes clockwise.
  var mirrors: Bool {
    SIMD3<Double>(xAxis).dot(SIMD3<Double>(yAxis).cross(SIMD3<Double>(zAxis))) < 0
  }

  /// The map back, its images of axes and origin in double precision; nil when this one flattens space.
  var doubleInverse: (x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>, origin: SIMD3<Double>)? {
    let (x, y, z) = (SIMD3<Double>(xAxis), SIMD3<Double>(yAxis), SIMD3<Double>(zAxis))
    let determinant = x.dot(y.cross(z))
    guard determinant != 0, determinant.isFinite else { return nil }
    // Rows of the inverse: cross products of the columns over the determinant.
    let (a, b, c) = (y.cross(z) / determinant, z.cross(x) / determinant, x.cross(y) / determinant)
    let p = SIMD3<Double>(origin)
    return (
      SIMD3(a.x, b.x, c.x), SIMD3(a.y, b.y, c.y), SIMD3(a.z, b.z, c.z), -SIMD3(a.dot(p), b.dot(p), c.dot(p))
    )
  }
}
