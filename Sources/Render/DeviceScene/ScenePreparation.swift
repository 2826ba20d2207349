import Kernels
import SceneModel

/// Prepares frames one after another and keeps what the next one may have in common with the last: decoded
/// images, the environment, triangles, the shape of hierarchies. What comes out is what a fresh preparation
/// gives, to the byte; only sooner.
public struct ScenePreparation: Sendable {
  let copiesMax: Int
  private var materials: (Kept<Scene.Material>, Kept<Scene.Texture>, Kept<Scene.Image>, MaterialArray)?
  private var environment: (of: Kept<UInt8>, strength: Float, table: EnvironmentTable)?
  private var geometry: SceneGeometry?

  /// Nothing kept yet.
  public init() { self.init(copiesMax: InstancePlan.copiedTriangleCountMax) }

  /// The same with another limit on how many triangles may be copied rather than instanced.
  package init(copiesMax: Int) { self.copiesMax = copiesMax }

  /// A frame for a device.
  /// - Throws: an image or environment that cannot be decoded, or more than a device can hold.
  public mutating func prepare(_ frame: FrameScene) throws(DeviceSceneError) -> DeviceScene {
    let materials = try materials(frame.scene)
    let environment = try environment(frame.scene.environment)
    let geometry = try SceneGeometry(
      frame, InstancePlan(frame, copiesMax: copiesMax), materials, reusing: self.geometry)
    self.geometry = geometry
    // A camera far outside sees little; beyond this its distance must not blow up every box.
    let reach = max(geometry.reach, min(frame.view.reach, 8 * geometry.reach))
    let hierarchy = SceneHierarchy(frame, geometry.plan, geometry.trees, reach: reach)
    return DeviceScene(frame, materials, geometry, hierarchy, environment)
  }

  private mutating func materials(_ scene: Scene) throws(DeviceSceneError) -> MaterialArray {
    if let kept = materials, kept.0.is(scene.materials), kept.1.is(scene.textures), kept.2.is(scene.images) {
      return kept.3
    }
    materials = nil
    let array = try MaterialArray(scene)
    materials = (Kept(scene.materials), Kept(scene.textures), Kept(scene.images), array)
    return array
  }

  private mutating func environment(
    _ environment: Scene.Environment?
  ) throws(DeviceSceneError) -> EnvironmentTable {
    let (bytes, strength) = (environment?.bytes ?? [], environment?.strength ?? 0)
    if let kept = self.environment, kept.of.is(bytes), kept.strength == strength { return kept.table }
    self.environment = nil
    let table = try EnvironmentTable(environment)
    self.environment = (Kept(bytes), strength, table)
    return table
  }
}

/// An array of an earlier frame. As long as it is held nobody can change it in place: an array at the same
/// address is the same array.
struct Kept<Element: Sendable>: Sendable {
  private let array: [Element]

  init(_ array: [Element]) { self.array = array }

  /// Whether `other` is this very array. False says nothing.
  func `is`(_ other: [Element]) -> Bool {
    array.withUnsafeBufferPointer { own in
      other.withUnsafeBufferPointer { own.baseAddress == $0.baseAddress && own.count == $0.count }
    }
  }
}
