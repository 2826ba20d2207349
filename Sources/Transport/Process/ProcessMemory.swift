import Foundation

/// Memory of another process of this user, as proc(5) tells it.
enum ProcessMemory {
  /// In memory now, bytes; nil when the system does not tell.
  static func residentBytes(_ id: Int32) -> UInt64? { field("VmRSS:", of: id) }

  /// Most that was in memory at a time since `forgetPeak`, bytes; nil when the system does not tell.
  static func peakBytes(_ id: Int32) -> UInt64? { field("VmHWM:", of: id) }

  /// Counts the peak from now on. Where that is not allowed it goes on counting: the peak is then too high,
  /// and that is the safe side.
  static func forgetPeak(_ id: Int32) {
    let descriptor = open("/proc/\(id)/clear_refs", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = write(descriptor, "5", 1)
  }

  private static func field(_ name: String, of id: Int32) -> UInt64? {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(id)/status") else { return nil }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
    let words = line?.split { $0 == " " || $0 == "\t" } ?? []
    return words.count == 3 && words[2] == "kB" ? UInt64(words[1]).map { $0 << 10 } : nil
  }
}
