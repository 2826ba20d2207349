/// The rules for paths in scenes: relative, inside the folder, with `/` between names. Everything else is
/// refused before a file is touched.
public enum ScenePath {
  /// `path` without `.` and empty names; refuses absolute paths, `..`, schemes and drives, backslashes,
  /// control characters and paths over `SceneLimits.pathBytesMax` bytes.
  public static func checked(_ path: String, at place: SceneError.Place) throws(SceneError) -> String {
    func refuse(_ fault: SceneError.PathFault) -> SceneError {
      SceneError(.pathRefused(path: String(path.prefix(80)), fault), at: place)
    }
    let count = path.utf8.count
    guard count <= SceneLimits.pathBytesMax else {
      throw refuse(.tooLong(bytes: count, max: SceneLimits.pathBytesMax))
    }
    guard !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { throw refuse(.controlCharacter) }
    guard !path.utf8.contains(UInt8(ascii: "\\")) else { throw refuse(.backslash) }
    guard !path.hasPrefix("/") else { throw refuse(.absolute) }
    guard !path.utf8.contains(UInt8(ascii: ":")) else { throw refuse(.scheme) }
    let names = path.split(separator: "/").filter { $0 != "." }
    guard !names.contains("..") else { throw refuse(.climbs) }
    guard !names.isEmpty else { throw refuse(.empty) }
    return names.joined(separator: "/")
  }

  /// The file that `uri` (RFC 3986, relative, percent-encoded) names from inside `folder`.
  static func resolved(
    uri: String, from folder: String, at place: SceneError.Place
  ) throws(SceneError) -> String {
    guard let path = percentDecoded(uri) else {
      throw SceneError(.pathRefused(path: String(uri.prefix(80)), .notUTF8), at: place)
    }
    let safe = try checked(path, at: place)
    return folder.isEmpty ? safe : folder + "/" + safe
  }

  /// The folder of a file; empty at the top.
  static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// `%41` -> `A`; a percent sign that starts no escape stays, as exporters write file names unescaped. nil
  /// when the result is not UTF-8.
  private static func percentDecoded(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var i = 0
    while i < bytes.count {
      if bytes[i] == UInt8(ascii: "%"), i + 2 < bytes.count, let high = hexDigit(bytes[i + 1]),
        let low = hexDigit(bytes[i + 2])
      {
        out.append(high << 4 | low)
        i += 3
      } else {
        out.append(bytes[i])
        i += 1
      }
    }
    return String(validating: out, as: UTF8.self)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
  }
}
