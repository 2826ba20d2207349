import Cryptography
import Kernels

/// A frame's scene as a device wants it: one header and flat arrays in the layout of DeviceTypes.h.
/// World space, metres, linear Rec.709. A pure function of the frame scene: the same bytes on every machine.
public struct DeviceScene: Sendable {
  /// Camera, environment turn, counts and bounds.
  public let header: DeviceSceneHeader
  /// The 8-wide BVH; the root is node 0; children come after their parents.
  package let nodes: [DeviceBVHNode]
  /// Leaves of the BVH, up to eight triangles each.
  package let blocks: [DeviceTriangleBlock]
  /// In the order of the frame scene's instances, then of their indices.
  package let triangles: [DeviceTriangle]
  /// Of the triangles that have one.
  package let details: [DeviceTriangleDetail]
  /// As the scene's materials.
  package let materials: [DeviceMaterial]
  /// The materials' uses of textures.
  package let textures: [DeviceTexture]
  /// 0xAABBGGRR, all images one after the other.
  package let texels: [UInt32]
  /// Emissive triangles and parallelograms, ascending by triangle, then lights without size.
  package let emitters: [DeviceEmitter]
  /// By which an emitter is chosen; the header's number of roots first.
  package let lightNodes: [DeviceLightNode]
  /// Row-major from the top left, 3 floats a texel (red, green, blue), radiance times strength.
  package let environmentRadiance: [Float]
  /// Marginal CDF (height + 1), then a conditional CDF (width + 1) a row; empty without an environment.
  package let environmentCDF: [Float]
  /// SHA-256 of the header and all arrays.
  public let digest: Digest

  /// Takes finished arrays; the header's counts must be those of the arrays.
  package init(
    header: DeviceSceneHeader, nodes: [DeviceBVHNode], blocks: [DeviceTriangleBlock],
    triangles: [DeviceTriangle], details: [DeviceTriangleDetail],
    materials: [DeviceMaterial], textures: [DeviceTexture], texels: [UInt32], emitters: [DeviceEmitter],
    lightNodes: [DeviceLightNode], environmentRadiance: [Float], environmentCDF: [Float]
  ) {
    let width = Int(header.environment_width)
    let height = Int(header.environment_height)
    let cdfCount = width == 0 ? 0 : (height + 1) + height * (width + 1)
    precondition(header.node_count == nodes.count, "\(header.node_count) nodes, not \(nodes.count)")
    precondition(header.triangle_count == triangles.count, "\(header.triangle_count), not \(triangles.count)")
    precondition(header.emitter_count == emitters.count, "\(header.emitter_count), not \(emitters.count)")
    precondition(
      header.light_node_count == lightNodes.count, "\(header.light_node_count), not \(lightNodes.count)")
    precondition(
      environmentRadiance.count == 3 * width * height, "\(width)x\(height), \(environmentRadiance.count)")
    precondition(environmentCDF.count == cdfCount, "a CDF of \(cdfCount), not \(environmentCDF.count)")
    self.header = header
    self.nodes = nodes
    self.blocks = blocks
    self.triangles = triangles
    self.details = details
    self.materials = materials
    self.textures = textures
    self.texels = texels
    self.emitters = emitters
    self.lightNodes = lightNodes
    self.environmentRadiance = environmentRadiance
    self.environmentCDF = environmentCDF
    var hasher = SHA256()
    hasher.update(Array("farm/device-scene/v2\n".utf8))
    hasher.update(array: [header])
    hasher.update(array: nodes)
    hasher.update(array: blocks)
    hasher.update(array: triangles)
    hasher.update(array: details)
    hasher.update(array: materials)
    hasher.update(array: textures)
    hasher.update(array: texels)
    hasher.update(array: emitters)
    hasher.update(array: lightNodes)
    hasher.update(array: environmentRadiance)
    hasher.update(array: environmentCDF)
    digest = hasher.finalize()
  }
}

extension SHA256 {
  /// Appends the count (8 bytes, big-endian), then the elements as they lie in memory: little-endian 4-byte
  /// scalars without gaps, on every host that this farm runs on.
  fileprivate mutating func update<Element>(array: [Element]) {
    withUnsafeBytes(of: UInt64(array.count).bigEndian) { update($0) }
    array.withUnsafeBytes { update($0) }
  }
}
