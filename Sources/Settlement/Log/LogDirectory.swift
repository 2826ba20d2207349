import Cryptography
import Foundation

/// Where the files of a published log are read from. Two kinds are expected: a directory on disk and a
/// server.
public protocol LogStorage: Sendable {
  /// The bytes at a path below the log's root (`checkpoint`, `tile/...`); nil when there is no such file.
  func bytes(at path: String) async throws -> [UInt8]?
}

/// A published log in a directory on disk.
public struct DiskLogStorage: LogStorage {
  private let directory: URL

  /// The directory that has `checkpoint`, `vkey` and `tile` in it.
  public init(directory: String) { self.directory = URL(fileURLWithPath: directory, isDirectory: true) }

  /// Reads a file whole.
  public func bytes(at path: String) throws -> [UInt8]? {
    let file = directory.appendingPathComponent(path)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return Array(try Data(contentsOf: file))
  }
}

/// Reads a published log and believes nothing but the log's key: every entry is hashed again, and their root
/// must be the signed one.
public struct LogDirectory<Storage: LogStorage>: Sendable {
  /// A log that was read and found whole.
  public struct Contents: Sendable {
    /// What the log signed.
    public let checkpoint: Checkpoint
    /// All its entries.
    public let entries: [LogEntry]
    /// Their tree, for proofs.
    public let log: TransparencyLog
  }

  private let storage: Storage
  private let key: VerifierKey

  /// A log in `storage` that `key` signs.
  public init(storage: Storage, key: VerifierKey) {
    self.storage = storage
    self.key = key
  }

  /// The key that the log itself names in `vkey`: for a reader who has none from elsewhere, and must then
  /// compare it with what others were told.
  public static func announcedKey(in storage: Storage) async throws -> VerifierKey {
    guard let bytes = try await storage.bytes(at: "vkey") else {
      throw SettlementError.fileMissing(path: "vkey")
    }
    let text = String(decoding: bytes.prefix(1024), as: UTF8.self).trimmingCharacters(in: .newlines)
    guard let key = VerifierKey(text) else { throw SettlementError.verifierKeyMalformed(text) }
    return key
  }

  /// The signed checkpoint.
  public func checkpoint() async throws -> Checkpoint {
    try Checkpoint(signedNote: try await file("checkpoint"), key: key)
  }

  /// Everything, checked.
  public func read() async throws -> Contents {
    let checkpoint = try await checkpoint()
    var entries: [LogEntry] = []
    var log = TransparencyLog()
    while log.size < checkpoint.size {
      let count = Int(min(checkpoint.size - log.size, UInt64(LogTiles.width)))
      for bytes in try await bundle(log.size / UInt64(LogTiles.width), count: count) {
        let index = log.append(leafHash: MerkleTree.leafHash(bytes))
        do throws(CanonicalError) {
          entries.append(try LogEntry(canonicalBytes: bytes))
        } catch { throw SettlementError.entryMalformed(index: index, error) }
      }
    }
    guard log.root == checkpoint.root else {
      throw SettlementError.rootDiffers(size: log.size, expected: checkpoint.root, found: log.root)
    }
    return Contents(checkpoint: checkpoint, entries: entries, log: log)
  }

  private func file(_ path: String) async throws -> [UInt8] {
    guard let bytes = try await storage.bytes(at: path) else { throw SettlementError.fileMissing(path: path) }
    return bytes
  }

  /// A bundle of `count` entries; where only the full one is left of a log that has grown, its first entries.
  private func bundle(_ tile: UInt64, count: Int) async throws -> [[UInt8]] {
    let path = LogTiles.entriesPath(tile: tile, width: count)
    if let bytes = try await storage.bytes(at: path) {
      return try LogTiles.entries(inBundle: bytes, count: count, path: path)
    }
    let full = LogTiles.entriesPath(tile: tile)
    let entries = try LogTiles.entries(inBundle: try await file(full), count: LogTiles.width, path: full)
    return Array(entries.prefix(count))
  }
}
