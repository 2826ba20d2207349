import Foundation

/// Damage from a seed, of the kinds that a reader meets.
public enum Damage {
  /// Changes, inserts, removes or repeats a few bytes.
  public static func bytes(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      // Headers decide more than bodies do.
      let end = Bool.random(using: &random) ? bytes.count : min(bytes.count, 96)
      let at = Int.random(in: 0..<end, using: &random)
      let run = at..<min(bytes.count, at + Int.random(in: 1...40, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[at] = .random(in: 0...255, using: &random)
      case 2: bytes.removeSubrange(run)
      case 3: bytes.insert(contentsOf: Array(bytes[run]), at: at)
      case 4: bytes.removeSubrange(at...)
      default:
        let value: UInt8 = [0, 0xff, 0x7f, 0x80].randomElement(using: &random) ?? 0
        for i in at..<min(bytes.count, at + 4) { bytes[i] = value }
      }
    }
    return bytes
  }

  /// Numbers at and beyond the borders of what counts, offsets, types and factors may be.
  private static let numbers = [
    "-1", "0", "1", "2", "3", "7", "255", "256", "65535", "65536", "5120", "5125", "5126", "2147483647",
    "4294967295", "4294967296", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
    "1e-45", "-1e-45", "1e38", "-1e38", "1e39", "1e308", "1e400", "-0.0", "0.5", "1e6", "1e12", "null",
    "true", "[]", "{}", "\"a\"", "[1,2,3]",
  ]

  /// Replaces one or two numbers of a JSON text.
  public static func numbers(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    replaced(bytes, #"-?[0-9]+(\.[0-9]+)?"#, by: numbers, &random)
  }

  /// Replaces one or two strings of a JSON text, names and values alike.
  public static func words(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    let words = [
      "", "MAT4", "SCALAR", "POSITION", "indices", "sparse", "children", "nodes", "mesh", "matrix", "uri",
      "data:;base64,AAAA", "../scene.gltf", "/etc/passwd", "a.png", "scene.gltf", "scene.bin", "CUBICSPLINE",
      "orthographic", "BLEND", "weights", "scale", "directional", "KHR_materials_volume", "\\u0000",
      "\\ud800",
    ].map { "\"\($0)\"" }
    return replaced(bytes, #""[^"]*""#, by: words, &random)
  }

  private static func replaced(
    _ bytes: [UInt8], _ pattern: String, by candidates: [String], _ random: inout Seeded
  ) -> [UInt8] {
    var text = String(decoding: bytes, as: UTF8.self)
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return bytes }
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let matches = expression.matches(in: text, range: NSRange(text.startIndex..., in: text))
      guard let match = matches.randomElement(using: &random), let range = Range(match.range, in: text),
        let new = candidates.randomElement(using: &random)
      else { continue }
      text.replaceSubrange(range, with: new)
    }
    return Array(text.utf8)
  }

  /// Replaces aligned 4-byte words by floats that are no positions.
  public static func floats(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    if Int.random(in: 0..<4, using: &random) == 0 { return Damage.bytes(bytes, &random) }
    var bytes = bytes
    let values: [Float] = [
      .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .leastNonzeroMagnitude,
      -0.0, 1e20, -1e20, 1e-20, 0, 1e10,
    ]
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let at = 4 * Int.random(in: 0..<bytes.count / 4, using: &random)
      let value = values.randomElement(using: &random) ?? 0
      withUnsafeBytes(of: value.bitPattern.littleEndian) { word in
        for i in 0..<4 { bytes[at + i] = word[i] }
      }
    }
    return bytes
  }

  /// Changes a PNG's header or another chunk's first bytes and makes its checksum right, so that the reader
  /// believes it.
  public static func pngFields(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    var bytes = bytes
    var chunks: [Range<Int>] = []
    var at = 8
    while at + 12 <= bytes.count {
      let count = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count >= 0, at + 12 + count <= bytes.count else { break }
      chunks.append(at + 4..<at + 8 + count)
      at += 12 + count
    }
    let isHeader = Bool.random(using: &random)
    guard let chunk = isHeader ? chunks.first : chunks.randomElement(using: &random) else { return bytes }
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let place = Int.random(in: chunk.prefix(24), using: &random)
      bytes[place] = [0, 1, 2, 3, 4, 6, 8, 16, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
    }
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes[chunk] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    for i in 0..<4 { bytes[chunk.upperBound + i] = UInt8(truncatingIfNeeded: ~crc >> UInt32(24 - 8 * i)) }
    return bytes
  }
}
