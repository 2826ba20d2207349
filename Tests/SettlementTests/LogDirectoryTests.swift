import Cryptography
import Foundation
import Settlement
import Testing

@Suite struct LogDirectoryTests {
  struct MemoryStorage: LogStorage {
    var files: [String: [UInt8]]
    func bytes(at path: String) -> [UInt8]? { files[path] }
  }

  static let logKey = signingKey(21)
  static let origin = "farm.example/log"

  func key() throws -> VerifierKey {
    try #require(VerifierKey(name: Self.origin, publicKey: Self.logKey.publicKey))
  }

  /// Everything a farm publishes for these entries.
  static func published(_ entries: [[UInt8]]) -> [(path: String, bytes: [UInt8])] {
    let log = TransparencyLog(leafHashes: entries.map { MerkleTree.leafHash($0) })
    let checkpoint = Checkpoint(origin: origin, size: log.size, root: log.root)
    return log.files(from: 0, to: log.size) { entries[Int($0)] }
      + [("checkpoint", checkpoint.signed(by: logKey).bytes)]
  }

  func storage(_ entries: [LogEntry]) -> MemoryStorage {
    let files = Self.published(entries.map(\.canonicalBytes))
    return MemoryStorage(files: Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.bytes) }))
  }

  /// More than one bundle.
  static let entries: [LogEntry] = {
    let entries = TestFarm.whole().entries
    let more = (2..<200).map { n in
      LogEntry(
        timeMS: entries[entries.count - 1].timeMS,
        body: .epochOpened(epoch: UInt64(n), secretDigest: digest(n)))
    }
    return entries + more
  }()

  @Test func `a published log is read back whole, from memory and from disk`() async throws {
    let entries = Self.entries
    #expect(entries.count > 256)
    var storage = storage(entries)
    let contents = try await LogDirectory(storage: storage, key: key()).read()
    #expect(contents.entries == entries)
    #expect(contents.log.root == contents.checkpoint.root)
    #expect(LogAuditor.audit(contents.entries).isClean)
    let directory = try Tool.directory()
    storage.files["vkey"] = Array("\(try key())\n".utf8)
    try Tool.write(storage.files.map { ($0.key, $0.value) }, to: directory)
    let disk = DiskLogStorage(directory: directory.path)
    #expect(try disk.bytes(at: "tile/none") == nil)
    let announced = try await LogDirectory.announcedKey(in: disk)
    #expect(announced == (try key()))
    #expect(try await LogDirectory(storage: disk, key: announced).read().entries == entries)
    try FileManager.default.removeItem(at: directory)
  }

  @Test func `an empty log is read`() async throws {
    #expect(try await LogDirectory(storage: storage([]), key: key()).read().entries.isEmpty)
  }

  @Test func `a full bundle stands in for a partial one that is gone`() async throws {
    let entries = Self.entries
    var grown = storage(entries).files
    grown["checkpoint"] = storage(Array(entries.prefix(100))).files["checkpoint"]
    let contents = try await LogDirectory(storage: MemoryStorage(files: grown), key: key()).read()
    #expect(contents.entries == Array(entries.prefix(100)))
  }

  @Test func `one changed bit of any entry breaks the root`() async throws {
    let clean = storage(Self.entries)
    for path in clean.files.keys.filter({ $0.hasPrefix("tile/entries/") }) {
      let bytes = try #require(clean.files[path])
      for i in stride(from: 0, to: bytes.count, by: bytes.count / 40) {
        var damaged = clean
        damaged.files[path]?[i] ^= 4
        let error = await #expect(throws: SettlementError.self) {
          try await LogDirectory(storage: damaged, key: key()).read()
        }
        #expect(error.map { !$0.description.isEmpty } ?? false)
      }
    }
  }

  @Test func `a rewritten amount is found although its entry is well formed`() async throws {
    var entries = Self.entries
    let index = try #require(entries.firstIndex { if case .transfer = $0.body { true } else { false } })
    let clean = storage(entries)
    entries[index].timeMS += 1
    var forged = storage(entries)
    forged.files["checkpoint"] = clean.files["checkpoint"]
    let error = await #expect(throws: SettlementError.self) {
      try await LogDirectory(storage: forged, key: key()).read()
    }
    guard case .rootDiffers = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a missing file, another key and another origin are told apart`() async throws {
    var storage = storage(Self.entries)
    let other = try #require(VerifierKey(name: Self.origin, publicKey: signingKey(22).publicKey))
    await #expect(throws: SettlementError.noteUnsigned(keyName: Self.origin)) {
      try await LogDirectory(storage: storage, key: other).read()
    }
    storage.files["tile/entries/000"] = nil
    await #expect(throws: SettlementError.fileMissing(path: "tile/entries/000")) {
      try await LogDirectory(storage: storage, key: key()).read()
    }
    let foreign = Checkpoint(origin: "other", size: 0, root: MerkleTree.emptyRoot)
    var note = SignedNote(text: foreign.text)
    note.sign(name: Self.origin, by: Self.logKey)
    storage.files["checkpoint"] = note.bytes
    await #expect(throws: SettlementError.originDiffers(expected: Self.origin, found: "other")) {
      try await LogDirectory(storage: storage, key: key()).read()
    }
    storage.files["checkpoint"] = nil
    await #expect(throws: SettlementError.fileMissing(path: "checkpoint")) {
      try await LogDirectory(storage: storage, key: key()).read()
    }
  }
}
