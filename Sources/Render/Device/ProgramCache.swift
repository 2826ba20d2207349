import Cryptography
import Foundation

/// Compiled programs on disk. Only a convenience: what cannot be read or written is compiled again.
package struct ProgramCache: Sendable {
  /// Where the files are: one a program, named by its key.
  package let folder: URL

  /// A cache in that folder, which need not exist.
  package init(folder: URL) { self.folder = folder }

  /// $XDG_CACHE_HOME/render-farm, or ~/.cache/render-farm.
  package static let standard: ProgramCache = {
    let environment = ProcessInfo.processInfo.environment
    let home = FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")
    let given = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
    return ProgramCache(folder: (given ?? home).appending(path: "render-farm"))
  }()

  /// The file of a program.
  package func file(for key: Digest) -> URL { folder.appending(path: "\(key.hex).clbin") }

  /// Whether something was stored, whole or not.
  func contains(_ key: Digest) -> Bool { FileManager.default.fileExists(atPath: file(for: key).path) }

  /// What was stored, if it is whole: a file is the binary behind its SHA-256.
  package func binary(for key: Digest) -> [UInt8]? {
    guard let data = try? Data(contentsOf: file(for: key)), data.count > Digest.byteCount else { return nil }
    let binary = [UInt8](data.dropFirst(Digest.byteCount))
    return Digest(bytes: data.prefix(Digest.byteCount)) == Digest(of: binary) ? binary : nil
  }

  /// Stores a program, all or nothing.
  package func store(_ binary: [UInt8], for key: Digest) {
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try? Data(Digest(of: binary).bytes + binary).write(to: file(for: key), options: .atomic)
  }
}
