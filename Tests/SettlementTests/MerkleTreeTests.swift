import Cryptography
import Settlement
import Testing

/// Vectors of transparency-dev/merkle, package testonly, and RFC 6962's definitions against its verifiers.
@Suite struct MerkleTreeTests {
  static let inputs = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  ]
  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]
  static let leaves = inputs.compactMap { [UInt8](hex: $0) }.map { MerkleTree.leafHash($0) }

  @Test func `roots of the reference tree come out both ways`() {
    var log = TransparencyLog()
    #expect(log.root.hex == Self.roots[0])
    for size in 0...8 {
      if size > 0 { log.append(leafHash: Self.leaves[size - 1]) }
      #expect(MerkleTree.root(of: Self.leaves.prefix(size)).hex == Self.roots[size])
      #expect(log.root.hex == Self.roots[size])
    }
  }

  @Test func `leaf and node hashes of the reference come out`() {
    #expect(
      MerkleTree.leafHash(Array("L123456".utf8)).hex
        == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56")
    let node = Digest(of: [1] + Array("N123N456".utf8))
    #expect(node.hex == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb")
    let (left, right) = (digest(1), digest(2))
    #expect(MerkleTree.nodeHash(left, right) == Digest(of: [1] + left.bytes + right.bytes))
  }

  @Test func `proofs of the reference come out`() {
    let log = TransparencyLog(leafHashes: Self.leaves)
    let root4 = Self.roots[4]
    let node67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
    let leaf4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    #expect(log.inclusionProof(of: 5, at: 8).map(\.hex) == [leaf4, node67, root4])
    #expect(log.inclusionProof(of: 2, at: 3).map(\.hex) == [Self.roots[2]])
    #expect(
      log.consistencyProof(from: 6, to: 8).map(\.hex)
        == ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", node67, root4])
    #expect(
      log.consistencyProof(from: 2, to: 5).map(\.hex)
        == ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", leaf4])
  }

  @Test func `every inclusion proof up to 40 leaves holds, and none that was changed`() {
    let leaves = (0..<40).map(digest)
    let log = TransparencyLog(leafHashes: leaves)
    for size in 1...40 {
      let root = MerkleTree.root(of: leaves.prefix(size))
      #expect(log.root(at: UInt64(size)) == root)
      for index in 0..<size {
        let proof = log.inclusionProof(of: UInt64(index), at: UInt64(size))
        #expect(proof == MerkleTree.inclusionProof(of: index, in: leaves.prefix(size)))
        let holds = { (leaf: Digest, index: Int, size: Int, proof: [Digest], root: Digest) in
          MerkleTree.verifyInclusion(
            leaf: leaf, index: UInt64(index), size: UInt64(size), proof: proof, root: root)
        }
        #expect(holds(leaves[index], index, size, proof, root))
        #expect(!holds(digest(99), index, size, proof, root))
        #expect(!holds(leaves[index], index, size, proof, digest(99)))
        #expect(!holds(leaves[index], index, size, proof + [root], root))
        #expect(!holds(leaves[index], size, size, proof, root))
        for other in 0..<size where other != index {
          #expect(!holds(leaves[index], other, size, proof, root))
        }
        for i in proof.indices {
          var wrong = proof
          wrong[i] = digest(99)
          #expect(!holds(leaves[index], index, size, wrong, root))
          wrong.remove(at: i)
          #expect(!holds(leaves[index], index, size, wrong, root))
        }
      }
    }
  }

  @Test func `every consistency proof up to 40 leaves holds, and none that was changed`() {
    let leaves = (0..<40).map(digest)
    let log = TransparencyLog(leafHashes: leaves)
    for size in 0...40 {
      for old in 0...size {
        let proof = log.consistencyProof(from: UInt64(old), to: UInt64(size))
        #expect(proof == MerkleTree.consistencyProof(from: old, in: leaves.prefix(size)))
        let (oldRoot, root) = (log.root(at: UInt64(old)), log.root(at: UInt64(size)))
        let holds = { (old: Int, size: Int, proof: [Digest], oldRoot: Digest, root: Digest) in
          MerkleTree.verifyConsistency(
            oldSize: UInt64(old), newSize: UInt64(size), proof: proof, oldRoot: oldRoot, newRoot: root)
        }
        #expect(holds(old, size, proof, oldRoot, root))
        #expect(!holds(old, size, proof, digest(99), root))
        #expect(!holds(old, size, proof + [digest(99)], oldRoot, root))
        if old > 0 { #expect(!holds(old, size, proof, oldRoot, digest(99))) }
        if old < size { #expect(!holds(size, old, proof, root, oldRoot)) }
        for i in proof.indices {
          var wrong = proof
          wrong[i] = digest(99)
          #expect(!holds(old, size, wrong, oldRoot, root))
          wrong.remove(at: i)
          #expect(!holds(old, size, wrong, oldRoot, root))
        }
      }
    }
  }
}
