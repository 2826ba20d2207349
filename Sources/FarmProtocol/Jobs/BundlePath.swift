import Foundation

/// The paths that a bundle may hold: they are joined to a folder of whoever unpacks it, so nothing that could
/// lead out of that folder, or mean different files on different machines, is let in.
public enum BundlePath {
  /// Why `path` is refused, one clause without the path itself; nil when it is fine.
  ///
  /// Fine is a relative path in Unicode NFC, at most `Limits.pathBytesMax` bytes, with `/` between components
  /// that are neither empty nor `.` nor `..`, without backslash, colon or control character.
  public static func check(_ path: String) -> String? {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty else { return "it is empty" }
    guard bytes.count <= Limits.pathBytesMax else {
      return "it has \(bytes.count) bytes, at most \(Limits.pathBytesMax) are allowed"
    }
    guard bytes[0] != UInt8(ascii: "/") else { return "it is absolute" }
    for scalar in path.unicodeScalars {
      if scalar.properties.generalCategory == .control { return "it has a control character" }
      if scalar == "\\" { return "it has a backslash" }
      if scalar == ":" { return "it has a colon" }
    }
    for component in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if component.isEmpty { return "it has an empty component" }
      if component.elementsEqual(".".utf8) { return "it has a component \".\"" }
      if component.elementsEqual("..".utf8) { return "it has a component \"..\"" }
    }
    guard path.precomposedStringWithCanonicalMapping.utf8.elementsEqual(bytes) else {
      return "it is not in Unicode normal form C"
    }
    return nil
  }
}
