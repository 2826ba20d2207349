import Foundation

extension BundleManifest {
  /// Sum of all files' lengths; saturates, so that it can be compared with any limit.
  public var totalBytes: UInt64 {
    files.reduce(0) { sum, file in
      let (next, overflow) = sum.addingReportingOverflow(file.bytes)
      return overflow ? .max : next
    }
  }

  /// Refuses (`bundleInvalid`) a manifest that no machine should unpack, naming the file.
  ///
  /// In this order: file count, then for each file path, order, collision, length; then the sum of lengths.
  public func validate() throws(Refusal) {
    guard !files.isEmpty else { throw .init(.bundleInvalid, "the bundle has no files") }
    guard files.count <= Limits.bundleFilesMax else {
      throw .init(
        .bundleInvalid, "the bundle has \(files.count) files, at most \(Limits.bundleFilesMax) are allowed")
    }
    var paths = PathSet()
    var previous: File?
    for (index, file) in files.enumerated() {
      if let reason = BundlePath.check(file.path) {
        throw .init(.bundleInvalid, "bundle file \(index), path \(file.path.debugDescription): \(reason)")
      }
      if let previous, !previous.path.utf8.lexicographicallyPrecedes(file.path.utf8) {
        throw .init(
          .bundleInvalid, "bundle file \(index), path \"\(file.path)\": not after \"\(previous.path)\"",
          remedy: "name each path once, in ascending order of its UTF-8 bytes")
      }
      if let other = paths.insert(file.path) {
        throw .init(.bundleInvalid, "bundle path \"\(file.path)\" collides with \"\(other)\"")
      }
      guard file.bytes <= UInt64(Limits.blobBytesMax) else {
        throw .init(
          .bundleInvalid,
          "bundle file \"\(file.path)\" has \(file.bytes) bytes, at most \(Limits.blobBytesMax) are allowed")
      }
      previous = file
    }
    guard totalBytes <= UInt64(Limits.bundleBytesMax) else {
      throw .init(
        .bundleInvalid, "the bundle has \(totalBytes) bytes, at most \(Limits.bundleBytesMax) are allowed")
    }
  }
}

/// Paths already seen, as a file system that ignores case would tell them apart.
private struct PathSet {
  private var files: [String: String] = [:]
  private var folders: [String: String] = [:]

  /// Adds a path; returns the one that it collides with, as a file of the same name or as a folder.
  mutating func insert(_ path: String) -> String? {
    let folded = path.lowercased()
    if let other = files[folded] ?? folders[folded] { return other }
    var end = folded.startIndex
    while let slash = folded[end...].firstIndex(of: "/") {
      let folder = String(folded[..<slash])
      if let other = files[folder] { return other }
      folders[folder] = path
      end = folded.index(after: slash)
    }
    files[folded] = path
    return nil
  }
}
