import Imaging

/// Why a frame scene cannot be prepared for a device.
public enum DeviceSceneError: Error, Hashable, Sendable {
  /// An image of the scene cannot be decoded. `source`: its path or place in the scene file.
  case image(source: String, reason: ImagingError)
  /// The environment cannot be decoded. `source`: its path.
  case environment(source: String, reason: ImagingError)
  /// More triangles than the device's layout can address.
  case tooManyTriangles(count: Int, limit: Int)
  /// More texels, over all images, than the device's layout can address.
  case tooManyTexels(count: Int, limit: Int)
  /// A vertex lies so far out that single precision cannot trace it. `instance`: index into the frame scene.
  case tooFarOut(instance: Int, primitive: Int, coordinate: Float, limit: Float)
}

extension DeviceSceneError: CustomStringConvertible {
  /// What, where and what to do, in a line.
  public var description: String {
    switch self {
    case .image(let source, let reason): "image \(source): \(reason)"
    case .environment(let source, let reason): "environment \(source): \(reason)"
    case .tooManyTriangles(let count, let limit):
      "the frame has \(count) triangles; a device can address \(limit): use coarser meshes or fewer copies"
    case .tooManyTexels(let count, let limit):
      "the textures have \(count) texels; a device can address \(limit): use smaller images"
    case .tooFarOut(let instance, let primitive, let coordinate, let limit):
      "instance \(instance) (primitive \(primitive)) reaches \(coordinate) m from the origin; the limit is"
        + " \(limit) m: move or scale it"
    }
  }
}
