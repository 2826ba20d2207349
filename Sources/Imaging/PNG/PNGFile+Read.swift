import CPNG

extension PNGFile {
  /// What a file's header says.
  struct Header {
    let width: Int
    let height: Int
    let bitDepth: Int
    let channels: Int
    let isInterlaced: Bool
  }

  /// 16-bit samples as stored, and the private chunk.
  struct Stored16 {
    let header: Header
    /// Row-major, interleaved.
    let samples: [UInt16]
    /// The content of the chunk asked for.
    let chunk: [UInt8]
    /// Where the file ends in the bytes given.
    let end: Int
  }

  /// Reads a 16-bit file that starts at `offset`. Sides are bounded, and checked before anything is
  /// allocated.
  static func readStored16(
    _ bytes: [UInt8], at offset: Int, maxSide: Int, chunk name: String, what: String
  ) throws(ImagingError) -> Stored16 {
    let header = try header(bytes, at: offset, maxSide: maxSide, what: what)
    guard header.bitDepth == 16, !header.isInterlaced else {
      throw .unsupported(what: what, feature: "\(header.bitDepth) bits a sample or interlacing")
    }
    let sampleCount = header.width * header.height * header.channels
    var kept = CPNGKept()
    kept.name = fourLetters(name)
    var end = 0
    var failure: ImagingError?
    let samples = [UInt16](unsafeUninitializedCapacity: sampleCount) { buffer, count in
      failure = read(
        bytes, at: offset, maxSide: maxSide, form: CPNG_STORED16, into: UnsafeMutableRawBufferPointer(buffer),
        kept: &kept, end: &end, what: what)
      count = failure == nil ? sampleCount : 0
    }
    if let failure { throw failure }
    guard kept.found != 0 else { throw .malformed(what: what, reason: "it has no \(name) chunk") }
    let chunk = withUnsafeBytes(of: &kept.bytes) { Array($0.prefix(kept.count)) }
    return Stored16(header: header, samples: samples, chunk: chunk, end: end)
  }

  /// Columns and rows of any PNG by its header, within the bounds.
  static func size(
    _ bytes: [UInt8], maxSide: Int, maxPixels: Int
  ) throws(ImagingError) -> (width: Int, height: Int) {
    let header = try header(bytes, at: 0, maxSide: maxSide, what: "PNG")
    let pixelCount = header.width * header.height
    guard pixelCount <= maxPixels else {
      throw .overLimit(what: "PNG, in pixels", found: pixelCount, limit: maxPixels)
    }
    return (header.width, header.height)
  }

  /// Reads any PNG as 8-bit RGBA, 4 bytes for each pixel: palettes and gray are expanded, 16 bits scaled (not
  /// cut), alpha is 255 by default.
  static func readRGBA8(
    _ bytes: [UInt8], into rgba8: UnsafeMutableRawBufferPointer
  ) throws(ImagingError) {
    var end = 0
    let failure = read(
      bytes, at: 0, maxSide: ImageDecoder.sideMax, form: CPNG_RGBA8, into: rgba8, kept: nil, end: &end,
      what: "PNG")
    if let failure { throw failure }
  }

  private static func header(
    _ bytes: [UInt8], at offset: Int, maxSide: Int, what: String
  ) throws(ImagingError) -> Header {
    var found = CPNGHeader()
    var reason = [CChar](repeating: 0, count: CPNG_REASON_BYTES)
    let status = bytes.withUnsafeBufferPointer { buffer in
      cpng_read_header(source(buffer, at: offset, maxSide: maxSide), &found, &reason)
    }
    guard status == 0 else { throw .malformed(what: what, reason: text(reason)) }
    return Header(
      width: Int(found.width), height: Int(found.height), bitDepth: Int(found.bit_depth),
      channels: Int(found.channels), isInterlaced: found.interlaced != 0)
  }

  private static func read(
    _ bytes: [UInt8], at offset: Int, maxSide: Int, form: CPNGForm,
    into pixels: UnsafeMutableRawBufferPointer,
    kept: UnsafeMutablePointer<CPNGKept>?, end: inout Int, what: String
  ) -> ImagingError? {
    var consumed = 0
    var reason = [CChar](repeating: 0, count: CPNG_REASON_BYTES)
    let status = bytes.withUnsafeBufferPointer { buffer in
      cpng_read(
        source(buffer, at: offset, maxSide: maxSide), form, pixels.baseAddress, pixels.count, kept, &consumed,
        &reason)
    }
    end = offset + consumed
    return status == 0 ? nil : .malformed(what: what, reason: text(reason))
  }

  private static func source(
    _ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, maxSide: Int
  ) -> CPNGSource {
    CPNGSource(
      bytes: bytes.baseAddress.map { $0 + offset }, count: bytes.count - offset, max_side: UInt32(maxSide))
  }
}
