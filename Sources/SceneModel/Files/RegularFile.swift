import Foundation

/// Reading of whole regular files, with their size checked first.
enum RegularFile {
  /// The bytes of the file at the absolute path; errors name `place`.
  static func read(_ path: String, reportedAs place: SceneError.Place) throws(SceneError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw SceneError(
        code == ENOENT || code == ENOTDIR ? .fileMissing : .fileUnreadable(errno: code), at: place)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw SceneError(.fileUnreadable(errno: errno), at: place)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SceneError(.pathRefused(path: place.file, .notAFile), at: place)
    }
    let size = Int(status.st_size)
    guard size <= SceneLimits.fileBytesMax else {
      throw SceneError(.fileTooLarge(bytes: size, max: SceneLimits.fileBytesMax), at: place)
    }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size, let base = buffer.baseAddress {
        let got = Foundation.read(descriptor, base + filled, size - filled)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard failure == 0 else { throw SceneError(.fileUnreadable(errno: failure), at: place) }
    return bytes
  }
}
