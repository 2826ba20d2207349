import SceneModel

/// The references of a part by bins on each axis, and the cut between two bins that the surface area
/// heuristic finds: Wald, "On fast construction of SAH-based bounding volume hierarchies", 2007.
private struct BVHBins {
  /// A plane between two bins of an axis.
  struct Cut {
    var axis: Int
    /// The first bin of the second part.
    var bin: Int32
    /// Bounds of both parts.
    var boxes: (BVHBox, BVHBox)
  }

  /// A bin's references, in one piece of the range.
  struct Bin {
    var box = BVHBox.empty
    var count = 0
  }

  let part: BVHPart
  /// Most references of a leaf: it costs the same whether it is full or not.
  let leafCount: Int
  let pieces: Pieces
  /// Bins an axis: few references do not need many, and there are many parts of few.
  let binCount: Int
  /// Bins a metre, by axis; 0 on an axis where the centres (nearly) coincide.
  private let scale: SIMD4<Float>

  init(_ part: BVHPart, leafCount: Int) {
    self.part = part
    self.leafCount = leafCount
    pieces = BVHWorkspace.pieces(of: part.range)
    binCount = part.count <= 64 ? 8 : 16
    var scale = SIMD4<Float>.zero
    for axis in 0..<3 {
      let perMetre = Float(binCount) / (part.centres.high[axis] - part.centres.low[axis])
      if perMetre.isFinite { scale[axis] = perMetre }
    }
    self.scale = scale
  }

  /// How many entries a table of all bins has: by piece, then axis, then bin.
  var tableCount: Int { pieces.count * 3 * binCount }
  private func slot(_ piece: Int, _ axis: Int, _ bin: Int) -> Int { (piece * 3 + axis) * binCount + bin }

  /// Which bin a reference falls into on each axis.
  @inline(__always) private func bins(of centre: SIMD4<Float>) -> SIMD4<Int32> {
    let position = (centre - part.centres.low) * scale
    let last = Float(binCount - 1)
    return SIMD4(
      Int32(min(position.x, last)), Int32(min(position.y, last)), Int32(min(position.z, last)), 0)
  }

  func count(_ workspace: BVHWorkspace, into table: UnsafeMutablePointer<Bin>) {
    table.initialize(repeating: Bin(), count: tableCount)
    let references = workspace.references(part)
    ParallelLoop.run(pieces.count, concurrent: workspace.concurrent) { piece in
      for i in pieces[piece] {
        let reference = references[i]
        let bins = bins(of: reference.centre)
        for axis in 0..<3 {
          let slot = slot(piece, axis, Int(bins[axis]))
          table[slot].box.add(low: reference.low, high: reference.high)
          table[slot].count += 1
        }
      }
    }
  }

  /// How many leaves so many references fill.
  private func leaves(_ count: Int) -> Double { Double((count + leafCount - 1) / leafCount) }

  /// The cheapest cut whose first part `admits` its count; nil when there is none. Sums the pieces' bins into
  /// the first piece's.
  func bestCut(_ table: UnsafeMutablePointer<Bin>, admits: (Int) -> Bool) -> Cut? {
    var best: (cost: Double, cut: Cut)?
    withUnsafeTemporaryAllocation(of: BVHBox.self, capacity: binCount) { above in
      for axis in 0..<3 where scale[axis] > 0 {
        var box = BVHBox.empty
        for bin in stride(from: binCount - 1, to: 0, by: -1) {
          for piece in 0..<pieces.count { box.add(table[slot(piece, axis, bin)].box) }
          above[bin] = box
        }
        box = .empty
        var below = 0
        for bin in 1..<binCount {
          for piece in 0..<pieces.count {
            box.add(table[slot(piece, axis, bin - 1)].box)
            below += table[slot(piece, axis, bin - 1)].count
          }
          guard below > 0, below < part.count, admits(below) else { continue }
          let cost = box.halfArea * leaves(below) + above[bin].halfArea * leaves(part.count - below)
          if best.map({ cost < $0.cost }) ?? true {
            best = (cost, Cut(axis: axis, bin: Int32(bin), boxes: (box, above[bin])))
          }
        }
      }
    }
    return best?.cut
  }

  /// Where a piece's references of both parts go, and the bounds of their centres.
  private struct Move {
    var places: (Int, Int)
    var centres = (BVHBox.empty, BVHBox.empty)
  }

  /// Moves the references to the other buffer, those before the cut first, both parts in their old order.
  func move(_ cut: Cut, _ table: UnsafeMutablePointer<Bin>, _ workspace: BVHWorkspace) -> (BVHPart, BVHPart) {
    func countBefore(_ piece: Int) -> Int {
      (0..<Int(cut.bin)).reduce(0) { $0 + table[slot(piece, cut.axis, $1)].count }
    }
    let middle = (0..<pieces.count).reduce(part.range.lowerBound) { $0 + countBefore($1) }
    var parts = (
      BVHPart(
        range: part.range.lowerBound..<middle, isMoved: !part.isMoved, box: cut.boxes.0, centres: .empty),
      BVHPart(
        range: middle..<part.range.upperBound, isMoved: !part.isMoved, box: cut.boxes.1, centres: .empty)
    )
    withUnsafeTemporaryAllocation(of: Move.self, capacity: pieces.count) { moves in
      var places = (part.range.lowerBound, middle)
      for piece in 0..<pieces.count {
        moves.initializeElement(at: piece, to: Move(places: places))
        let before = countBefore(piece)
        places = (places.0 + before, places.1 + pieces[piece].count - before)
      }
      ParallelLoop.run(pieces.count, concurrent: workspace.concurrent) { piece in
        moves[piece] = moved(pieces[piece], cut, moves[piece], workspace)
      }
      for move in moves {
        parts.0.centres.add(move.centres.0)
        parts.1.centres.add(move.centres.1)
      }
    }
    return parts
  }

  private func moved(_ piece: Range<Int>, _ cut: Cut, _ start: Move, _ workspace: BVHWorkspace) -> Move {
    let (from, to) = (workspace.references(part), workspace.moved(part))
    var move = start
    for i in piece {
      let reference = from[i]
      let centre = reference.centre
      if bins(of: centre)[cut.axis] < cut.bin {
        to[move.places.0] = reference
        move.places.0 += 1
        move.centres.0.add(low: centre, high: centre)
      } else {
        to[move.places.1] = reference
        move.places.1 += 1
        move.centres.1.add(low: centre, high: centre)
      }
    }
    return move
  }
}

extension BVHPart {
  /// Cuts the range in two by the surface area heuristic, where leaves have up to `leafCount` references.
  /// `admits` says whether the first part may have that many; where no cut of the heuristic is admitted (or
  /// all centres coincide), the first part takes the first `fallback` references as they lie.
  func split(
    _ workspace: BVHWorkspace, leafCount: Int, fallback: Int, admits: (Int) -> Bool
  ) -> (BVHPart, BVHPart) {
    let bins = BVHBins(self, leafCount: leafCount)
    let halves = withUnsafeTemporaryAllocation(of: BVHBins.Bin.self, capacity: bins.tableCount) { table in
      table.baseAddress.flatMap { table in
        bins.count(workspace, into: table)
        return bins.bestCut(table, admits: admits).map { bins.move($0, table, workspace) }
      }
    }
    let middle = range.lowerBound + fallback
    return halves
      ?? (
        workspace.measured(range.lowerBound..<middle, isMoved: isMoved),
        workspace.measured(middle..<range.upperBound, isMoved: isMoved)
      )
  }
}
