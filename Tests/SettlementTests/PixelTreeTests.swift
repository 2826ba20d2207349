import Cryptography
import Foundation
import Settlement
import TestSupport
import Testing

@Suite struct PixelTreeTests {
  struct Tile {
    let area: PixelTree.Area
    let rgbaHalfBits: [UInt16]
    let sums: [Int64]
    let work: [UInt32]
    let layerWords: [UInt32]
    var wordCount: Int { layerWords.count / work.count }
    var sumCount: Int { sums.count / work.count }

    init(_ x: Int, _ y: Int, _ width: Int, _ height: Int, wordCount: Int = 0, sumCount: Int = 0) {
      var random = Seeded(seed: UInt64(width * height))
      area = PixelTree.Area(x: x, y: y, width: width, height: height)
      let halfCount = sumCount == 0 ? 4 * width * height : 0
      rgbaHalfBits = (0..<halfCount).map { _ in UInt16.random(in: 0 ... .max, using: &random) }
      sums = (0..<sumCount * width * height).map { _ in .random(in: .min ... .max, using: &random) }
      work = (0..<width * height).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
      layerWords = (0..<wordCount * width * height).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
    }

    var tree: PixelTree {
      PixelTree(
        x: area.x, y: area.y, width: area.width, height: area.height, rgbaHalfBits: rgbaHalfBits, sums: sums,
        work: work, layerWords: layerWords)
    }
    var root: Digest {
      PixelTree.root(
        x: area.x, y: area.y, width: area.width, height: area.height, rgbaHalfBits: rgbaHalfBits, sums: sums,
        work: work, layerWords: layerWords)
    }
    func record(_ i: Int) -> PixelRecord {
      let layers = Array(layerWords[wordCount * i..<wordCount * (i + 1)])
      guard sums.isEmpty else {
        return PixelRecord(
          sums: Array(sums[sumCount * i..<sumCount * (i + 1)]), work: work[i], layers: layers)
      }
      return PixelRecord(rgbaHalfBits: Array(rgbaHalfBits[4 * i..<4 * i + 4]), work: work[i], layers: layers)
    }

    /// The root by the words of the definition, with nothing shared with the fast one but SHA-256.
    var definedRoot: Digest {
      func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
      }
      var leaves: [Digest] = []
      for top in stride(from: 0, to: area.height, by: 4) {
        for left in stride(from: 0, to: area.width, by: 4) {
          var bytes = bigEndian(UInt16(area.x + left)) + bigEndian(UInt16(area.y + top))
          for row in top..<min(top + 4, area.height) {
            for column in left..<min(left + 4, area.width) {
              let i = row * area.width + column
              for half in record(i).rgbaHalfBits { bytes += bigEndian(half) }
              for sum in record(i).sums { bytes += bigEndian(sum) }
              for word in [work[i]] + record(i).layers { bytes += bigEndian(word) }
            }
          }
          leaves.append(MerkleTree.leafHash(bytes))
        }
      }
      return MerkleTree.root(of: leaves)
    }
  }

  static let sizes = [(1, 1), (4, 4), (5, 3), (8, 8), (13, 7), (17, 17), (32, 12), (40, 40)]

  @Test(arguments: [(0, 0), (1, 0), (11, 0), (0, 4), (5, 10)])
  func `the root is the definition's, for whole and cut tiles`(wordCount: Int, sumCount: Int) {
    for (width, height) in Self.sizes {
      let tile = Tile(256, 128, width, height, wordCount: wordCount, sumCount: sumCount)
      #expect(tile.root == tile.definedRoot)
      #expect(tile.tree.root == tile.definedRoot)
    }
    #expect(Tile(0, 0, 8, 8).root != Tile(8, 0, 8, 8).root)
  }

  @Test(arguments: [(0, 0), (11, 0), (5, 10)])
  func `every pixel's proof gives its record`(wordCount: Int, sumCount: Int) {
    for (width, height) in Self.sizes {
      let tile = Tile(16, 24, width, height, wordCount: wordCount, sumCount: sumCount)
      let (tree, root) = (tile.tree, tile.root)
      for i in tile.work.indices {
        #expect(tree.proof(forPixel: i).record(ofPixel: i, in: tile.area, root: root) == tile.record(i))
      }
    }
  }

  @Test func `a changed, moved or foreign proof gives nothing`() {
    let tile = Tile(16, 24, 17, 17)
    let (tree, root) = (tile.tree, tile.root)
    for i in [0, 16, 100, 17 * 17 - 1] {
      let proof = tree.proof(forPixel: i)
      func refused(_ proof: PixelProof, _ pixel: Int, _ area: PixelTree.Area, _ root: Digest) -> Bool {
        proof.record(ofPixel: pixel, in: area, root: root) == nil
      }
      #expect(refused(proof, i, tile.area, digest(1)))
      #expect(refused(proof, i, PixelTree.Area(x: 20, y: 24, width: 17, height: 17), root))
      #expect(refused(proof, (i + 5 * 17) % 289, tile.area, root))
      #expect(refused(proof, -1, tile.area, root))
      #expect(refused(proof, 289, tile.area, root))
      for place in proof.block.indices {
        var wrong = proof
        wrong.block[place].work ^= 1
        #expect(refused(wrong, i, tile.area, root))
        wrong = proof
        wrong.block[place].rgbaHalfBits[3] ^= 1
        #expect(refused(wrong, i, tile.area, root))
        wrong.block[place].rgbaHalfBits = [0]
        #expect(refused(wrong, i, tile.area, root))
        wrong = proof
        wrong.block[place].layers = [0]
        #expect(refused(wrong, i, tile.area, root))
      }
      var wrong = proof
      wrong.block.removeLast()
      #expect(refused(wrong, i, tile.area, root))
      wrong = proof
      wrong.path.removeLast()
      #expect(refused(wrong, i, tile.area, root))
    }
  }

  @Test func `a dispute about a pixel of the largest usual tile fits a kilobyte`() throws {
    let tile = Tile(0, 0, 128, 128)
    let proof = tile.tree.proof(forPixel: 5000)
    #expect(proof.path.count == 10)
    #expect(proof.block.count * 12 + proof.path.count * 32 + 228 < 1024)
    let json = try JSONEncoder().encode(proof)
    #expect(try JSONDecoder().decode(PixelProof.self, from: json) == proof)
  }
}
