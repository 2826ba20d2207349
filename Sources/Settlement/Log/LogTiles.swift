import Cryptography

/// Where a log's hashes and entries lie (C2SP tlog-tiles): 256 to a file, `tile/<level>/<n>` for hashes and
/// `tile/entries/<n>` for entries, `.p/<width>` behind a file that is not full.
public enum LogTiles {
  /// Hashes or entries of a full file.
  public static let width = 256

  /// The path of a file of hashes; hashes of level L are over 256^L entries each.
  public static func hashPath(level: Int, tile: UInt64, width: Int = width) -> String {
    "tile/\(level)/" + path(tile, width)
  }
  /// The path of a file of entries.
  public static func entriesPath(tile: UInt64, width: Int = width) -> String {
    "tile/entries/" + path(tile, width)
  }

  /// 1234067 is `x001/x234/067`.
  private static func path(_ tile: UInt64, _ width: Int) -> String {
    precondition((1...LogTiles.width).contains(width), "a tile of width \(width)")
    var rest = tile
    var path = threeDigits(rest % 1000)
    while rest >= 1000 {
      rest /= 1000
      path = "x\(threeDigits(rest % 1000))/" + path
    }
    return path + (width == LogTiles.width ? "" : ".p/\(width)")
  }

  private static func threeDigits(_ value: UInt64) -> String {
    let digits = String(value)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// Packs entries into one file: a big-endian u16 length before each.
  public static func bundle(_ entries: [[UInt8]]) -> [UInt8] {
    entries.flatMap { entry in
      precondition(entry.count <= LogEntry.bytesMax, "an entry of \(entry.count) bytes")
      return withUnsafeBytes(of: UInt16(entry.count).bigEndian) { Array($0) } + entry
    }
  }

  /// Reads `count` entries back; exactly those must be in it.
  public static func entries(
    inBundle bytes: [UInt8], count: Int, path: String
  ) throws(SettlementError) -> [[UInt8]] {
    var entries: [[UInt8]] = []
    var rest = bytes[...]
    for entry in 0..<count {
      guard rest.count >= 2 else { throw .bundleMalformed(path: path, entry: entry) }
      let length = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(2)
      guard rest.count >= length else { throw .bundleMalformed(path: path, entry: entry) }
      entries.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    guard rest.isEmpty else { throw .bundleMalformed(path: path, entry: count) }
    return entries
  }
}

extension TransparencyLog {
  /// The files to write when a log that was published at `oldSize` is published at `newSize`: every file that
  /// is new or fuller, partial ones under their own names. Write them before the checkpoint.
  /// - Parameter entryAt: the bytes of the entry with that index.
  public func files(
    from oldSize: UInt64, to newSize: UInt64, entryAt: (UInt64) throws -> [UInt8]
  ) rethrows -> [(path: String, bytes: [UInt8])] {
    precondition(oldSize <= newSize && newSize <= size, "\(oldSize) to \(newSize) of \(size)")
    return try files(at: newSize, entryAt: entryAt) { shift in
      TransparencyLog.changed(from: oldSize >> shift, to: newSize >> shift)
    }
  }

  /// The files of a log of that size that are not full: those that may be gone after a power cut.
  /// - Parameter entryAt: the bytes of the entry with that index.
  public func partialFiles(
    at size: UInt64, entryAt: (UInt64) throws -> [UInt8]
  ) rethrows -> [(path: String, bytes: [UInt8])] {
    precondition(size <= self.size, "\(size) of \(self.size)")
    return try files(at: size, entryAt: entryAt) { shift in
      let count = size >> shift
      let start = count / UInt64(LogTiles.width) * UInt64(LogTiles.width)
      return start < count ? [start..<count] : []
    }
  }

  /// - Parameter ranges: of hashes over 2^shift entries each.
  private func files(
    at size: UInt64, entryAt: (UInt64) throws -> [UInt8], ranges: (_ shift: UInt64) -> [Range<UInt64>]
  ) rethrows -> [(path: String, bytes: [UInt8])] {
    var files: [(path: String, bytes: [UInt8])] = []
    for range in ranges(0) {
      let tile = range.lowerBound / UInt64(LogTiles.width)
      let entries = try range.map(entryAt)
      files.append((LogTiles.entriesPath(tile: tile, width: range.count), LogTiles.bundle(entries)))
    }
    var level = 0
    while size >> UInt64(8 * level) > 0 {
      let stored = hashes(height: 8 * level)
      for range in ranges(UInt64(8 * level)) {
        let tile = range.lowerBound / UInt64(LogTiles.width)
        let bytes = stored[Int(range.lowerBound)..<Int(range.upperBound)].flatMap(\.bytes)
        files.append((LogTiles.hashPath(level: level, tile: tile, width: range.count), bytes))
      }
      level += 1
    }
    return files
  }

  /// The ranges, cut at multiples of 256, of the tiles that gain something.
  private static func changed(from old: UInt64, to new: UInt64) -> [Range<UInt64>] {
    guard old < new else { return [] }
    let width = UInt64(LogTiles.width)
    return stride(from: old / width * width, to: new, by: Int(width)).map { $0..<Swift.min($0 + width, new) }
  }
}
