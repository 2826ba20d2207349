import Cryptography
import Foundation

/// Why a data folder cannot be used.
package enum DataFolderError: Error, CustomStringConvertible {
  /// Another coordinator has it open.
  case locked(path: String)
  /// A key file that holds no key.
  case badKey(path: String)
  /// Written by a later version of this program.
  case newerSchema(found: Int64, known: Int64)

  package var description: String {
    switch self {
    case .locked(let path): "\(path) is in use by another coordinator; stop it or name another --data"
    case .badKey(let path): "\(path) holds no key: 64 hex digits are expected"
    case .newerSchema(let found, let known):
      "the store has schema \(found), this program knows \(known); use a newer program"
    }
  }
}

/// The folder that is a farm: database, blobs, frames, log, keys. Locked while a coordinator has it open.
package struct DataFolder: ~Copyable {
  package let root: String
  private let lock: Int32

  /// Makes the folder if needed, and locks it; throws `DataFolderError.locked` when another process has it.
  package init(root: String) throws {
    try DurableFile.makeFolder(root, mode: 0o700)
    lock = try DataFolder.takeLock("\(root)/lock", of: root)
    self.root = root
  }

  private static func takeLock(_ path: String, of root: String) throws -> Int32 {
    let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw FileFault(what: "open", path: path) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw DataFolderError.locked(path: root)
    }
    return lock
  }

  deinit { close(lock) }

  /// Reads `NAME.key`, or makes it (0600) with a new key.
  package borrowing func key(_ name: String) throws -> SigningKey {
    let path = "\(root)/\(name).key"
    if let key = try DataFolder.readKey(path) { return key }
    let key = SigningKey.random()
    try DurableFile.write(Array((key.seed.hex + "\n").utf8), to: path, mode: 0o600)
    return key
  }

  /// Reads a key file; nil when there is none.
  package static func readKey(_ path: String) throws -> SigningKey? {
    guard let bytes = try DurableFile.read(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard let seed = [UInt8](hex: text), let key = SigningKey(seed: seed) else {
      throw DataFolderError.badKey(path: path)
    }
    return key
  }
}
