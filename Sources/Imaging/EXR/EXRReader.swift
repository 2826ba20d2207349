import COpenEXR

/// Reads back what `EXRWriter` wrote: for tools that compare or view frames. Not for files from strangers.
public enum EXRReader {
  /// Reads a frame and its string attributes. Other channels, types, storage or a shifted window are refused;
  /// sides are bounded as a frame's are.
  public static func decode(
    _ bytes: [UInt8]
  ) throws(ImagingError) -> (frame: Frame, attributes: [String: String]) {
    var result: Result<(Frame, [String: String]), ImagingError> = .failure(
      .malformed(what: "EXR", reason: "empty"))
    bytes.withUnsafeBufferPointer { buffer in
      // The library only reads through it.
      var memory = CEXRMemory(
        bytes: UnsafeMutablePointer(mutating: buffer.baseAddress), count: buffer.count, capacity: buffer.count
      )
      withUnsafeMutablePointer(to: &memory) { memory in
        do throws(ImagingError) { result = .success(try read(memory)) } catch { result = .failure(error) }
      }
    }
    let (frame, attributes) = try result.get()
    return (frame, attributes)
  }

  private static func read(
    _ memory: UnsafeMutablePointer<CEXRMemory>
  ) throws(ImagingError) -> (Frame, [String: String]) {
    var initializer = cexr_reading(memory, Int32(Frame.sideMax))
    var context: exr_context_t?
    try EXRContext.check("exr_start_read", exr_start_read(&context, "frame", &initializer))
    defer { exr_finish(&context) }
    let (width, height) = try readSize(context)
    let set = try readLayers(context)
    var halves = [UInt16](repeating: 0, count: 4 * width * height)
    var work = [UInt32](repeating: 0, count: width * height)
    var words = [UInt32](repeating: 0, count: set.wordCount * width * height)
    var failure: ImagingError?
    halves.withUnsafeMutableBytes { halves in
      work.withUnsafeMutableBytes { work in
        words.withUnsafeMutableBytes { words in
          do throws(ImagingError) {
            try readPixels(
              context, width: width, height: height, EXRContext.channels(set),
              [.colour: halves, .work: work, .layers: words])
          } catch { failure = error }
        }
      }
    }
    if let failure { throw failure }
    let frame = Frame(
      width: width, height: height, rgbaHalfBits: halves, work: work, layers: LayerPixels(set, words: words))
    return (frame, try readAttributes(context))
  }

  private static func readSize(_ context: exr_context_t?) throws(ImagingError) -> (width: Int, height: Int) {
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
    return (Int(window.max.x) + 1, Int(window.max.y) + 1)
  }

  /// The layers beside colour and work; refuses other channels.
  private static func readLayers(_ context: exr_context_t?) throws(ImagingError) -> LayerSet {
    var list: UnsafePointer<exr_attr_chlist_t>?
    try EXRContext.check("exr_get_channels", exr_get_channels(context, 0, &list))
    guard let list else { throw .malformed(what: "EXR", reason: "it has no channels") }
    let entries = (0..<Int(list.pointee.num_channels)).map { list.pointee.entries[$0] }
    let names = entries.map { String(cString: $0.name.str) }
    let set = EXRContext.layers(names)
    let expected = EXRContext.channels(set)
    guard names == expected.map(\.name) else {
      throw .unsupported(what: "EXR", feature: "channels \(names)")
    }
    for (channel, entry) in zip(expected, entries) {
      guard entry.pixel_type == channel.type, entry.x_sampling == 1, entry.y_sampling == 1 else {
        throw .unsupported(what: "EXR", feature: "another type or sampling of channel \(channel.name)")
      }
    }
    return set
  }

  private static func readPixels(
    _ context: exr_context_t?, width: Int, height: Int, _ channels: [EXRContext.Channel],
    _ targets: [EXRContext.Channel.Source: UnsafeMutableRawBufferPointer]
  ) throws(ImagingError) {
    var lines: Int32 = 0
    try EXRContext.check("exr_get_scanlines_per_chunk", exr_get_scanlines_per_chunk(context, 0, &lines))
    var pipeline = cexr_decode_pipeline()
    defer { exr_decoding_destroy(context, &pipeline) }
    for y in stride(from: 0, to: height, by: Int(lines)) {
      var chunk = exr_chunk_info_t()
      try EXRContext.check(
        "exr_read_scanline_chunk_info", exr_read_scanline_chunk_info(context, 0, Int32(y), &chunk))
      if y == 0 {
        try EXRContext.check(
          "exr_decoding_initialize", exr_decoding_initialize(context, 0, &chunk, &pipeline))
      } else {
        try EXRContext.check("exr_decoding_update", exr_decoding_update(context, 0, &chunk, &pipeline))
      }
      for (i, channel) in channels.enumerated() {
        let lineBytes = width * channel.pixelStride
        pipeline.channels[i].user_pixel_stride = Int32(channel.pixelStride)
        pipeline.channels[i].user_line_stride = Int32(lineBytes)
        pipeline.channels[i].decode_to_ptr = targets[channel.source]?.baseAddress.map {
          ($0 + y * lineBytes + channel.byteOffset).assumingMemoryBound(to: UInt8.self)
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

  private static func readAttributes(_ context: exr_context_t?) throws(ImagingError) -> [String: String] {
    var count: Int32 = 0
    try EXRContext.check("exr_get_attribute_count", exr_get_attribute_count(context, 0, &count))
    var strings: [String: String] = [:]
    for i in 0..<count {
      var attribute: UnsafePointer<exr_attribute_t>?
      try EXRContext.check(
        "exr_get_attribute_by_index",
        exr_get_attribute_by_index(context, 0, EXR_ATTR_LIST_SORTED_ORDER, i, &attribute))
      guard let attribute, attribute.pointee.type == EXR_ATTR_STRING else { continue }
      let name = String(cString: attribute.pointee.name)
      var length: Int32 = 0
      var text: UnsafePointer<CChar>?
      try EXRContext.check(
        "exr_attr_get_string \(name)", exr_attr_get_string(context, 0, name, &length, &text))
      if let text { strings[name] = String(cString: text) }
    }
    strings["name"] = nil
    strings["type"] = nil
    return strings
  }
}
