import Foundation

/// A file could not be read or written: what was tried, where, and why not.
public struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The verb: "write".
  public let what: String
  /// Where.
  public let path: String
  /// The system's words, or ours.
  public let reason: String
  /// Whether there was no room: more of it, and the same may succeed.
  public let isOutOfSpace: Bool

  /// A fault with a reason of its own.
  public init(what: String, path: String, reason: String, isOutOfSpace: Bool = false) {
    self.what = what
    self.path = path
    self.reason = reason
    self.isOutOfSpace = isOutOfSpace
  }

  /// A fault with the system's error, by default the last one.
  public init(what: String, path: String, code: Int32 = errno) {
    self.init(
      what: what, path: path, reason: String(cString: strerror(code)),
      isOutOfSpace: code == ENOSPC || code == EDQUOT)
  }

  /// One line for people.
  public var description: String { "cannot \(what) \(path): \(reason)" }
}
