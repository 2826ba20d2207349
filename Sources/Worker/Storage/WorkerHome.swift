import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement

/// A worker's folder: its key, its outboxes (one a farm) and its blobs. One process at a time.
public final class WorkerHome: Sendable {
  /// Where it is.
  public let folder: URL
  private let lock: FolderLock

  /// $XDG_DATA_HOME/render-farm, or ~/.local/share/render-farm (XDG Base Directory Specification).
  public static func defaultFolder(environment: [String: String]) -> String {
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/render-farm" }
    return (environment["HOME"] ?? NSHomeDirectory()) + "/.local/share/render-farm"
  }

  /// Makes the folder if needed, and takes it for this process.
  public init(folder path: String) throws(WorkerError) {
    folder = URL(fileURLWithPath: path).standardizedFileURL
    let root = folder.path
    try onDisk { () throws(FileFault) in try DurableFile.makeFolder(root, mode: 0o700) }
    guard let lock = try onDisk({ () throws(FileFault) in try FolderLock(folder: root) }) else {
      throw .homeInUse(path: root)
    }
    self.lock = lock
  }

  /// The file that the account's secret is in.
  public var keyFile: URL { folder.appendingPathComponent("worker.key") }

  /// Where files of scenes are.
  public var sceneFiles: URL { folder.appendingPathComponent("blobs") }

  /// The worker's account, made on first use.
  public func identity() throws(WorkerError) -> (key: SigningKey, isNew: Bool) {
    do throws(KeyFile.Failure) {
      return try KeyFile.loadOrCreate(keyFile.path)
    } catch { throw .keyUnusable(error) }
  }

  /// The outbox for results of that farm.
  package func outbox(farm: PublicKey) throws(WorkerError) -> Outbox {
    try Outbox(folder: folder.appendingPathComponent("farms/\(farm.hex)/outbox"))
  }

  /// Files of scenes.
  package func blobs() throws(WorkerError) -> BlobCache {
    try BlobCache(folder: sceneFiles)
  }
}
