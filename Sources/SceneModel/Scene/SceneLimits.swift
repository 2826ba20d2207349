/// Every bound on what a scene may ask for, in one place; checked before memory is allocated.
public enum SceneLimits {
  /// One file: scene, buffer, image or environment.
  public static let fileBytesMax = 1 << 30
  /// The JSON of a scene, embedded data included.
  public static let jsonBytesMax = 256 << 20
  /// Arrays and objects inside one another.
  public static let jsonDepthMax = 128
  /// A path, decoded.
  public static let pathBytesMax = 512
  /// Nodes of a file.
  public static let nodesMax = 1_000_000
  /// Primitives as placed: one for each node that shows it.
  public static let instancesMax = 4_000_000
  /// Vertices of all primitives, after flat shading has split them.
  public static let verticesMax = 60_000_000
  /// Triangles as placed: a mesh counts once for each node that shows it.
  public static let trianglesMax = 20_000_000
  /// Entries of any other list: meshes, materials, accessors, images ...
  public static let entriesMax = 1_000_000
  /// Keys of all animation channels.
  public static let keysMax = 20_000_000
  /// Any one factor of emitted light.
  public static let radianceMax: Float = 1e9
  /// Smallest size in a camera: height, distance or f-number.
  public static let cameraSizeMin: Float = 1e-6
  /// Largest size in a camera.
  public static let cameraSizeMax: Float = 1e6
  /// Index of refraction: beyond it everything is a mirror.
  public static let iorMax: Float = 1000
  /// Distance over which a volume takes its colour, metres: below it nothing passes.
  public static let attenuationDistanceMinM: Float = 1e-9
  /// Width or height that a scene may suggest.
  public static let imageSidePXMax = 16_384
  /// Samples that a scene may suggest.
  public static let samplesPerPixelMax = 65_536
}
