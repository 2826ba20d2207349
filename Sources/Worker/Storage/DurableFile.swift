import Foundation

/// Files that are whole or not there, whatever happens to the process or the power.
enum DurableFile {
  /// Names of files being written start with this; any found at the start of a process is a leftover.
  static let temporaryPrefix = ".tmp-"

  /// Writes, syncs, renames, syncs the folder.
  static func write(_ bytes: [UInt8], to file: URL, mode: mode_t = 0o644) throws(WorkerError) {
    let folder = file.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent("\(temporaryPrefix)\(getpid())-\(file.lastPathComponent)")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("create", temporary) }
    let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    let error = isWritten ? nil : failure("write", temporary)
    close(descriptor)
    if let error {
      unlink(temporary.path)
      throw error
    }
    guard rename(temporary.path, file.path) == 0 else { throw failure("rename", temporary) }
    try sync(folder)
  }

  /// Makes what was created, renamed or deleted in the folder last.
  static func sync(_ folder: URL) throws(WorkerError) {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("sync", folder) }
  }

  /// Makes a folder and those above it.
  static func makeFolder(_ folder: URL) throws(WorkerError) {
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .disk("cannot make folder \(folder.path): \(error.localizedDescription)")
    }
  }

  /// The bytes of a file; nil when there is none. Refuses to read more than `bytesMax`.
  static func read(_ file: URL, bytesMax: Int) throws(WorkerError) -> [UInt8]? {
    guard let count = size(of: file) else { return nil }
    guard count <= bytesMax else {
      throw .disk("\(file.path) has \(count) bytes, at most \(bytesMax) are expected")
    }
    do {
      return [UInt8](try Data(contentsOf: file))
    } catch {
      throw .disk("cannot read \(file.path): \(error.localizedDescription)")
    }
  }

  /// Length of a file, bytes; nil when there is none.
  static func size(of file: URL) -> Int? {
    var status = stat()
    return stat(file.path, &status) == 0 ? Int(status.st_size) : nil
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        Foundation.write(descriptor, raw.baseAddress.map { $0 + offset }, raw.count - offset)
      }
      if count > 0 {
        offset += count
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  private static func failure(_ what: String, _ file: URL) -> WorkerError {
    .disk("cannot \(what) \(file.path): \(String(cString: strerror(errno)))")
  }
}
