import COpenEXR

/// Frames as OpenEXR files: what compositing programs read.
public enum EXRWriter {
  /// Writes a complete frame: scan lines, ZIP; half channels R, G, B, A (linear Rec.709, premultiplied),
  /// unsigned 32-bit channel `work`, the channels of its layers; `attributes` as strings. The same input
  /// gives the same bytes. Attribute names must not be the format's own.
  public static func encode(
    _ frame: Frame, attributes: [String: String] = [:]
  ) throws(ImagingError) -> [UInt8] {
    guard frame.isComplete else { throw .incomplete(missingPixels: frame.missingPixelCount) }
    for name in attributes.keys where ["name", "type", "chromaticities"].contains(name) {
      throw .unsupported(what: "EXR", feature: "an attribute of the format's own name '\(name)'")
    }
    let memory = UnsafeMutablePointer<CEXRMemory>.allocate(capacity: 1)
    memory.initialize(to: CEXRMemory())
    defer {
      cexr_free(memory)
      memory.deallocate()
    }
    var initializer = cexr_writing(memory)
    var context: exr_context_t?
    try EXRContext.check(
      "exr_start_write", exr_start_write(&context, "frame", EXR_WRITE_FILE_DIRECTLY, &initializer))
    var failure: ImagingError?
    do throws(ImagingError) {
      try writeHeader(frame, attributes, to: context)
      try writePixels(frame, to: context)
    } catch { failure = error }
    // Finishing writes the table of chunks, so its result counts; it must come in any case, for it frees.
    let finished = exr_finish(&context)
    if let failure { throw failure }
    try EXRContext.check("exr_finish", finished)
    return Array(UnsafeBufferPointer(start: memory.pointee.bytes, count: memory.pointee.count))
  }

  // As OpenEXR's own default since 3.1.3: half the time of zlib's 6, for 1 to 3 % more bytes.
  private static let deflateLevel: Int32 = 4

  private static func writeHeader(
    _ frame: Frame, _ attributes: [String: String], to context: exr_context_t?
  ) throws(ImagingError) {
    var part: Int32 = 0
    try EXRContext.check("exr_add_part", exr_add_part(context, "frame", EXR_STORAGE_SCANLINE, &part))
    try EXRContext.check(
      "exr_initialize_required_attr_simple",
      exr_initialize_required_attr_simple(
        context, part, Int32(frame.width), Int32(frame.height), EXR_COMPRESSION_ZIP))
    try EXRContext.check(
      "exr_set_zip_compression_level", exr_set_zip_compression_level(context, part, deflateLevel))
    for channel in EXRContext.channels(frame.layers.set) {
      let scale = channel.source == .colour ? EXR_PERCEPTUALLY_LOGARITHMIC : EXR_PERCEPTUALLY_LINEAR
      try EXRContext.check(
        "exr_add_channel \(channel.name)",
        exr_add_channel(context, part, channel.name, channel.type, scale, 1, 1))
    }
    var rec709 = exr_attr_chromaticities_t(
      red_x: 0.64, red_y: 0.33, green_x: 0.3, green_y: 0.6, blue_x: 0.15, blue_y: 0.06, white_x: 0.3127,
      white_y: 0.329)
    try EXRContext.check(
      "exr_attr_set_chromaticities",
      exr_attr_set_chromaticities(context, part, "chromaticities", &rec709))
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      try EXRContext.check("exr_attr_set_string \(name)", exr_attr_set_string(context, part, name, value))
    }
    try EXRContext.check("exr_write_header", exr_write_header(context))
  }

  private static func writePixels(_ frame: Frame, to context: exr_context_t?) throws(ImagingError) {
    var lines: Int32 = 0
    try EXRContext.check("exr_get_scanlines_per_chunk", exr_get_scanlines_per_chunk(context, 0, &lines))
    var pipeline = cexr_encode_pipeline()
    defer { exr_encoding_destroy(context, &pipeline) }
    var failure: ImagingError?
    frame.rgbaHalfBits.withUnsafeBytes { colour in
      frame.work.withUnsafeBytes { work in
        frame.layers.words.withUnsafeBytes { layers in
          let sources: [EXRContext.Channel.Source: UnsafeRawBufferPointer] = [
            .colour: colour, .work: work, .layers: layers,
          ]
          do throws(ImagingError) {
            for y in stride(from: 0, to: frame.height, by: Int(lines)) {
              try writeChunk(at: y, of: frame, sources, &pipeline, to: context)
            }
          } catch { failure = error }
        }
      }
    }
    if let failure { throw failure }
  }

  private static func writeChunk(
    at y: Int, of frame: Frame, _ sources: [EXRContext.Channel.Source: UnsafeRawBufferPointer],
    _ pipeline: inout exr_encode_pipeline_t, to context: exr_context_t?
  ) throws(ImagingError) {
    var chunk = exr_chunk_info_t()
    try EXRContext.check(
      "exr_write_scanline_chunk_info", exr_write_scanline_chunk_info(context, 0, Int32(y), &chunk))
    if y == 0 {
      try EXRContext.check(
        "exr_encoding_initialize", exr_encoding_initialize(context, 0, &chunk, &pipeline))
    } else {
      try EXRContext.check("exr_encoding_update", exr_encoding_update(context, 0, &chunk, &pipeline))
    }
    // In the file's order, which is ours.
    for (i, channel) in EXRContext.channels(frame.layers.set).enumerated() {
      let lineBytes = frame.width * channel.pixelStride
      pipeline.channels[i].user_pixel_stride = Int32(channel.pixelStride)
      pipeline.channels[i].user_line_stride = Int32(lineBytes)
      pipeline.channels[i].encode_from_ptr = sources[channel.source]?.baseAddress.map {
        ($0 + y * lineBytes + channel.byteOffset).assumingMemoryBound(to: UInt8.self)
      }
    }
    if y == 0 {
      try EXRContext.check(
        "exr_encoding_choose_default_routines",
        exr_encoding_choose_default_routines(context, 0, &pipeline))
    }
    try EXRContext.check("exr_encoding_run", exr_encoding_run(context, 0, &pipeline))
  }
}
