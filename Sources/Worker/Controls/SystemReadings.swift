import Foundation

/// What a Linux machine says about itself, read from its files. What it does not tell is nil.
public struct SystemReadings: Sendable {
  /// Time on processors since the machine started, clock ticks.
  package struct Ticks: Hashable, Sendable {
    /// All of them together, idle time included.
    package var total: UInt64
    package var busy: UInt64
    /// Of this process and its children.
    package var own: UInt64
    package init(total: UInt64, busy: UInt64, own: UInt64) {
      (self.total, self.busy, self.own) = (total, busy, own)
    }
  }

  /// A process as `/proc/PID/stat` tells it.
  package struct ProcessLine: Hashable, Sendable {
    package var parent: Int32
    /// Its own time, and that of its children that ended, clock ticks.
    package var ticks: UInt64
    package var endedChildrenTicks: UInt64
    /// When it started, clock ticks after the machine; with its number a name that is never used again.
    package var startTicks: UInt64

    /// Nil for a line of another form. The second field, a name in parentheses, may contain anything.
    package init?(_ text: String) {
      guard let end = text.lastIndex(of: ")") else { return nil }
      // The first of these is the third field of proc(5).
      let fields = text[text.index(after: end)...].split(separator: " ")
      let numbers = fields.map { Int64($0) ?? 0 }
      guard numbers.count >= 20 else { return nil }
      parent = Int32(truncatingIfNeeded: numbers[1])
      ticks = UInt64(max(0, numbers[11])) + UInt64(max(0, numbers[12]))
      endedChildrenTicks = UInt64(max(0, numbers[13])) + UInt64(max(0, numbers[14]))
      startTicks = UInt64(max(0, numbers[19]))
    }
  }

  /// This machine's.
  public init() {}

  // MARK: Heat

  /// The hottest sensor's, degrees Celsius: thermal zones and hardware monitors.
  public func temperatureC() -> Double? {
    let zones = folders("/sys/class/thermal").filter { $0.contains("thermal_zone") }.map { "\($0)/temp" }
    let monitors = folders("/sys/class/hwmon").flatMap { folder in
      folders(folder).filter { $0.hasSuffix("_input") && $0.contains("/temp") }
    }
    let readings = (zones + monitors).compactMap { path in
      Double(text(path)?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "").map { $0 / 1000 }
    }
    // Sensors that are not connected say 0, -274 or 255.
    return readings.filter { (1...150).contains($0) }.max()
  }

  // MARK: People

  /// When somebody last typed at a terminal, seconds since 1970: its file's access time, which the kernel
  /// keeps to eight seconds.
  func lastInputS() -> Int64? {
    let consoles = folders("/dev").filter { path in
      path.hasPrefix("/dev/tty") && path.dropFirst("/dev/tty".count).allSatisfy(\.isNumber) && path.count > 8
    }
    let terminals = folders("/dev/pts").filter { $0.dropFirst("/dev/pts/".count).allSatisfy(\.isNumber) }
    let times = (consoles + terminals).compactMap { path -> Int64? in
      var status = stat()
      return stat(path, &status) == 0 ? Int64(status.st_atim.tv_sec) : nil
    }
    return times.max()
  }

  // MARK: Processors

  package func processorTicks() -> Ticks? {
    guard let line = text("/proc/stat")?.split(separator: "\n").first, line.hasPrefix("cpu ") else {
      return nil
    }
    // user, nice, system, idle, iowait, irq, softirq; what follows is counted in these or is not ours.
    let times = line.split(separator: " ").dropFirst().prefix(7).map { UInt64($0) ?? 0 }
    guard times.count == 7 else { return nil }
    let total = times.reduce(0, +)
    return Ticks(total: total, busy: total - times[3] - times[4], own: ownTicks())
  }

  /// Of this process, its children and theirs.
  private func ownTicks() -> UInt64 {
    var lines: [Int32: ProcessLine] = [:]
    for path in folders("/proc") {
      guard let id = Int32(path.dropFirst("/proc/".count)) else { continue }
      lines[id] = processLine(id)
    }
    let own = getpid()
    var children: [Int32: [Int32]] = [:]
    for (id, line) in lines { children[line.parent, default: []].append(id) }
    var (sum, waiting) = (lines[own]?.endedChildrenTicks ?? 0, [own])
    while let id = waiting.popLast() {
      sum += lines[id]?.ticks ?? 0
      waiting += children[id] ?? []
    }
    return sum
  }

  /// Nil when there is no such process.
  func processLine(_ id: Int32) -> ProcessLine? { text("/proc/\(id)/stat").flatMap(ProcessLine.init) }

  // MARK: Files

  private func text(_ path: String) -> String? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func folders(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).map { "\(path)/\($0)" }
  }
}

extension SystemReadings.Ticks {
  /// What others used of all processors since `before`, 0 to 1; nil when no time has passed.
  package func othersShare(since before: SystemReadings.Ticks) -> Double? {
    guard total > before.total else { return nil }
    let busyTicks = Double(busy) - Double(before.busy)
    // A child that ended between two readings may count twice or not at all for a moment.
    let ownTicks = max(0, Double(own) - Double(before.own))
    return min(max((busyTicks - ownTicks) / Double(total - before.total), 0), 1)
  }
}
