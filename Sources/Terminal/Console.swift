import Foundation

/// Whole lines to a file descriptor, one `write(2)` each, so that lines of several processes do not mix.
public struct Console: Sendable {
  /// Results: what a script may read.
  public static let output = Console(descriptor: 1)
  /// Everything said to a person: progress, notes, errors.
  public static let notes = Console(descriptor: 2)

  private let descriptor: Int32

  /// Whether a person is looking.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Writes `text` and a newline.
  public func line(_ text: String) { write(text + "\n") }

  /// Writes `text` as it is.
  public func write(_ text: String) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset)
      }
      if written > 0 {
        offset += written
      } else if errno != EINTR {
        return  // Nobody can be told that the reader has gone.
      }
    }
  }
}
