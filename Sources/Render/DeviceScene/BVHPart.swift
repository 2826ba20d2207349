import SceneModel

/// References on their way into nodes: two buffers, between which every cut moves its range, stably, so that
/// the order depends on the cuts alone.
struct BVHWorkspace {
  private let buffers: (UnsafeMutablePointer<BVHReference>, UnsafeMutablePointer<BVHReference>)
  let count: Int
  /// Use all cores for a long range.
  let concurrent: Bool

  /// `count` references as `reference` gives them, in the first buffer.
  init(count: Int, concurrent: Bool, reference: (Int) -> BVHReference) {
    let first = UnsafeMutablePointer<BVHReference>.allocate(capacity: count)
    buffers = (first, UnsafeMutablePointer<BVHReference>.allocate(capacity: count))
    self.count = count
    self.concurrent = concurrent
    let whole = BVHWorkspace.pieces(of: 0..<count)
    ParallelLoop.run(whole.count, concurrent: concurrent) { piece in
      for i in whole[piece] { (first + i).initialize(to: reference(i)) }
    }
  }

  /// A range for the cores.
  static func pieces(of range: Range<Int>) -> Pieces { Pieces(of: range, size: 1 << 16) }

  func deallocate() {
    buffers.0.deallocate()
    buffers.1.deallocate()
  }

  /// All references, in the first buffer.
  var whole: BVHPart { measured(0..<count, isMoved: false) }

  /// References of a part that lies where its range is, in one buffer or the other.
  func measured(_ range: Range<Int>, isMoved: Bool) -> BVHPart {
    var part = BVHPart(range: range, isMoved: isMoved, box: .empty, centres: .empty)
    let references = references(part)
    let pieces = BVHWorkspace.pieces(of: range)
    withUnsafeTemporaryAllocation(of: (box: BVHBox, centres: BVHBox).self, capacity: pieces.count) { boxes in
      ParallelLoop.run(pieces.count, concurrent: concurrent) { piece in
        var (box, centres) = (BVHBox.empty, BVHBox.empty)
        for i in pieces[piece] {
          box.add(low: references[i].low, high: references[i].high)
          let centre = references[i].centre
          centres.add(low: centre, high: centre)
        }
        boxes[piece] = (box, centres)
      }
      for piece in boxes {
        part.box.add(piece.box)
        part.centres.add(piece.centres)
      }
    }
    return part
  }

  /// Where a part's references are.
  @inline(__always) func references(_ part: BVHPart) -> UnsafeMutablePointer<BVHReference> {
    part.isMoved ? buffers.1 : buffers.0
  }
  /// Where a cut moves them.
  @inline(__always) func moved(_ part: BVHPart) -> UnsafeMutablePointer<BVHReference> {
    part.isMoved ? buffers.0 : buffers.1
  }
}

/// A range of references: where it is and what it covers.
struct BVHPart: Sendable {
  /// Into the workspace's buffers.
  var range: Range<Int>
  /// In the second buffer.
  var isMoved: Bool
  /// Of the triangles.
  var box: BVHBox
  /// Of the centres of the triangles' boxes.
  var centres: BVHBox

  var count: Int { range.count }
}
