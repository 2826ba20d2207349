import Cryptography

/// An append-only Merkle tree that keeps the hash of every complete subtree: appends in amortised constant
/// time, roots and proofs of any size so far in logarithmic time. About 64 bytes a leaf.
public struct TransparencyLog: Sendable {
  /// `levels[h][i]`: the hash over leaves `i << h ..< (i + 1) << h`.
  private var levels: [[Digest]] = [[]]

  /// An empty log.
  public init() {}
  /// A log of these leaf hashes.
  public init(leafHashes: some Sequence<Digest>) { for leaf in leafHashes { append(leafHash: leaf) } }

  /// How many leaves it has.
  public var size: UInt64 { UInt64(levels[0].count) }
  /// The root of all leaves.
  public var root: Digest { root(at: size) }

  /// Adds a leaf; returns its index.
  @discardableResult
  public mutating func append(leafHash: Digest) -> UInt64 {
    let index = size
    levels[0].append(leafHash)
    var height = 0
    while levels[height].count.isMultiple(of: 2) {
      let below = levels[height]
      let node = MerkleTree.nodeHash(below[below.count - 2], below[below.count - 1])
      height += 1
      if height == levels.count { levels.append([]) }
      levels[height].append(node)
    }
    return index
  }

  /// Adds an entry; returns its index.
  @discardableResult
  public mutating func append(_ entry: LogEntry) -> UInt64 { append(leafHash: entry.leafHash) }

  /// The hash of leaf `index`.
  public func leafHash(at index: UInt64) -> Digest {
    precondition(index < size, "leaf \(index) of \(size)")
    return levels[0][Int(index)]
  }

  /// The root as it was at `size` leaves.
  public func root(at size: UInt64) -> Digest {
    precondition(size <= self.size, "size \(size) of \(self.size)")
    return size == 0 ? MerkleTree.emptyRoot : hash(0..<Int(size))
  }

  /// PATH(index, D[size]) of RFC 6962, section 2.1.1.
  public func inclusionProof(of index: UInt64, at size: UInt64) -> [Digest] {
    precondition(index < size && size <= self.size, "leaf \(index) at size \(size) of \(self.size)")
    var proof: [Digest] = []
    var range = 0..<Int(size)
    while range.count > 1 {
      let middle = range.lowerBound + MerkleTree.split(range.count)
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      proof.append(hash(Int(index) < middle ? right : left))
      range = Int(index) < middle ? left : right
    }
    return proof.reversed()
  }

  /// PROOF(oldSize, D[newSize]) of RFC 6962, section 2.1.2; empty from size zero.
  public func consistencyProof(from oldSize: UInt64, to newSize: UInt64) -> [Digest] {
    precondition(oldSize <= newSize && newSize <= size, "\(oldSize) to \(newSize) of \(size)")
    guard oldSize > 0, oldSize < newSize else { return [] }
    var proof: [Digest] = []
    var (range, isComplete) = (0..<Int(newSize), true)
    while range.upperBound != Int(oldSize) {
      let middle = range.lowerBound + MerkleTree.split(range.count)
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      let goesLeft = Int(oldSize) <= middle
      proof.append(hash(goesLeft ? right : left))
      range = goesLeft ? left : right
      isComplete = isComplete && goesLeft
    }
    if !isComplete { proof.append(hash(range)) }
    return proof.reversed()
  }

  /// The stored hashes over `1 << height` leaves each, in order.
  func hashes(height: Int) -> ArraySlice<Digest> { height < levels.count ? levels[height][...] : [] }

  /// The hash over a range that starts at a multiple of the power of two not below its length.
  private func hash(_ range: Range<Int>) -> Digest {
    let count = range.count
    guard count & (count - 1) != 0 else {
      let height = count.trailingZeroBitCount
      return levels[height][range.lowerBound >> height]
    }
    let middle = range.lowerBound + MerkleTree.split(count)
    return MerkleTree.nodeHash(hash(range.lowerBound..<middle), hash(middle..<range.upperBound))
  }
}
