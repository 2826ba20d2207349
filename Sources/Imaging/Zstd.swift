import CZstd

/// One zstd frame (RFC 8878) of known size.
package enum Zstd {
  /// Compresses into one frame that names its content's size.
  package static func compress(_ bytes: [UInt8], level: Int) throws(ImagingError) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    var code = 0
    let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      code = ZSTD_compress(buffer.baseAddress, bound, bytes, bytes.count, Int32(level))
      count = ZSTD_isError(code) == 0 ? code : 0
    }
    try check("ZSTD_compress", code)
    return frame
  }

  /// Decompresses exactly one frame. Its content's size must be named and at most `limit`: checked before
  /// allocating.
  package static func decompress(_ frame: [UInt8], limit: Int, what: String) throws(ImagingError) -> [UInt8] {
    let frameCount = ZSTD_findFrameCompressedSize(frame, frame.count)
    guard ZSTD_isError(frameCount) == 0 else { throw .malformed(what: what, reason: reason(frameCount)) }
    guard frameCount == frame.count else { throw .trailing(what: what, bytes: frame.count - frameCount) }
    let size = ZSTD_getFrameContentSize(frame, frame.count)
    // The two highest values mean: unknown, and not a frame.
    guard size < UInt64.max - 1 else { throw .malformed(what: what, reason: "its size is not named") }
    guard size <= UInt64(limit) else {
      throw .overLimit(what: "\(what), decompressed, in bytes", found: Int(clamping: size), limit: limit)
    }
    var code = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      code = ZSTD_decompress(buffer.baseAddress, Int(size), frame, frame.count)
      count = ZSTD_isError(code) == 0 ? code : 0
    }
    guard ZSTD_isError(code) == 0 else { throw .malformed(what: what, reason: reason(code)) }
    guard bytes.count == Int(size) else {
      throw .mismatch(what: "\(what), decompressed, in bytes", expected: Int(size), found: bytes.count)
    }
    return bytes
  }

  private static func check(_ call: String, _ code: Int) throws(ImagingError) {
    guard ZSTD_isError(code) == 0 else { throw .library(call: call, reason: reason(code)) }
  }
  private static func reason(_ code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
}
