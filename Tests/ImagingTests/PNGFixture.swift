/// PNG files written by hand (W3C PNG, third edition), without libpng: stored deflate blocks, any colour
/// type.
enum PNGFixture {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// CRC-32 of PNG, annex D, bit by bit.
  static func crc(_ bytes: [UInt8]) -> Int {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return Int(~crc)
  }

  static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + content
    return bigEndian(content.count) + named + bigEndian(crc(named))
  }

  /// zlib (RFC 1950) around stored blocks (RFC 1951, 3.2.4).
  static func zlib(_ raw: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x78, 0x01]
    var rest = raw[...]
    repeat {
      let block = rest.prefix(0xFFFF)
      rest = rest.dropFirst(block.count)
      let count = block.count
      out += [rest.isEmpty ? 1 : 0, UInt8(count & 0xFF), UInt8(count >> 8)]
      out += [UInt8(~count & 0xFF), UInt8(~count >> 8 & 0xFF)] + block
    } while !rest.isEmpty
    var a = 1
    var b = 0
    for byte in raw {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    return out + bigEndian(b << 16 | a)
  }

  static func header(width: Int, height: Int, bitDepth: Int, colourType: Int, interlace: Int = 0) -> [UInt8] {
    chunk(
      "IHDR",
      bigEndian(width) + bigEndian(height) + [UInt8(bitDepth), UInt8(colourType), 0, 0, UInt8(interlace)])
  }

  /// A file; `rows` are packed as the format wants them, without filter bytes.
  static func file(
    width: Int, height: Int, bitDepth: Int, colourType: Int, chunks: [UInt8] = [], rows: [[UInt8]]
  ) -> [UInt8] {
    signature + header(width: width, height: height, bitDepth: bitDepth, colourType: colourType) + chunks
      + chunk("IDAT", zlib(rows.flatMap { [0] + $0 })) + chunk("IEND", [])
  }

  /// The chunks of a file: name, and where it and its content are.
  static func chunks(_ file: [UInt8]) -> [(name: String, content: Range<Int>)] {
    var found: [(String, Range<Int>)] = []
    var offset = 8
    while offset + 12 <= file.count {
      let count = file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count <= file.count - offset - 12 else { break }
      let name = String(decoding: file[offset + 4..<offset + 8], as: UTF8.self)
      found.append((name, offset + 8..<offset + 8 + count))
      offset += 12 + count
      // Files follow each other in a fragment.
      if name == "IEND" { offset += 8 }
    }
    return found
  }

  /// The file with one chunk's checksum made right.
  static func withChecksum(_ file: [UInt8], of content: Range<Int>) -> [UInt8] {
    var file = file
    let sum = bigEndian(crc(Array(file[content.lowerBound - 4..<content.upperBound])))
    file.replaceSubrange(content.upperBound..<content.upperBound + 4, with: sum)
    return file
  }
}
