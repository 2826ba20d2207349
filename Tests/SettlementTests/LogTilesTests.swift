import Cryptography
import Settlement
import TestSupport
import Testing

@Suite struct LogTilesTests {
  @Test func `paths have the groups and widths of tlog-tiles`() {
    #expect(LogTiles.hashPath(level: 0, tile: 0) == "tile/0/000")
    #expect(LogTiles.hashPath(level: 1, tile: 999, width: 7) == "tile/1/999.p/7")
    #expect(LogTiles.hashPath(level: 0, tile: 1000) == "tile/0/x001/000")
    #expect(LogTiles.entriesPath(tile: 1_234_067) == "tile/entries/x001/x234/067")
    #expect(LogTiles.entriesPath(tile: 1_234_067, width: 1) == "tile/entries/x001/x234/067.p/1")
  }

  @Test(arguments: [1, 255, 256, 257, 700])
  func `tiles of a log hold its hashes and entries`(size: Int) throws {
    let entries = (0..<size).map { Array("entry \($0)".utf8) }
    let log = TransparencyLog(leafHashes: entries.map { MerkleTree.leafHash($0) })
    let files = Dictionary(
      uniqueKeysWithValues: log.files(from: 0, to: UInt64(size)) { entries[Int($0)] }.map {
        ($0.path, $0.bytes)
      })
    var found: [[UInt8]] = []
    for start in stride(from: 0, to: size, by: 256) {
      let width = min(256, size - start)
      let path = LogTiles.entriesPath(tile: UInt64(start / 256), width: width)
      let bundle = try #require(files[path])
      found += try LogTiles.entries(inBundle: bundle, count: width, path: path)
      let hashes = try #require(files[LogTiles.hashPath(level: 0, tile: UInt64(start / 256), width: width)])
      #expect(hashes == entries[start..<start + width].flatMap { MerkleTree.leafHash($0).bytes })
    }
    #expect(found == entries)
    let whole = size / 256
    #expect(files.count == 2 * ((size + 255) / 256) + (whole > 0 ? 1 : 0))
    if whole > 0 {
      let hashes = try #require(files[LogTiles.hashPath(level: 1, tile: 0, width: whole)])
      let expected = (0..<whole).flatMap { tile in
        MerkleTree.root(of: entries[256 * tile..<256 * tile + 256].map { MerkleTree.leafHash($0) }).bytes
      }
      #expect(hashes == expected)
    }
  }

  @Test func `publishing in steps leaves the same full tiles as publishing at once`() {
    let entries = (0..<700).map { Array("entry \($0)".utf8) }
    var log = TransparencyLog()
    var stepped: [String: [UInt8]] = [:]
    var generator = Seeded(seed: 7)
    var published: UInt64 = 0
    for entry in entries {
      log.append(leafHash: MerkleTree.leafHash(entry))
      guard log.size == 700 || Int.random(in: 0..<40, using: &generator) == 0 else { continue }
      for file in log.files(from: published, to: log.size, entryAt: { entries[Int($0)] }) {
        #expect(stepped[file.path] == nil, "\(file.path) written twice")
        stepped[file.path] = file.bytes
      }
      published = log.size
    }
    for file in log.files(from: 0, to: 700, entryAt: { entries[Int($0)] }) {
      #expect(stepped[file.path] == file.bytes)
    }
    #expect(log.files(from: 700, to: 700) { entries[Int($0)] }.isEmpty)
  }

  @Test(arguments: [0, 1, 255, 256, 512, 700, 65_537])
  func `the partial files of a size are those of all its files that are not full`(size: Int) {
    let entries = (0..<size + 5).map { [UInt8(truncatingIfNeeded: $0)] }
    let log = TransparencyLog(leafHashes: entries.map { MerkleTree.leafHash($0) })
    let all = log.files(from: 0, to: UInt64(size)) { entries[Int($0)] }.filter { $0.path.contains(".p/") }
    let partial = log.partialFiles(at: UInt64(size)) { entries[Int($0)] }
    #expect(partial.map(\.path) == all.map(\.path))
    #expect(partial.map(\.bytes) == all.map(\.bytes))
  }

  @Test func `a log of 65537 leaves has three levels`() throws {
    let leaves = (0..<65_537).map { Digest(of: [UInt8($0 & 255), UInt8($0 >> 8 & 255), UInt8($0 >> 16)]) }
    let log = TransparencyLog(leafHashes: leaves)
    #expect(log.root == MerkleTree.root(of: leaves))
    let files = Dictionary(
      uniqueKeysWithValues: log.files(from: 0, to: 65_537) { _ in [] }.map { ($0.path, $0.bytes) })
    #expect(files.count == 257 + 257 + 1 + 1)
    let top = try #require(files["tile/2/000.p/1"])
    #expect(top == MerkleTree.root(of: leaves.prefix(65_536)).bytes)
    #expect(files["tile/0/256.p/1"] == leaves[65_536].bytes)
    #expect(files["tile/1/000"]?.count == 8192)
    #expect(MerkleTree.nodeHash(MerkleTree.root(of: leaves.prefix(65_536)), leaves[65_536]) == log.root)
    for index: UInt64 in [0, 65_535, 65_536] {
      #expect(
        MerkleTree.verifyInclusion(
          leaf: leaves[Int(index)], index: index, size: 65_537,
          proof: log.inclusionProof(of: index, at: 65_537), root: log.root))
    }
  }

  @Test func `a damaged bundle is refused where it is damaged`() {
    let bundle = LogTiles.bundle([[1, 2], [3]])
    #expect(bundle == [0, 2, 1, 2, 0, 1, 3])
    #expect(throws: SettlementError.bundleMalformed(path: "p", entry: 1)) {
      try LogTiles.entries(inBundle: Array(bundle.dropLast()), count: 2, path: "p")
    }
    #expect(throws: SettlementError.bundleMalformed(path: "p", entry: 2)) {
      try LogTiles.entries(inBundle: bundle + [0], count: 2, path: "p")
    }
    #expect(throws: SettlementError.bundleMalformed(path: "p", entry: 2)) {
      try LogTiles.entries(inBundle: bundle, count: 3, path: "p")
    }
  }
}
