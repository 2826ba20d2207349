import Cryptography
import Durability
import Foundation
import Settlement

/// The published log: a C2SP tlog-tiles directory with `checkpoint` and `vkey`. Everything in it can be made
/// again from the store.
package struct LogFiles: Sendable {
  /// The folder.
  package let root: String
  /// The log's name, which holds the coordinator's key so that no two farms share one.
  package let origin: String
  private let key: SigningKey

  /// Uses or makes the folder, and writes `vkey`.
  package init(root: String, key: SigningKey) throws {
    self.root = root
    self.key = key
    origin = LogFiles.origin(of: key.publicKey)
    try DurableFile.makeFolder(root)
    try DurableFile.write(Array("\(verifierKey)\n".utf8), to: "\(root)/vkey", flush: false)
  }

  /// The origin line of that coordinator's log.
  package static func origin(of key: PublicKey) -> String { "render-farm/\(key.short)" }

  /// The key that signs checkpoints, in C2SP signed-note form.
  package var verifierKey: String {
    guard let key = VerifierKey(name: origin, publicKey: key.publicKey) else {
      preconditionFailure("\"\(origin)\" is no name of a log")
    }
    return key.description
  }

  /// At a start: writes what is not there, and what is not full again, for that is not flushed.
  /// - Returns: the size that is published now.
  func publishAgain(_ log: TransparencyLog, store: Store) throws -> UInt64 {
    let size = publishedSize(of: log)
    let start = size / UInt64(LogTiles.width) * UInt64(LogTiles.width)
    let entries = try store.entries(from: start, to: size).map(\.canonicalBytes)
    try write(log.partialFiles(at: size) { entries[Int($0 - start)] })
    return try publish(log, from: size, store: store)
  }

  /// Writes what is new since `oldSize`, the checkpoint last. Full files are flushed.
  /// - Returns: the size that is published now.
  func publish(_ log: TransparencyLog, from oldSize: UInt64, store: Store) throws -> UInt64 {
    guard oldSize < log.size else { return oldSize }
    let start = oldSize / UInt64(LogTiles.width) * UInt64(LogTiles.width)
    let entries = try store.entries(from: start, to: log.size).map(\.canonicalBytes)
    try write(log.files(from: oldSize, to: log.size) { entries[Int($0 - start)] })
    let checkpoint = Checkpoint(origin: origin, size: log.size, root: log.root).signed(by: key)
    try DurableFile.write(checkpoint.bytes, to: "\(root)/checkpoint", flush: false)
    return log.size
  }

  private func write(_ files: [(path: String, bytes: [UInt8])]) throws {
    for file in files {
      let path = "\(root)/\(file.path)"
      try DurableFile.makeFolder((path as NSString).deletingLastPathComponent)
      try DurableFile.write(file.bytes, to: path, flush: !file.path.contains(".p/"))
    }
  }

  /// The checkpoint on disk, if it is whole and signed by this farm.
  var checkpoint: Checkpoint? {
    guard let verifier = VerifierKey(name: origin, publicKey: key.publicKey),
      let bytes = try? DurableFile.read("\(root)/checkpoint")
    else { return nil }
    return try? Checkpoint(signedNote: bytes, key: verifier)
  }

  /// The size of the checkpoint on disk, if it is this log's at that size; 0 makes all files again.
  private func publishedSize(of log: TransparencyLog) -> UInt64 {
    guard let checkpoint, checkpoint.size <= log.size, checkpoint.root == log.root(at: checkpoint.size)
    else { return 0 }
    return checkpoint.size
  }

  /// The file that a path of the log's routes names; nil for anything but `checkpoint`, `vkey` and tiles.
  package func file(at path: String) -> String? {
    guard path == "checkpoint" || path == "vkey" || path.hasPrefix("tile/") else { return nil }
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    let allowed = Set("0123456789xpentris.".utf8)
    guard names.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }),
      path == "checkpoint" || path == "vkey"
        || path.dropFirst(5).utf8.allSatisfy({ allowed.contains($0) || $0 == 47 })
    else { return nil }
    return "\(root)/\(path)"
  }
}
