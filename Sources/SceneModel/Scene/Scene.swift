/// A scene as read from its file: immutable, self-contained (image and environment bytes included), checked.
/// Every index in it is in range and every number finite.
public struct Scene: Sendable {
  /// A node of the hierarchy.
  public struct Node: Sendable {
    /// Its name; may be empty.
    public var name: String
    /// Index of the parent; nil for a root. Parents come before children.
    public var parent: Int?
    /// The pose when no animation drives it.
    public var pose: Pose
    /// Index into `meshes`.
    public var mesh: Int?
    /// Index into `cameras`.
    public var camera: Int?
    /// A light at its origin, along its -Z.
    public var light: Light?
    /// Index into `skins`: its joints place the mesh, and this node does not.
    public var skin: Int?
    /// Of the mesh's morph targets when no animation drives them.
    public var weights: [Float]

    /// All fields, in the order of their declaration.
    public init(
      name: String, parent: Int? = nil, pose: Pose = .identity, mesh: Int? = nil, camera: Int? = nil,
      light: Light? = nil, skin: Int? = nil, weights: [Float] = []
    ) {
      self.name = name
      self.parent = parent
      self.pose = pose
      self.mesh = mesh
      self.camera = camera
      self.light = light
      self.skin = skin
      self.weights = weights
    }
  }
  /// One material's triangles of a mesh.
  public struct Primitive: Sendable {
    /// Object space, metres.
    public var positions: [SIMD3<Float>]
    /// Unit length, one a position.
    public var normals: [SIMD3<Float>]
    /// Texture coordinates, one a position: (0, 0) top left, v down. Empty where there are none, and the
    /// material asks for none.
    public var uvs: [SIMD2<Float>]
    /// A second set, one a position; empty where the material asks for none.
    public var uvs1: [SIMD2<Float>]
    /// Where texture coordinates grow on the surface: xyz of unit length at right angles to the normal, and
    /// +1 or -1: the bitangent (towards smaller v) is cross(normal, xyz) * w. One a position; empty where the
    /// material asks for none.
    public var tangents: [SIMD4<Float>]
    /// Factor on the material's base colour and alpha, linear; one a position, or empty.
    public var colors: [SIMD4<Float>]
    /// Three a triangle, into the arrays above; counter-clockwise seen from the front.
    public var indices: [UInt32]
    /// Index into `materials`.
    public var material: Int
    /// How its vertices move; nil when they do not.
    public var deformation: Deformation?

    /// All fields; `uvs1`, `tangents` and `colors` may be left out.
    public init(
      positions: [SIMD3<Float>], normals: [SIMD3<Float>], uvs: [SIMD2<Float>], uvs1: [SIMD2<Float>] = [],
      tangents: [SIMD4<Float>] = [], colors: [SIMD4<Float>] = [], indices: [UInt32], material: Int
    ) {
      self.positions = positions
      self.normals = normals
      self.uvs = uvs
      self.uvs1 = uvs1
      self.tangents = tangents
      self.colors = colors
      self.indices = indices
      self.material = material
    }
  }
  /// How a texture is looked up.
  public struct Texture: Sendable, Hashable {
    /// What happens outside 0 ... 1.
    public enum Wrap: Int32, Sendable { case repeated = 0, clamped = 1, mirrored = 2 }
    /// Index into `images`.
    public var image: Int
    /// Along u.
    public var wrapS: Wrap
    /// Along v.
    public var wrapT: Wrap
    /// Nearest texel, instead of bilinear.
    public var nearest: Bool

    /// All fields, in the order of their declaration.
    public init(image: Int, wrapS: Wrap = .repeated, wrapT: Wrap = .repeated, nearest: Bool = false) {
      self.image = image
      self.wrapS = wrapS
      self.wrapT = wrapT
      self.nearest = nearest
    }
  }
  /// An encoded image, PNG or JPEG. Decoded, and found broken, by the renderer and by the coordinator's
  /// check.
  public struct Image: Sendable {
    /// Where it came from, for errors: a path, or "images[3]".
    public var source: String
    /// The file's bytes.
    public var bytes: [UInt8]

    /// All fields, in the order of their declaration.
    public init(source: String, bytes: [UInt8]) {
      self.source = source
      self.bytes = bytes
    }
  }
  /// The light around the scene: a lat-long Radiance .hdr or OpenEXR image.
  public struct Environment: Sendable {
    /// Path, for errors.
    public var source: String
    /// The file's bytes.
    public var bytes: [UInt8]
    /// Factor on its radiance.
    public var strength: Float
    /// Turn about +Y, degrees, counter-clockwise seen from above.
    public var rotationDeg: Float

    /// All fields, in the order of their declaration.
    public init(source: String, bytes: [UInt8], strength: Float = 1, rotationDeg: Float = 0) {
      self.source = source
      self.bytes = bytes
      self.strength = strength
      self.rotationDeg = rotationDeg
    }
  }
  /// What the scene file suggests for rendering; flags and job terms win.
  public struct Settings: Sendable, Hashable {
    /// Image width, pixels.
    public var widthPX: Int?
    /// Image height, pixels.
    public var heightPX: Int?
    /// Samples of each pixel.
    public var samplesPerPixel: Int?
    /// How a pixel weighs the light around it.
    public var filter: PixelFilter?

    /// All fields, in the order of their declaration.
    public init(
      widthPX: Int? = nil, heightPX: Int? = nil, samplesPerPixel: Int? = nil, filter: PixelFilter? = nil
    ) {
      self.widthPX = widthPX
      self.heightPX = heightPX
      self.samplesPerPixel = samplesPerPixel
      self.filter = filter
    }
  }

  /// Path of the file it was read from, for errors.
  public var source: String
  /// The hierarchy, depth first.
  public var nodes: [Node]
  /// Indices of primitives, by mesh.
  public var meshes: [[Int]]
  /// What nodes show, by way of `meshes`.
  public var primitives: [Primitive]
  /// What primitives are made of.
  public var materials: [Material]
  /// What materials look up.
  public var textures: [Texture]
  /// What textures are of.
  public var images: [Image]
  /// Cameras on nodes.
  public var cameras: [Camera]
  /// What nodes' meshes hang on.
  public var skins: [Skin]
  /// All play together, a later one over an earlier.
  public var animations: [Animation]
  /// The light around; nil for darkness.
  public var environment: Environment?
  /// What the files suggest for rendering.
  public var settings: Settings

  /// All fields, in the order of their declaration.
  public init(
    source: String = "", nodes: [Node], meshes: [[Int]], primitives: [Primitive], materials: [Material],
    textures: [Texture] = [], images: [Image] = [], cameras: [Camera] = [], skins: [Skin] = [],
    animations: [Animation] = [],
    environment: Environment? = nil, settings: Settings = Settings()
  ) {
    self.source = source
    self.nodes = nodes
    self.meshes = meshes
    self.primitives = primitives
    self.materials = materials
    self.textures = textures
    self.images = images
    self.cameras = cameras
    self.skins = skins
    self.animations = animations
    self.environment = environment
    self.settings = settings
  }
}

/// Translation, rotation (unit quaternion x, y, z, w) and scale of a node, or its matrix.
public struct Pose: Hashable, Sendable {
  /// Metres.
  public var translation: SIMD3<Float>
  /// Unit quaternion x, y, z, w.
  public var rotation: SIMD4<Float>
  /// Factor along each axis.
  public var scale: SIMD3<Float>
  /// A node given as a matrix keeps it here, unchanged; animation does not touch such nodes (glTF 3.5.3).
  public var matrix: Transform<ObjectSpace, ObjectSpace>?
  /// All fields, in the order of their declaration.
  public init(
    translation: SIMD3<Float> = .zero, rotation: SIMD4<Float> = Quaternion.identity,
    scale: SIMD3<Float> = SIMD3(repeating: 1), matrix: Transform<ObjectSpace, ObjectSpace>? = nil
  ) {
    self.translation = translation
    self.rotation = rotation
    self.scale = scale
    self.matrix = matrix
  }
  /// No movement.
  public static let identity = Pose()
}

/// One glTF animation's channels; times in seconds from its start.
public struct Animation: Sendable {
  /// What a channel drives.
  public enum Path: Sendable { case translation, rotation, scale }
  /// How it goes from key to key (glTF appendix C).
  public enum Interpolation: Sendable { case step, linear, cubicSpline }
  /// One driven property of one node.
  public struct Channel: Sendable {
    /// Index into the scene's `nodes`.
    public var node: Int
    /// What of the node.
    public var path: Path
    /// How it goes between keys.
    public var interpolation: Interpolation
    /// Strictly ascending, seconds.
    public var timesS: [Float]
    /// One a key; for cubicSpline three (in-tangent, value, out-tangent). xyz for translation and scale.
    public var values: [SIMD4<Float>]

    /// All fields, in the order of their declaration.
    public init(node: Int, path: Path, interpolation: Interpolation, timesS: [Float], values: [SIMD4<Float>])
    {
      self.node = node
      self.path = path
      self.interpolation = interpolation
      self.timesS = timesS
      self.values = values
    }
  }
  /// Its name; may be empty.
  public var name: String
  /// What it moves.
  public var channels: [Channel]
  /// What it morphs.
  public var weights: [WeightChannel]

  /// All fields, in the order of their declaration.
  public init(name: String = "", channels: [Channel], weights: [WeightChannel] = []) {
    self.name = name
    self.channels = channels
    self.weights = weights
  }
}
