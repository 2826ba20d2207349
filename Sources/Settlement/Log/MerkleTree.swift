import Cryptography

/// Merkle tree hashes of RFC 6962, section 2.1, over leaf hashes: the definition, and the verifiers of RFC
/// 9162, sections 2.1.3.2 and 2.1.4.2. `TransparencyLog` gives the same values from stored hashes.
public enum MerkleTree {
  /// The root of no leaves: SHA-256 of nothing.
  public static let emptyRoot = Digest(of: [])

  /// SHA-256(0x00 || entry).
  public static func leafHash(_ entry: [UInt8]) -> Digest {
    var hasher = SHA256()
    hasher.update([0])
    hasher.update(entry)
    return hasher.finalize()
  }

  /// SHA-256(0x01 || left || right).
  public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
    var hasher = SHA256()
    return nodeHash(left, right, hasher: &hasher)
  }

  /// The same by a hasher that is reused.
  static func nodeHash(_ left: Digest, _ right: Digest, hasher: inout SHA256) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Digest.byteCount, alignment: 1) { node in
      guard let start = node.baseAddress else { preconditionFailure("no room for \(node.count) bytes") }
      node[0] = 1
      left.store(at: start + 1)
      right.store(at: start + 1 + Digest.byteCount)
      hasher.update(UnsafeRawBufferPointer(node))
      return hasher.finalize()
    }
  }

  /// MTH(D[n]): the root of a list of leaf hashes.
  public static func root(of leaves: some RandomAccessCollection<Digest>) -> Digest {
    guard let first = leaves.first else { return emptyRoot }
    guard leaves.count > 1 else { return first }
    let k = split(leaves.count)
    return nodeHash(root(of: leaves.prefix(k)), root(of: leaves.dropFirst(k)))
  }

  /// PATH(m, D[n]): the siblings from the leaf up.
  public static func inclusionProof(of index: Int, in leaves: some RandomAccessCollection<Digest>) -> [Digest]
  {
    precondition(index >= 0 && index < leaves.count, "leaf \(index) of \(leaves.count)")
    guard leaves.count > 1 else { return [] }
    let k = split(leaves.count)
    let (left, right) = (leaves.prefix(k), leaves.dropFirst(k))
    return index < k
      ? inclusionProof(of: index, in: left) + [root(of: right)]
      : inclusionProof(of: index - k, in: right) + [root(of: left)]
  }

  /// PROOF(m, D[n]): what takes the root of the first `oldSize` leaves to the root of all. Empty for zero.
  public static func consistencyProof(
    from oldSize: Int, in leaves: some RandomAccessCollection<Digest>
  ) -> [Digest] {
    precondition(oldSize >= 0 && oldSize <= leaves.count, "\(oldSize) of \(leaves.count) leaves")
    return oldSize == 0 ? [] : subproof(oldSize, leaves, isComplete: true)
  }

  private static func subproof(
    _ m: Int, _ leaves: some RandomAccessCollection<Digest>, isComplete: Bool
  ) -> [Digest] {
    guard m < leaves.count else { return isComplete ? [] : [root(of: leaves)] }
    let k = split(leaves.count)
    let (left, right) = (leaves.prefix(k), leaves.dropFirst(k))
    return m <= k
      ? subproof(m, left, isComplete: isComplete) + [root(of: right)]
      : subproof(m - k, right, isComplete: false) + [root(of: left)]
  }

  /// The largest power of two below `count`, which is at least 2.
  static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }
}

extension MerkleTree {
  /// Whether `leaf` is number `index` of the tree of `size` leaves under `root` (RFC 9162, section 2.1.3.2).
  public static func verifyInclusion(
    leaf: Digest, index: UInt64, size: UInt64, proof: [Digest], root: Digest
  ) -> Bool {
    guard index < size else { return false }
    var (node, last, hash) = (index, size - 1, leaf)
    for sibling in proof {
      guard last != 0 else { return false }
      if node & 1 == 1 || node == last {
        hash = nodeHash(sibling, hash)
        while node & 1 == 0 && node != 0 { (node, last) = (node >> 1, last >> 1) }
      } else {
        hash = nodeHash(hash, sibling)
      }
      (node, last) = (node >> 1, last >> 1)
    }
    return last == 0 && hash == root
  }

  /// Whether the tree under `newRoot` starts with the tree under `oldRoot` (RFC 9162, section 2.1.4.2).
  /// A tree of no leaves is the start of every tree and has an empty proof.
  public static func verifyConsistency(
    oldSize: UInt64, newSize: UInt64, proof: [Digest], oldRoot: Digest, newRoot: Digest
  ) -> Bool {
    guard oldSize <= newSize else { return false }
    if oldSize == 0 { return proof.isEmpty && oldRoot == emptyRoot }
    if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
    var path = proof[...]
    if oldSize & (oldSize - 1) == 0 { path = ([oldRoot] + proof)[...] }
    guard let first = path.popFirst() else { return false }
    var (node, last) = (oldSize - 1, newSize - 1)
    while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
    var (old, new) = (first, first)
    for hash in path {
      guard last != 0 else { return false }
      if node & 1 == 1 || node == last {
        (old, new) = (nodeHash(hash, old), nodeHash(hash, new))
        while node & 1 == 0 && node != 0 { (node, last) = (node >> 1, last >> 1) }
      } else {
        new = nodeHash(new, hash)
      }
      (node, last) = (node >> 1, last >> 1)
    }
    return last == 0 && old == oldRoot && new == newRoot
  }
}
