import Kernels
import SceneModel

/// All that next-event estimation chooses from, and how it weighs them.
struct LightTable {
  let emitters: [DeviceEmitter]
  let tree: LightTree
  /// Whether some emitter has no size.
  let hasPunctual: Bool
  /// Importance of the environment beside that of the tree's roots.
  private let environmentWeight: Double

  /// Builds the tree over the emitters. `low`, `high`: bounds of the scene, metres.
  init(
    _ table: EmitterTable, _ environment: EnvironmentTable, low: SIMD3<Float>, high: SIMD3<Float>
  ) {
    let bounds = table.emitters.map { LightBound($0) }
    let local = bounds.reduce(0) { $0 + $1.power }
    hasPunctual = table.hasPunctual
    guard environment.width > 0, !bounds.isEmpty else {
      environmentWeight = environment.width > 0 ? 1 : 0
      (emitters, tree) = LightTable.tree(table.emitters, bounds, otherPower: 0)
      return
    }
    // d(omega) = 2 pi^2 sin(theta) du dv. What walls keep out is not known here: no more than what emitters
    // bring to a point at a typical distance.
    let irradiance = 2 * Double.pi * Double.pi * environment.integral
    let diagonal = SIMD3<Double>(high) - SIMD3<Double>(low)
    let typical = local / max(diagonal.dot(diagonal) / 12, 1e-12)
    let weight = min(irradiance, typical)
    environmentWeight = weight / (weight + local)
    (emitters, tree) = LightTable.tree(table.emitters, bounds, otherPower: weight)
  }

  private static func tree(
    _ listed: [DeviceEmitter], _ bounds: [LightBound], otherPower: Double
  ) -> ([DeviceEmitter], LightTree) {
    var emitters = listed
    let tree = LightTree(&emitters, bounds: bounds, otherPower: otherPower)
    return (emitters, tree)
  }

  /// Writes counts and weight.
  func describe(in header: inout DeviceSceneHeader) {
    header.emitter_count = Int32(emitters.count)
    header.light_root_count = Int32(tree.rootCount)
    header.light_node_count = Int32(tree.nodes.count)
    header.environment_weight = Float(environmentWeight)
  }
}
