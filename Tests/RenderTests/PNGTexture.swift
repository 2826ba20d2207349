import SceneModel

/// A PNG made of given texels, without compression.
enum PNGTexture {
  /// `rgba`: 4 bytes a texel, row-major from the top left.
  static func image(width: Int, height: Int, _ rgba: [UInt8]) -> Scene.Image {
    var raw: [UInt8] = []
    for row in 0..<height { raw += [0] + rgba[4 * width * row..<4 * width * (row + 1)] }
    let size = UInt16(raw.count)
    let stored = [0x78, 0x01, 0x01] + little(size) + little(~size) + raw + big(adler(raw))
    let bytes = beginning(width, height) + chunk("IDAT", stored) + chunk("IEND", [])
    return Scene.Image(source: "made.png", bytes: bytes)
  }

  /// A header, and none of the texels that it speaks of.
  static func empty(width: Int, height: Int) -> Scene.Image {
    Scene.Image(source: "empty.png", bytes: beginning(width, height) + chunk("IDAT", []))
  }

  private static func beginning(_ width: Int, _ height: Int) -> [UInt8] {
    let header = big(UInt32(width)) + big(UInt32(height)) + [8, 6, 0, 0, 0]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header)
  }

  /// One texel everywhere.
  static func plain(_ r: UInt8, _ g: UInt8, _ b: UInt8, _ a: UInt8 = 255) -> Scene.Image {
    image(width: 1, height: 1, [r, g, b, a])
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return big(UInt32(data.count)) + body + big(crc(body))
  }
  private static func big(_ x: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: x >> (24 - 8 * $0)) }
  }
  private static func little(_ x: UInt16) -> [UInt8] { [UInt8(x & 255), UInt8(x >> 8)] }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 != 0 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }
}
