/// A range of references on its way into a node: where it is and what it covers.
struct BVHRange {
  /// Into the references of the tree.
  var range: Range<Int>
  /// Of the triangles.
  var box: BVHBox
  /// Of the centres of the triangles' boxes.
  var centres: BVHBox

  var count: Int { range.count }

  init(_ references: UnsafeMutableBufferPointer<BVHReference>, _ range: Range<Int>) {
    self.range = range
    box = .empty
    centres = .empty
    for i in range {
      let reference = references[i]
      box.add(low: reference.low, high: reference.high)
      let centre = reference.centre
      centres.add(low: centre, high: centre)
    }
  }

  /// Cuts the range in two by the surface area heuristic, moving the references. `admits` says whether the
  /// first part may have that many; where no cut of the heuristic is admitted (or all centres coincide), the
  /// first part takes the first `fallback` references as they lie.
  func split(
    _ references: UnsafeMutableBufferPointer<BVHReference>, fallback: Int, admits: (Int) -> Bool
  ) -> (BVHRange, BVHRange) {
    var middle = range.lowerBound + fallback
    if let cut = bestCut(references, admits: admits) { middle = partition(references, cut) }
    return (
      BVHRange(references, range.lowerBound..<middle), BVHRange(references, middle..<range.upperBound)
    )
  }

  /// Bins an axis.
  private static let binCount = 16

  /// A plane between two bins.
  private struct Cut {
    var axis: Int
    /// The first bin of the second part.
    var bin: Int32
    var scale: SIMD4<Float>
  }

  private struct Bin {
    var box = BVHBox.empty
    var count = 0
  }

  /// Bins a metre, by axis; 0 on an axis where the centres (nearly) coincide.
  private var binScale: SIMD4<Float> {
    var scale = SIMD4<Float>.zero
    for axis in 0..<3 {
      let perMetre = Float(BVHRange.binCount) / (centres.high[axis] - centres.low[axis])
      if perMetre.isFinite { scale[axis] = perMetre }
    }
    return scale
  }

  /// Which bin a reference falls into on each axis.
  @inline(__always) private func bins(of reference: BVHReference, _ scale: SIMD4<Float>) -> SIMD4<Int32> {
    let position = (reference.centre - centres.low) * scale
    let last = Float(BVHRange.binCount - 1)
    return SIMD4(
      Int32(min(position.x, last)), Int32(min(position.y, last)), Int32(min(position.z, last)), 0)
  }

  private func bestCut(
    _ references: UnsafeMutableBufferPointer<BVHReference>, admits: (Int) -> Bool
  ) -> Cut? {
    let scale = binScale
    return withUnsafeTemporaryAllocation(of: Bin.self, capacity: 3 * BVHRange.binCount) { table in
      table.initialize(repeating: Bin())
      for i in range {
        let reference = references[i]
        let bins = bins(of: reference, scale)
        for axis in 0..<3 {
          let slot = axis * BVHRange.binCount + Int(bins[axis])
          table[slot].box.add(low: reference.low, high: reference.high)
          table[slot].count += 1
        }
      }
      var best: (cost: Double, cut: Cut)?
      for axis in 0..<3 where scale[axis] > 0 {
        let bins = UnsafeMutableBufferPointer(
          rebasing: table[axis * BVHRange.binCount..<(axis + 1) * BVHRange.binCount])
        guard let (cost, bin) = BVHRange.sweep(bins, count, admits) else { continue }
        if best.map({ cost < $0.cost }) ?? true { best = (cost, Cut(axis: axis, bin: bin, scale: scale)) }
      }
      return best?.cut
    }
  }

  /// The cheapest admitted cut of one axis: area x count of both parts, and the first bin of the second part.
  private static func sweep(
    _ bins: UnsafeMutableBufferPointer<Bin>, _ count: Int, _ admits: (Int) -> Bool
  ) -> (cost: Double, bin: Int32)? {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: binCount) { costAbove in
      var box = BVHBox.empty
      var above = 0
      for i in stride(from: binCount - 1, to: 0, by: -1) {
        box.add(low: bins[i].box.low, high: bins[i].box.high)
        above += bins[i].count
        costAbove[i] = above > 0 ? box.halfArea * Double(above) : 0
      }
      box = .empty
      var below = 0
      var best: (cost: Double, bin: Int32)?
      for i in 1..<binCount {
        box.add(low: bins[i - 1].box.low, high: bins[i - 1].box.high)
        below += bins[i - 1].count
        guard below > 0, below < count, admits(below) else { continue }
        let cost = box.halfArea * Double(below) + costAbove[i]
        if best.map({ cost < $0.cost }) ?? true { best = (cost, Int32(i)) }
      }
      return best
    }
  }

  /// Moves the references of the first part to the front; the index where the second part begins.
  private func partition(_ references: UnsafeMutableBufferPointer<BVHReference>, _ cut: Cut) -> Int {
    var front = range.lowerBound
    var back = range.upperBound
    while front < back {
      if bins(of: references[front], cut.scale)[cut.axis] < cut.bin {
        front += 1
      } else {
        back -= 1
        references.swapAt(front, back)
      }
    }
    return front
  }
}
