import CPNG

/// PNG files in memory (W3C PNG, third edition): libpng's one owner. All calls end inside C, for libpng's
/// errors jump.
enum PNGFile {
  /// What precedes every file.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// A chunk of four letters.
  struct Chunk {
    let name: String
    let bytes: [UInt8]
  }

  /// Which filters a row may use; with more than one, libpng takes the one with the least sum of differences.
  enum Filter: Int32 {
    case none = 0x08
    case sub = 0x10
    case up = 0x20
    case paeth = 0x80
    case adaptive = 0xF8
  }

  /// How samples become a file.
  struct Layout {
    let width: Int
    let height: Int
    /// 1 gray, 2 gray and alpha, 3 colour, 4 colour and alpha.
    let channels: Int
    /// 0 stores, 9 tries hardest. 6, zlib's default, takes almost three times as long as 4 for 2 to 3 % fewer
    /// bytes.
    var level = 4
    var filter = Filter.adaptive
    var chunks: [Chunk] = []
  }

  /// A file of 8-bit samples, row-major, interleaved.
  static func encode(_ samples: [UInt8], _ layout: Layout) throws(ImagingError) -> [UInt8] {
    precondition(
      samples.count == layout.width * layout.height * layout.channels, "\(samples.count), \(layout)")
    return try encode(samples.withUnsafeBytes { file(of: $0, layout, bitDepth: 8) })
  }

  /// A file of 16-bit samples, row-major, interleaved.
  static func encode(_ samples: [UInt16], _ layout: Layout) throws(ImagingError) -> [UInt8] {
    precondition(
      samples.count == layout.width * layout.height * layout.channels, "\(samples.count), \(layout)")
    return try encode(samples.withUnsafeBytes { file(of: $0, layout, bitDepth: 16) })
  }

  private static func encode(_ result: Result<[UInt8], ImagingError>) throws(ImagingError) -> [UInt8] {
    try result.get()
  }

  private static func file(
    of samples: UnsafeRawBufferPointer, _ layout: Layout, bitDepth: Int
  ) -> Result<[UInt8], ImagingError> {
    let content = layout.chunks.flatMap(\.bytes)
    let raw = samples.count + layout.height
    // Incompressible data grows by a few bytes a block, and each chunk has twelve of its own.
    let bound = raw + raw / 100 + content.count + 12 * layout.chunks.count + 4096
    var reason = [CChar](repeating: 0, count: CPNG_REASON_BYTES)
    var status: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      content.withUnsafeBufferPointer { content in
        var offset = 0
        let chunks = layout.chunks.map { chunk in
          defer { offset += chunk.bytes.count }
          return CPNGChunk(
            name: fourLetters(chunk.name), bytes: content.baseAddress.map { $0 + offset },
            count: chunk.bytes.count)
        }
        status = chunks.withUnsafeBufferPointer { chunks in
          let header = CPNGHeader(
            width: UInt32(layout.width), height: UInt32(layout.height), bit_depth: UInt32(bitDepth),
            channels: UInt32(layout.channels), interlaced: 0)
          let plan = CPNGLayout(
            header: header, level: Int32(layout.level), filters: layout.filter.rawValue,
            chunks: chunks.baseAddress, chunk_count: chunks.count)
          return cpng_write(plan, samples.baseAddress, buffer.baseAddress, bound, &count, &reason)
        }
      }
    }
    if status != 0 { return .failure(.library(call: "libpng", reason: text(reason))) }
    return .success(bytes)
  }

  /// A chunk's name as C has it.
  static func fourLetters(_ name: String) -> (CChar, CChar, CChar, CChar, CChar) {
    let letters = name.utf8.map { CChar(bitPattern: $0) }
    precondition(letters.count == 4, "a chunk's name has four letters: \(name)")
    return (letters[0], letters[1], letters[2], letters[3], 0)
  }

  /// What C wrote as its reason.
  static func text(_ reason: [CChar]) -> String {
    String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
