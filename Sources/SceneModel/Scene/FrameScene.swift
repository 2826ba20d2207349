/// A scene at one instant, seen by one camera: what a renderer prepares.
public struct FrameScene: Sendable {
  /// A primitive placed in the world.
  public struct Instance: Sendable {
    /// Index into `scene.primitives`.
    public var primitive: Int
    /// Where its positions go.
    public var worldFromObject: Transform<ObjectSpace, WorldSpace>

    /// All fields, in the order of their declaration.
    public init(primitive: Int, worldFromObject: Transform<ObjectSpace, WorldSpace>) {
      self.primitive = primitive
      self.worldFromObject = worldFromObject
    }
  }
  /// A camera in place.
  public struct View: Sendable, Hashable {
    /// Rigid: orthonormal axes.
    public var worldFromCamera: Transform<CameraSpace, WorldSpace>
    /// What stands there.
    public var camera: Scene.Camera
    /// All fields, in the order of their declaration.
    public init(worldFromCamera: Transform<CameraSpace, WorldSpace>, camera: Scene.Camera) {
      self.worldFromCamera = worldFromCamera
      self.camera = camera
    }
    /// A perspective pinhole; vertical field of view, radians.
    public init(worldFromCamera: Transform<CameraSpace, WorldSpace>, yFovRad: Float) {
      self.init(worldFromCamera: worldFromCamera, camera: Scene.Camera(yFovRad: yFovRad))
    }
  }

  /// The static part.
  public var scene: Scene
  /// In the order of nodes, then of primitives in the mesh: the order of triangle numbers.
  public var instances: [Instance]
  /// The camera.
  public var view: View
  /// Lights without size, in the order of nodes.
  public var lights: [Light]

  /// All fields, in the order of their declaration.
  public init(scene: Scene, instances: [Instance], view: View, lights: [Light] = []) {
    self.scene = scene
    self.instances = instances
    self.view = view
    self.lights = lights
  }
}
