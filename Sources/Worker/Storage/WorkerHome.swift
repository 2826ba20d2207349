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

  /// The outbox for results of that farm, of one of several devices, counted from 0.
  package func outbox(farm: PublicKey, device: Int = 0) throws(WorkerError) -> Outbox {
    let name = device == 0 ? "outbox" : "outbox-\(device)"
    return try Outbox(folder: folder.appendingPathComponent("farms/\(farm.hex)/\(name)"))
  }

  /// Brings what several devices left in their outboxes into the first one's: the next run may have fewer.
  /// Only while no device works.
  public func gatherOutboxes() throws(WorkerError) {
    let manager = FileManager.default
    func files(_ folder: URL) -> [URL] {
      ((try? manager.contentsOfDirectory(atPath: folder.path)) ?? []).map(folder.appendingPathComponent)
    }
    for farm in files(folder.appendingPathComponent("farms")) {
      let first = farm.appendingPathComponent("outbox")
      for other in files(farm) where other.lastPathComponent.hasPrefix("outbox-") {
        try onDisk { () throws(FileFault) in try DurableFile.makeFolder(first.path, mode: 0o700) }
        for file in files(other) where file.pathExtension == "result" {
          let place = first.appendingPathComponent(file.lastPathComponent)
          guard rename(file.path, place.path) == 0 else {
            throw .disk("cannot move \(file.path) to \(first.path): \(String(cString: strerror(errno)))")
          }
        }
      }
    }
  }

  /// Files of scenes.
  package func blobs() throws(WorkerError) -> BlobCache {
    try BlobCache(folder: sceneFiles)
  }
}
