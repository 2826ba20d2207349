import Kernels

/// The tree by which the kernels choose an emitter (light_tree.cl).
struct LightTree {
  /// Roots first.
  private(set) var nodes: [DeviceLightNode] = []
  private(set) var rootCount = 0

  private let whole: Double
  private let bounds: [LightBound]

  /// Builds it and writes every emitter's place in it. `otherPower`: of what competes with the roots.
  init(_ emitters: inout [DeviceEmitter], bounds: [LightBound], otherPower: Double) {
    self.bounds = bounds
    whole = bounds.reduce(otherPower) { $0 + $1.power }
    guard !emitters.isEmpty else { return }
    let isDistant = Dictionary(grouping: bounds.indices) { bounds[$0].isDistant }
    let kinds = [isDistant[false], isDistant[true]].compactMap { $0 }
    var roots = kinds.map { Branch($0[...], bounds) }
    // The node with the widest and strongest light is cut first.
    while roots.count < Int(LIGHT_ROOTS_MAX),
      let widest = roots.indices.filter({ roots[$0].emitters.count > 1 }).max(by: { i, j in
        roots[i].urgency < roots[j].urgency
      })
    {
      let (first, second) = roots[widest].split(bounds, level: 0)
      roots[widest] = first
      roots.append(second)
    }
    // Leaves alone: in the order of the emitters, so that a root is its emitter.
    roots.sort { ($0.emitters.first ?? 0) < ($1.emitters.first ?? 0) }
    rootCount = roots.count
    nodes = roots.map { _ in DeviceLightNode() }
    for (i, root) in roots.enumerated() { add(root, at: i, root: i, level: 0, trail: 0, &emitters) }
  }

  private mutating func add(
    _ branch: Branch, at index: Int, root: Int, level: Int, trail: UInt32, _ emitters: inout [DeviceEmitter]
  ) {
    if branch.emitters.count == 1, let emitter = branch.emitters.first {
      nodes[index] = branch.bound.node(child: ~Int32(emitter), of: whole)
      emitters[emitter].root = Int32(root)
      emitters[emitter].trail = trail
      return
    }
    let child = nodes.count
    nodes[index] = branch.bound.node(child: Int32(child), of: whole)
    nodes.append(contentsOf: [DeviceLightNode(), DeviceLightNode()])
    let (first, second) = branch.split(bounds, level: level)
    add(first, at: child, root: root, level: level + 1, trail: trail, &emitters)
    add(second, at: child + 1, root: root, level: level + 1, trail: trail | 1 << UInt32(level), &emitters)
  }
}

/// Emitters that stay together.
private struct Branch {
  /// In no order that matters; at least one.
  let emitters: ArraySlice<Int>
  let bound: LightBound

  init(_ emitters: ArraySlice<Int>, _ bounds: [LightBound]) {
    self.emitters = emitters
    bound =
      emitters.count == 1 ? bounds[emitters[emitters.startIndex]] : LightBound(emitters.map { bounds[$0] })
  }

  /// How much is to be won by cutting.
  var urgency: Double { bound.power * bound.spread }

  static let binCount = 16

  /// Cuts it in two, neither empty, so that the sum of power times squared extent times spread of direction
  /// is least, over bins along each axis; in the middle where levels run out.
  func split(_ bounds: [LightBound], level: Int) -> (Branch, Branch) {
    precondition(emitters.count > 1, "one emitter cannot be split")
    let levelsLeft = Int(LIGHT_LEVELS_MAX) - 1 - level
    if emitters.count <= 1 << (levelsLeft - 1), let cut = bestCut(bounds) {
      let first = emitters.filter { cut.isFirst(bounds[$0].center) }
      let second = emitters.filter { !cut.isFirst(bounds[$0].center) }
      return (Branch(first[...], bounds), Branch(second[...], bounds))
    }
    let middle = emitters.startIndex + emitters.count / 2
    return (Branch(emitters[..<middle], bounds), Branch(emitters[middle...], bounds))
  }

  private func bestCut(_ bounds: [LightBound]) -> Cut? {
    var low = bounds[emitters[emitters.startIndex]].center
    var high = low
    for i in emitters {
      low = pointwiseMin(low, bounds[i].center)
      high = pointwiseMax(high, bounds[i].center)
    }
    var best: (cost: Double, cut: Cut)?
    for axis in 0..<3 where high[axis] > low[axis] {
      let scale = Double(Branch.binCount) / (high[axis] - low[axis])
      guard scale.isFinite else { continue }
      var bins = [Bin](repeating: Bin(), count: Branch.binCount)
      for i in emitters {
        let cut = Cut(axis: axis, low: low[axis], scale: scale, bin: 0)
        bins[cut.bin(of: bounds[i].center)].add(bounds[i])
      }
      var after = [Bin](repeating: Bin(), count: Branch.binCount + 1)
      for i in bins.indices.reversed() { after[i] = after[i + 1].joined(bins[i]) }
      var before = Bin()
      for i in 0..<Branch.binCount - 1 {
        before = before.joined(bins[i])
        guard before.count > 0, after[i + 1].count > 0 else { continue }
        let cost = before.cost + after[i + 1].cost
        if cost < best?.cost ?? .infinity {
          best = (cost, Cut(axis: axis, low: low[axis], scale: scale, bin: i))
        }
      }
    }
    return best?.cut
  }
}

/// A plane between two bins.
private struct Cut {
  let axis: Int
  let low: Double
  let scale: Double
  /// The last one on the first side.
  let bin: Int

  func bin(of center: SIMD3<Double>) -> Int { min(Branch.binCount - 1, Int((center[axis] - low) * scale)) }
  func isFirst(_ center: SIMD3<Double>) -> Bool { bin(of: center) <= bin }
}

/// What the cost of a side needs to know.
private struct Bin {
  var count = 0
  var power = 0.0
  var axis = SIMD3<Double>.zero
  var low = SIMD3<Double>(repeating: .infinity)
  var high = SIMD3<Double>(repeating: -.infinity)

  mutating func add(_ bound: LightBound) {
    count += 1
    power += bound.power
    axis += bound.axis * (bound.isTwoSided ? 0 : bound.power)
    let reach = SIMD3<Double>(repeating: bound.spread.squareRoot())
    low = pointwiseMin(low, bound.center - reach)
    high = pointwiseMax(high, bound.center + reach)
  }

  func joined(_ other: Bin) -> Bin {
    var sum = self
    sum.count += other.count
    sum.power += other.power
    sum.axis += other.axis
    sum.low = pointwiseMin(low, other.low)
    sum.high = pointwiseMax(high, other.high)
    return sum
  }

  /// Light all round counts three times as much as light in one direction.
  var cost: Double {
    guard count > 0 else { return 0 }
    let extent = high - low
    return (power * extent.dot(extent)) * (3 - 2 * min(1, axis.length / power))
  }
}
