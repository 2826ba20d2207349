import Cryptography
import Kernels
import SceneModel

/// A frame's scene as a device wants it: one header and flat arrays in the layout of DeviceTypes.h.
/// World space, metres, linear Rec.709. A pure function of the frame scene: the same bytes on every machine.
public struct DeviceScene: Sendable {
  /// Camera, environment turn, counts, bounds, and the features that the scene needs of the kernels.
  public let header: DeviceSceneHeader
  /// The 8-wide BVH; the root is node 0; children come after their parents.
  package let nodes: DeviceArray<DeviceBVHNode>
  /// Leaves of the BVH, up to eight triangles each.
  package let blocks: DeviceArray<DeviceTriangleBlock>
  /// First those in world space, in the order of the frame scene's instances, then of their indices; after
  /// them the objects that instances show.
  package let triangles: TriangleMesh
  /// Of the triangles that have one.
  /// As the scene's materials.
  package let materials: [DeviceMaterial]
  /// The materials' uses of textures.
  package let textures: [DeviceTexture]
  /// 0xAABBGGRR, all images one after the other.
  package let texels: DeviceArray<UInt32>
  /// Emissive triangles and parallelograms, ascending by triangle, then lights without size.
  package let emitters: [DeviceEmitter]
  /// By which an emitter is chosen; the header's number of roots first.
  package let lightNodes: [DeviceLightNode]
  /// Row-major from the top left, 3 floats a texel (red, green, blue), radiance times strength.
  package let environmentRadiance: DeviceArray<Float>
  /// Marginal CDF (height + 2), then a conditional CDF (width + 1) for each of height + 1 rows; empty without
  /// an environment.
  package let environmentCDF: DeviceArray<Float>
  /// Decoding of texels, albedos of rough facets (DeviceTypes.h, ggx.cl).
  package let tables: [Float]
  /// What the BVH shows several times, or moved.
  package let instances: [DeviceInstance]

  /// Takes finished arrays; the header's counts must be those of the arrays.
  package init(
    header: DeviceSceneHeader, nodes: [DeviceBVHNode], blocks: DeviceArray<DeviceTriangleBlock>,
    triangles: TriangleMesh, materials: [DeviceMaterial],
    textures: [DeviceTexture], texels: DeviceArray<UInt32>, emitters: [DeviceEmitter],
    lightNodes: [DeviceLightNode], environmentRadiance: DeviceArray<Float>,
    environmentCDF: DeviceArray<Float>, tables: [Float], instances: [DeviceInstance]
  ) {
    let width = Int(header.environment_width)
    let height = Int(header.environment_height)
    let cdfCount = width == 0 ? 0 : (height + 2) + (height + 1) * (width + 1)
    precondition(header.node_count == nodes.count, "\(header.node_count) nodes, not \(nodes.count)")
    precondition(header.triangle_count == triangles.count, "\(header.triangle_count), not \(triangles.count)")
    precondition(header.instance_count == instances.count, "\(header.instance_count), not \(instances.count)")
    precondition(header.emitter_count == emitters.count, "\(header.emitter_count), not \(emitters.count)")
    precondition(
      header.light_node_count == lightNodes.count, "\(header.light_node_count), not \(lightNodes.count)")
    precondition(
      environmentRadiance.count == 3 * width * height, "\(width)x\(height), \(environmentRadiance.count)")
    precondition(environmentCDF.count == cdfCount, "a CDF of \(cdfCount), not \(environmentCDF.count)")
    self.header = header
    self.nodes = DeviceArray(nodes)
    self.blocks = blocks
    self.triangles = triangles
    self.materials = materials
    self.textures = textures
    self.texels = texels
    self.emitters = emitters
    self.lightNodes = lightNodes
    self.environmentRadiance = environmentRadiance
    self.environmentCDF = environmentCDF
    self.tables = tables
    self.instances = instances
  }

  /// SHA-256 over those of the header and all arrays. Computed when asked for: the arrays may be long.
  public var digest: Digest {
    var hasher = SHA256()
    hasher.update(Array("farm/device-scene/v3\n".utf8))
    hasher.update([header])
    nodes.withUnsafeBufferPointer { hasher.update($0) }
    blocks.withUnsafeBufferPointer { hasher.update($0) }
    triangles.vertices.withUnsafeBufferPointer { hasher.update($0) }
    triangles.triangles.withUnsafeBufferPointer { hasher.update($0) }
    triangles.details.withUnsafeBufferPointer { hasher.update($0) }
    hasher.update(materials)
    hasher.update(textures)
    texels.withUnsafeBufferPointer { hasher.update($0) }
    hasher.update(emitters)
    hasher.update(lightNodes)
    environmentRadiance.withUnsafeBufferPointer { hasher.update($0) }
    environmentCDF.withUnsafeBufferPointer { hasher.update($0) }
    hasher.update(tables)
    hasher.update(instances)
    return hasher.finalize()
  }
}

extension SHA256 {
  /// Bytes that one core hashes at a time.
  private static var pieceBytes: Int { 1 << 20 }

  fileprivate mutating func update<Element: BitwiseCopyable>(_ array: [Element]) {
    array.withUnsafeBufferPointer { update($0) }
  }

  /// Appends the size in bytes (8, big-endian), then the digests of all pieces of the values as they lie in
  /// memory: little-endian 4-byte scalars without gaps, on every host that this farm runs on.
  fileprivate mutating func update<Element: BitwiseCopyable>(_ values: UnsafeBufferPointer<Element>) {
    let bytes = UnsafeRawBufferPointer(values)
    withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { update($0) }
    let pieces = Pieces(of: bytes.indices, size: SHA256.pieceBytes)
    let digests = [Digest](unsafeUninitializedCapacity: pieces.count) { digests, filled in
      filled = pieces.count
      ParallelLoop.run(pieces.count) { i in
        digests.initializeElement(at: i, to: Digest(of: UnsafeRawBufferPointer(rebasing: bytes[pieces[i]])))
      }
    }
    for digest in digests { update(digest.bytes) }
  }
}
