import Foundation

/// A signing key in a file: 64 hex digits and a newline, readable by its owner only.
public enum KeyFile {
  /// Why a key file cannot be used.
  public enum Failure: Error, Sendable, CustomStringConvertible {
    /// The file is there but is no key.
    case malformed(path: String)
    /// The file or its folder cannot be read or made.
    case unusable(path: String, reason: String)

    /// One line for people.
    public var description: String {
      switch self {
      case .malformed(let path):
        "\(path) is no key: expected 64 hex digits; move it away to have a new one made"
      case .unusable(let path, let reason): "\(path): \(reason); check the folder's owner and permissions"
      }
    }
  }

  /// Reads the key, or makes one (mode 0600) when the file does not exist.
  /// - Returns: the key, and whether it was made just now.
  public static func loadOrCreate(_ file: URL) throws(Failure) -> (key: SigningKey, isNew: Bool) {
    if FileManager.default.fileExists(atPath: file.path) { return (try load(file), false) }
    let key = SigningKey.random()
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch { throw .unusable(path: file.path, reason: error.localizedDescription) }
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    // Another process may have made it in between: then that one is the key.
    if descriptor < 0, errno == EEXIST { return (try load(file), false) }
    guard descriptor >= 0 else { throw .unusable(path: file.path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    let text = Array((key.seed.hex + "\n").utf8)
    guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
      throw .unusable(path: file.path, reason: String(cString: strerror(errno)))
    }
    return (key, true)
  }

  /// Reads the key of a file that must exist.
  public static func load(_ file: URL) throws(Failure) -> SigningKey {
    let text: String
    do { text = try String(contentsOf: file, encoding: .utf8) } catch {
      throw .unusable(path: file.path, reason: error.localizedDescription)
    }
    let hex = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard let seed = [UInt8](hex: hex), let key = SigningKey(seed: seed) else {
      throw .malformed(path: file.path)
    }
    return key
  }
}
