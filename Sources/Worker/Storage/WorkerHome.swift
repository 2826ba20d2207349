import Cryptography
import FarmProtocol
import Foundation
import Settlement

/// A worker's folder: its key, its outboxes (one a farm) and its blobs. One process at a time.
public final class WorkerHome: Sendable {
  /// Where it is.
  public let folder: URL
  private let lock: Int32

  /// $XDG_DATA_HOME/render-farm, or ~/.local/share/render-farm (XDG Base Directory Specification).
  public static func defaultFolder(environment: [String: String]) -> String {
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/render-farm" }
    return (environment["HOME"] ?? NSHomeDirectory()) + "/.local/share/render-farm"
  }

  /// Makes the folder if needed, and takes it for this process.
  public init(folder path: String) throws(WorkerError) {
    folder = URL(fileURLWithPath: path).standardizedFileURL
    try DurableFile.makeFolder(folder)
    let place = folder.appendingPathComponent("lock").path
    let descriptor = open(place, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .disk("cannot open \(place): \(String(cString: strerror(errno)))") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .homeInUse(path: folder.path)
    }
    lock = descriptor
  }

  deinit { close(lock) }

  /// The file that the account's secret is in.
  public var keyFile: URL { folder.appendingPathComponent("worker.key") }

  /// The worker's account, made on first use.
  public func identity() throws(WorkerError) -> (key: SigningKey, isNew: Bool) {
    if let text = try DurableFile.read(keyFile, bytesMax: 1 << 10) { return (try read(text), false) }
    let key = SigningKey.random()
    try DurableFile.write(Array("\(key.seed.hex)\n".utf8), to: keyFile, mode: 0o600)
    return (key, true)
  }

  private func read(_ bytes: [UInt8]) throws(WorkerError) -> SigningKey {
    var status = stat()
    guard stat(keyFile.path, &status) == 0, status.st_mode & 0o077 == 0 else {
      throw .keyUnusable(
        path: keyFile.path, reason: "others may read it (mode \(String(status.st_mode & 0o777, radix: 8)))",
        remedy: "chmod 600 it, and think about who has read it")
    }
    let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard text.count == 1, let seed = [UInt8](hex: text[0]), let key = SigningKey(seed: seed) else {
      throw .keyUnusable(
        path: keyFile.path, reason: "it is not 64 hex digits",
        remedy: "restore it from a copy, or move it away to start a new account")
    }
    return key
  }

  /// The outbox for results of that farm.
  package func outbox(farm: PublicKey) throws(WorkerError) -> Outbox {
    try Outbox(folder: folder.appendingPathComponent("farms/\(farm.hex)/outbox"))
  }

  /// Files of scenes.
  package func blobs() throws(WorkerError) -> BlobCache {
    try BlobCache(folder: folder.appendingPathComponent("blobs"))
  }
}
