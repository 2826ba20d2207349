import COpenEXR

/// Reads back what `EXRWriter` wrote: for tools that compare or view frames. Not for files from strangers.
public enum EXRReader {
  /// Reads a frame and its string attributes. Other channels, types, storage or a shifted window are refused;
  /// sides are bounded as a frame's are.
  public static func decode(
    _ bytes: [UInt8]
  ) throws(ImagingError) -> (frame: Frame, attributes: [String: String]) {
    try EXRFile.reading(bytes, maxSide: Frame.sideMax) { file throws(ImagingError) in
      (try readFrame(file), try readAttributes(file.context))
    }
  }

  private static func readFrame(_ file: EXRFile) throws(ImagingError) -> Frame {
    let set = try layers(of: file)
    let count = file.width * file.height
    var halves = [UInt16](repeating: 0, count: 4 * count)
    var work = [UInt32](repeating: 0, count: count)
    var words = [UInt32](repeating: 0, count: set.wordCount * count)
    var failure: ImagingError?
    halves.withUnsafeMutableBytes { halves in
      work.withUnsafeMutableBytes { work in
        words.withUnsafeMutableBytes { words in
          let arrays: [EXRContext.Channel.Source: UnsafeMutableRawBufferPointer] = [
            .colour: halves, .work: work, .layers: words,
          ]
          let targets = EXRContext.channels(set).map { channel in
            EXRFile.Target(
              first: arrays[channel.source]?.baseAddress.map { $0 + channel.byteOffset },
              pixelStride: channel.pixelStride)
          }
          do throws(ImagingError) { try file.readPixels(targets) } catch { failure = error }
        }
      }
    }
    if let failure { throw failure }
    return Frame(
      width: file.width, height: file.height, rgbaHalfBits: halves, work: work,
      layers: LayerPixels(set, words: words))
  }

  /// The layers beside colour and work; refuses other channels.
  private static func layers(of file: EXRFile) throws(ImagingError) -> LayerSet {
    let names = file.channelNames
    let set = EXRContext.layers(names)
    let expected = EXRContext.channels(set)
    guard names == expected.map(\.name) else {
      throw .unsupported(what: "EXR", feature: "channels \(names)")
    }
    for (channel, entry) in zip(expected, file.channels) {
      guard entry.pixel_type == channel.type, entry.x_sampling == 1, entry.y_sampling == 1 else {
        throw .unsupported(what: "EXR", feature: "another type or sampling of channel \(channel.name)")
      }
    }
    return set
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
