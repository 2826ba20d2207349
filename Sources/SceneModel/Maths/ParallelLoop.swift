import Dispatch

/// Loops over all cores.
package enum ParallelLoop {
  /// Runs `body` for 0 ..< count, in any order and at the same time; in order when not `concurrent`. Every
  /// call may write to places of its own only.
  package static func run(_ count: Int, concurrent: Bool = true, _ body: (Int) -> Void) {
    guard concurrent, count > 1 else {
      for i in 0..<count { body(i) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // It does not outlive this call, and callers answer for what it writes.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: count) { body($0) }
    }
  }
}

/// A range in pieces for the cores: one where it is short. The same pieces however many cores there are.
package struct Pieces {
  private let range: Range<Int>
  /// Of a piece, but for the last.
  private let size: Int

  package init(of range: Range<Int>, size: Int) {
    self.range = range
    self.size = size
  }

  package var count: Int { (range.count + size - 1) / size }
  package subscript(piece: Int) -> Range<Int> {
    let first = range.lowerBound + piece * size
    return first..<min(first + size, range.upperBound)
  }
}

extension Array {
  /// The elements mapped on all cores; `map` must be safe to call at the same time.
  package func mappedInParallel<Value>(_ map: (Element) -> Value) -> [Value] {
    let pieces = Pieces(of: indices, size: 1 << 14)
    return [Value](unsafeUninitializedCapacity: count) { out, filled in
      filled = count
      withUnsafeBufferPointer { values in
        ParallelLoop.run(pieces.count) { piece in
          for i in pieces[piece] { out.initializeElement(at: i, to: map(values[i])) }
        }
      }
    }
  }
}
