import COpenEXR

/// An EXR in memory, opened to be read: one part of scan lines whose window starts at (0, 0).
struct EXRFile {
  /// Where a channel's values go.
  struct Target {
    /// Of the file's channel; nil skips it.
    var first: UnsafeMutableRawPointer?
    /// Bytes from pixel to pixel.
    var pixelStride: Int
    /// What the values become on the way; nil leaves them as they are.
    var type: exr_pixel_type_t?
  }

  let context: exr_context_t?
  /// Columns.
  let width: Int
  /// Rows, the first one on top.
  let height: Int
  /// As the file orders them: by name.
  let channels: [exr_attr_chlist_entry_t]

  var channelNames: [String] { channels.map { String(cString: $0.name.str) } }

  /// Opens `bytes` for as long as `body` runs. Sides are bounded before anything is allocated.
  static func reading<R>(
    _ bytes: [UInt8], maxSide: Int, body: (EXRFile) throws(ImagingError) -> R
  ) throws(ImagingError) -> R {
    var result: Result<R, ImagingError> = .failure(.malformed(what: "EXR", reason: "empty"))
    bytes.withUnsafeBufferPointer { buffer in
      // The library only reads through it.
      var memory = CEXRMemory(
        bytes: UnsafeMutablePointer(mutating: buffer.baseAddress), count: buffer.count, capacity: buffer.count
      )
      withUnsafeMutablePointer(to: &memory) { memory in
        do throws(ImagingError) {
          var initializer = cexr_reading(memory, Int32(maxSide))
          var context: exr_context_t?
          try EXRContext.check("exr_start_read", exr_start_read(&context, "image", &initializer))
          defer { exr_finish(&context) }
          result = .success(try body(try EXRFile(context)))
        } catch { result = .failure(error) }
      }
    }
    return try result.get()
  }

  private init(_ context: exr_context_t?) throws(ImagingError) {
    self.context = context
    var partCount: Int32 = 0
    try EXRContext.check("exr_get_count", exr_get_count(context, &partCount))
    guard partCount == 1 else { throw .unsupported(what: "EXR", feature: "\(partCount) parts") }
    var storage = EXR_STORAGE_LAST_TYPE
    try EXRContext.check("exr_get_storage", exr_get_storage(context, 0, &storage))
    guard storage == EXR_STORAGE_SCANLINE else {
      throw .unsupported(what: "EXR", feature: "tiles or deep data")
    }
    var window = exr_attr_box2i_t()
    try EXRContext.check("exr_get_data_window", exr_get_data_window(context, 0, &window))
    guard window.min.x == 0, window.min.y == 0 else {
      throw .unsupported(what: "EXR", feature: "a data window at \(window.min.x),\(window.min.y)")
    }
    width = Int(window.max.x) + 1
    height = Int(window.max.y) + 1
    var list: UnsafePointer<exr_attr_chlist_t>?
    try EXRContext.check("exr_get_channels", exr_get_channels(context, 0, &list))
    guard let list else { throw .malformed(what: "EXR", reason: "it has no channels") }
    channels = (0..<Int(list.pointee.num_channels)).map { list.pointee.entries[$0] }
  }

  /// Reads all scan lines. `targets`: one a channel; they hold width * height values each.
  func readPixels(_ targets: [Target]) throws(ImagingError) {
    var lines: Int32 = 0
    try EXRContext.check("exr_get_scanlines_per_chunk", exr_get_scanlines_per_chunk(context, 0, &lines))
    var pipeline = cexr_decode_pipeline()
    defer { exr_decoding_destroy(context, &pipeline) }
    for y in stride(from: 0, to: height, by: Int(lines)) {
      var chunk = exr_chunk_info_t()
      try EXRContext.check(
        "exr_read_scanline_chunk_info", exr_read_scanline_chunk_info(context, 0, Int32(y), &chunk))
      try EXRFile.checkLength(chunk, line: y)
      if y == 0 {
        try EXRContext.check(
          "exr_decoding_initialize", exr_decoding_initialize(context, 0, &chunk, &pipeline))
      } else {
        try EXRContext.check("exr_decoding_update", exr_decoding_update(context, 0, &chunk, &pipeline))
      }
      for (i, target) in targets.enumerated() {
        let lineBytes = width * target.pixelStride
        if let type = target.type {
          pipeline.channels[i].user_data_type = UInt16(type.rawValue)
          pipeline.channels[i].user_bytes_per_element = type == EXR_PIXEL_HALF ? 2 : 4
        }
        pipeline.channels[i].user_pixel_stride = Int32(target.pixelStride)
        pipeline.channels[i].user_line_stride = Int32(lineBytes)
        pipeline.channels[i].decode_to_ptr = target.first.map {
          ($0 + y * lineBytes).assumingMemoryBound(to: UInt8.self)
        }
      }
      if y == 0 {
        try EXRContext.check(
          "exr_decoding_choose_default_routines",
          exr_decoding_choose_default_routines(context, 0, &pipeline))
      }
      try EXRContext.check("exr_decoding_run", exr_decoding_run(context, 0, &pipeline))
    }
  }

  /// The library takes uncompressed lines to be as long as they should be, and reads past their end.
  private static func checkLength(_ chunk: exr_chunk_info_t, line: Int) throws(ImagingError) {
    guard UInt32(chunk.compression) == EXR_COMPRESSION_NONE.rawValue, chunk.packed_size != chunk.unpacked_size
    else { return }
    throw .malformed(
      what: "EXR", reason: "line \(line) has \(chunk.packed_size) of \(chunk.unpacked_size) bytes")
  }
}
