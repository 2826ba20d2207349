import Foundation

/// Keeps a folder for one process: held until the value goes, or the process ends however it ends.
public struct FolderLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes the lock file of a folder that exists; nil when another process holds it.
  public init?(folder: String) throws(FileFault) {
    let path = "\(folder)/lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFault(what: "open", path: path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
