import Cryptography
import Foundation

/// Files that are there whole or not at all, whenever the process is killed or the power fails.
public enum DurableFile {
  /// How the name of a file that is being written ends; one found at a start is a leftover.
  public static let partialSuffix = ".part"

  /// Writes beside `path`, flushes, renames onto it and flushes the folder. With `flush` false only the
  /// rename is atomic: for what can be made again.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t = 0o644, flush: Bool = true
  ) throws(FileFault) {
    let partial = "\(path).\(UInt64.random(in: 0 ... .max))\(partialSuffix)"
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileFault(what: "create", path: partial) }
    do throws(FileFault) {
      defer { close(descriptor) }
      try writeAll(bytes, to: descriptor, path: partial)
      if flush, fsync(descriptor) != 0 { throw FileFault(what: "flush", path: partial) }
    } catch {
      unlink(partial)
      throw error
    }
    guard rename(partial, path) == 0 else {
      let fault = FileFault(what: "rename onto", path: path)
      unlink(partial)
      throw fault
    }
    if flush { try flushFolder(of: path) }
  }

  /// Makes a file that something else wrote durable, its name too.
  public static func flush(_ path: String) throws(FileFault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault(what: "open", path: path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFault(what: "flush", path: path) }
    try flushFolder(of: path)
  }

  /// Makes the names in a file's folder durable.
  public static func flushFolder(of path: String) throws(FileFault) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault(what: "open", path: folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFault(what: "flush", path: folder) }
  }

  /// Makes a folder and those above it; `mode` is for those that are made.
  public static func makeFolder(_ path: String, mode: Int = 0o755) throws(FileFault) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
    } catch {
      let isOutOfSpace = (error as? CocoaError)?.code == .fileWriteOutOfSpace
      throw FileFault(
        what: "make folder", path: path, reason: error.localizedDescription, isOutOfSpace: isOutOfSpace)
    }
  }

  /// All of a file; nil when there is none. A file of more than `bytesMax` is refused unread.
  public static func read(_ path: String, bytesMax: UInt64 = .max) throws(FileFault) -> [UInt8]? {
    guard let count = byteCount(path) else { return nil }
    guard count <= bytesMax else {
      throw FileFault(
        what: "read", path: path, reason: "it has \(count) bytes, at most \(bytesMax) are expected")
    }
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch { throw FileFault(what: "read", path: path, reason: error.localizedDescription) }
  }

  /// SHA-256 of a file, read in pieces.
  public static func digest(_ path: String) throws(FileFault) -> Digest {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault(what: "open", path: path) }
    defer { close(descriptor) }
    var hasher = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = buffer.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileFault(what: "read", path: path) }
      guard count > 0 else { return hasher.finalize() }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    }
  }

  /// Length of a regular file; nil when there is none.
  public static func byteCount(_ path: String) -> UInt64? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return UInt64(status.st_size)
  }

  private static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(FileFault) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileFault(what: "write", path: path) }
      offset += count
    }
  }
}
