import COpenEXR

/// OpenEXR's calls, checked. With the rest of this folder the library's one owner.
enum EXRContext {
  /// Throws unless a call succeeded.
  static func check(_ call: String, _ code: exr_result_t) throws(ImagingError) {
    guard code != EXR_ERR_SUCCESS.rawValue else { return }
    throw .library(call: call, reason: String(cString: exr_get_default_error_message(code)))
  }

  /// A channel of a frame, and where its values lie in the frame's arrays.
  struct Channel {
    enum Source { case colour, work, layers }
    let name: String
    let type: exr_pixel_type_t
    let source: Source
    /// Of the first pixel's value.
    let byteOffset: Int
    /// Bytes from pixel to pixel.
    let pixelStride: Int
  }

  /// The channels of a frame with those layers, as the file orders them: by name.
  static func channels(_ set: LayerSet) -> [Channel] {
    var channels = ["R", "G", "B", "A"].enumerated().map {
      Channel(name: $1, type: EXR_PIXEL_HALF, source: .colour, byteOffset: 2 * $0, pixelStride: 8)
    }
    channels.append(
      Channel(name: "work", type: EXR_PIXEL_UINT, source: .work, byteOffset: 0, pixelStride: 4))
    for layer in set.layers {
      for (i, name) in layer.channels.enumerated() {
        // A half is the first two bytes of its word: every host of this farm is little-endian.
        channels.append(
          Channel(
            name: name, type: layer.storage.pixelType, source: .layers,
            byteOffset: 4 * (set.firstWord(of: layer) + i), pixelStride: 4 * set.wordCount))
      }
    }
    return channels.sorted { $0.name < $1.name }
  }

  /// The layers whose channels are all among those names.
  static func layers(_ names: [String]) -> LayerSet {
    LayerSet(FrameLayer.allCases.filter { Set($0.channels).isSubset(of: names) })
  }
}

extension FrameLayer.Storage {
  fileprivate var pixelType: exr_pixel_type_t {
    switch self {
    case .half: EXR_PIXEL_HALF
    case .float: EXR_PIXEL_FLOAT
    case .uint: EXR_PIXEL_UINT
    }
  }
}
