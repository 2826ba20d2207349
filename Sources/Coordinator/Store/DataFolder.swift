import Cryptography
import Durability

/// Why a data folder cannot be used.
package enum DataFolderError: Error, CustomStringConvertible {
  /// Another coordinator has it open.
  case locked(path: String)
  /// Written by a later version of this program.
  case newerSchema(found: Int64, known: Int64)

  package var description: String {
    switch self {
    case .locked(let path): "\(path) is in use by another coordinator; stop it or name another --data"
    case .newerSchema(let found, let known):
      "the store has schema \(found), this program knows \(known); use a newer program"
    }
  }
}

/// The folder that is a farm: database, blobs, frames, log, keys. Locked while a coordinator has it open.
package struct DataFolder: ~Copyable {
  package let root: String
  private let lock: FolderLock

  /// Makes the folder if needed, and locks it; throws `DataFolderError.locked` when another process has it.
  package init(root: String) throws {
    try DurableFile.makeFolder(root, mode: 0o700)
    guard let lock = try FolderLock(folder: root) else { throw DataFolderError.locked(path: root) }
    self.lock = lock
    self.root = root
  }

  /// Reads `NAME.key`, or makes it.
  package borrowing func key(_ name: String) throws -> SigningKey {
    try KeyFile.loadOrCreate("\(root)/\(name).key").key
  }
}
