import Cryptography
import Foundation

/// A signing key in a file: 64 hex digits and a newline, for its owner's eyes only.
public enum KeyFile {
  /// Why a key file cannot be used.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is there but holds no key.
    case malformed(path: String)
    /// Others may read it; the mode's last three octal digits.
    case exposed(path: String, mode: String)
    /// The file or its folder cannot be read or made.
    case unusable(FileFault)

    /// What is wrong with which file, and what to do.
    public var description: String {
      switch self {
      case .malformed(let path):
        "key file \(path) is not 64 hex digits; "
          + "restore it from a copy, or move it away to start a new account"
      case .exposed(let path, let mode):
        "key file \(path) may be read by others (mode \(mode)); chmod 600 it, and think about who has read it"
      case .unusable(let fault): fault.description
      }
    }
  }

  /// Reads the key, or makes one (mode 0600) when there is no such file.
  /// - Returns: the key, and whether it was made just now.
  public static func loadOrCreate(_ path: String) throws(Failure) -> (key: SigningKey, isNew: Bool) {
    if let key = try load(path) { return (key, false) }
    let key = SigningKey.random()
    do throws(FileFault) {
      try DurableFile.makeFolder((path as NSString).deletingLastPathComponent, mode: 0o700)
      try DurableFile.write(Array((key.seed.hex + "\n").utf8), to: path, mode: 0o600)
    } catch { throw .unusable(error) }
    return (key, true)
  }

  /// Reads the key; nil when there is no such file.
  public static func load(_ path: String) throws(Failure) -> SigningKey? {
    let bytes: [UInt8]?
    do throws(FileFault) { bytes = try DurableFile.read(path, bytesMax: 1 << 10) } catch {
      throw .unusable(error)
    }
    guard let bytes else { return nil }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
      throw .exposed(path: path, mode: String(status.st_mode & 0o777, radix: 8))
    }
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard words.count == 1, let seed = [UInt8](hex: words[0]), let key = SigningKey(seed: seed) else {
      throw .malformed(path: path)
    }
    return key
  }
}
