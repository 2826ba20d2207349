import Kernels
import Render

/// The arrays of a device scene, to be changed one by one.
struct SceneParts {
  var header = DeviceSceneHeader()
  var nodes = [DeviceBVHNode()]
  var blocks = [DeviceTriangleBlock()]
  var vertices = [DeviceVertex()]
  var triangles = [DeviceTriangle()]
  var details = [DeviceVertexDetail()]
  var materials = [DeviceMaterial()]
  var textures = [DeviceTexture()]
  var texels: [UInt32] = [0]
  var emitters = [DeviceEmitter()]
  var lightNodes = [DeviceLightNode()]
  var environmentRadiance: [Float] = [0, 0, 0]
  var environmentCDF: [Float] = [0, 0.5, 1, 0, 1, 0, 1]
  var tables: [Float] = [0]
  var instances = [DeviceInstance()]

  /// One of everything.
  static let example: SceneParts = {
    var parts = SceneParts()
    parts.header.node_count = 1
    parts.header.triangle_count = 1
    parts.header.emitter_count = 1
    parts.header.light_node_count = 1
    parts.header.instance_count = 1
    parts.header.environment_width = 1
    parts.header.environment_height = 1
    return parts
  }()

  /// A smallest change of each part; and the same zero word once more in one array than in the next.
  static let changes: [@Sendable (inout SceneParts) -> Void] = [
    { $0.header.environment_cos = 1 },
    { $0.nodes[0].child.7 = 1 },
    { $0.blocks[0].vertex.8.7 = 1 },
    { $0.vertices[0].uv.1 = 1 },
    { $0.triangles[0].detail = 1 },
    { $0.details[0].uv.1 = 1 },
    { $0.materials[0].double_sided = 1 },
    { $0.textures[0].nearest = 1 },
    { $0.texels[0] = 1 },
    { $0.emitters[0].trail = 1 },
    { $0.lightNodes[0].child = 1 },
    { $0.environmentRadiance[2] = 1 },
    { $0.environmentCDF[1] = 0.25 },
    { $0.tables[0] = 1 },
    { $0.instances[0].root = 1 },
    { $0.texels.append(0) },
    { $0.blocks.append(DeviceTriangleBlock()) },
  ]

  var scene: DeviceScene {
    DeviceScene(
      header: header, nodes: nodes, blocks: DeviceArray(blocks),
      triangles: TriangleMesh(DeviceArray(triangles), DeviceArray(vertices), DeviceArray(details)),
      materials: materials, textures: textures,
      texels: DeviceArray(texels),
      emitters: emitters, lightNodes: lightNodes, environmentRadiance: DeviceArray(environmentRadiance),
      environmentCDF: DeviceArray(environmentCDF), tables: tables, instances: instances)
  }
}
