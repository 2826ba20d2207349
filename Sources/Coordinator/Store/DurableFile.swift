import Foundation

/// A file could not be read or written: which, and why.
package struct FileFault: Error, CustomStringConvertible {
  package let what: String
  package let path: String
  package let code: Int32
  package var description: String { "cannot \(what) \(path): \(String(cString: strerror(code)))" }
  package init(what: String, path: String, code: Int32 = errno) {
    self.what = what
    self.path = path
    self.code = code
  }
}

/// Files that are there whole or not at all, whenever the power fails.
package enum DurableFile {
  /// Writes beside `path`, flushes, renames onto it and flushes the folder. With `flush` false only the
  /// rename is atomic: for what can be made again.
  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644, flush: Bool = true)
    throws
  {
    let temporary = "\(path).\(UInt64.random(in: 0 ... .max)).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileFault(what: "create", path: temporary) }
    do {
      defer { close(descriptor) }
      try writeAll(bytes, to: descriptor, path: temporary)
      if flush, fsync(descriptor) != 0 { throw FileFault(what: "flush", path: temporary) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let fault = FileFault(what: "rename onto", path: path)
      unlink(temporary)
      throw fault
    }
    if flush { try flushFolder(of: path) }
  }

  /// Makes the names in a file's folder durable.
  package static func flushFolder(of path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault(what: "open", path: folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFault(what: "flush", path: folder) }
  }

  /// Makes a folder and those above it.
  package static func makeFolder(_ path: String, mode: Int = 0o755) throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
  }

  /// All of a file; nil when there is none.
  package static func read(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Length of a file; nil when there is none.
  package static func byteCount(_ path: String) -> UInt64? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return UInt64(status.st_size)
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
    try bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset < buffer.count {
        let count = Foundation.write(
          descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw FileFault(what: "write", path: path) }
        offset += count
      }
    }
  }
}
