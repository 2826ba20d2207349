import Foundation

/// A machine whose sensor, terminal and processors say what a test wants: the program sees files of ours in
/// their places, in a mount namespace of its own. Needs root.
final class PretendedMachine {
  static let isPossible =
    (try? Programs.run(URL(fileURLWithPath: "/usr/bin/unshare"), ["-m", "true"]))?.exit == 0

  private let folder: URL
  private var ticks: (total: UInt64, busy: UInt64) = (1_000_000, 0)

  /// In a folder of its own inside `parent`. Cool, nobody at the terminal, other programs idle.
  init(in parent: URL) throws {
    folder = parent.appendingPathComponent("machine-\(UUID().uuidString.prefix(4))")
    for name in ["class/thermal/thermal_zone0", "pts"] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    try Data().write(to: terminal)
    try type(secondsAgo: 100_000)
    try heat(to: 40)
    try passTime()
  }

  private var terminal: URL { folder.appendingPathComponent("pts/0") }

  /// The command that runs `program` on this machine.
  func command(_ program: URL, _ arguments: [String]) -> (URL, [String]) {
    let script = """
      mount --make-rprivate / && mount --bind \(folder.path)/class /sys/class \
      && mount --bind \(folder.path)/pts /dev/pts && mount --bind \(folder.path)/stat /proc/stat && exec "$@"
      """
    return (
      URL(fileURLWithPath: "/usr/bin/unshare"), ["-m", "sh", "-c", script, "sh", program.path] + arguments
    )
  }

  /// The sensor's reading from now on, degrees Celsius.
  func heat(to degrees: Int) throws {
    try write("\(degrees * 1000)\n", to: folder.appendingPathComponent("class/thermal/thermal_zone0/temp"))
  }

  /// Somebody typed so long ago.
  func type(secondsAgo seconds: Double) throws {
    let now = Date().timeIntervalSince1970
    let times = [timespec(tv_sec: Int(now - seconds), tv_nsec: 0), timespec(tv_sec: Int(now), tv_nsec: 0)]
    guard utimensat(AT_FDCWD, terminal.path, times, 0) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  /// A second of two processors that are ten times as fine as life, so that the worker's own time, which is
  /// real, is a small part of it.
  func passTime(othersShare: Double = 0) throws {
    ticks.total += 2_000
    ticks.busy += UInt64(2_000 * othersShare)
    try write(
      "cpu  \(ticks.busy) 0 0 \(ticks.total - ticks.busy) 0 0 0 0 0 0\n",
      to: folder.appendingPathComponent("stat"))
  }

  /// In place: a file that is mounted cannot be replaced.
  private func write(_ text: String, to file: URL) throws {
    if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    try handle.write(contentsOf: Data(text.utf8))
    try handle.truncate(atOffset: UInt64(text.utf8.count))
  }
}
