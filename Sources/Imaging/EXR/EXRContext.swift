import COpenEXR

/// OpenEXR's calls, checked. With the rest of this folder the library's one owner.
enum EXRContext {
  /// Throws unless a call succeeded.
  static func check(_ call: String, _ code: exr_result_t) throws(ImagingError) {
    guard code != EXR_ERR_SUCCESS.rawValue else { return }
    throw .library(call: call, reason: String(cString: exr_get_default_error_message(code)))
  }

  /// The channels of a frame, as the file orders them: by name.
  static let colourChannels = ["A", "B", "G", "R"]
  static let workChannel = "work"

  /// Where a channel's values lie in a frame: offset in bytes, and bytes from pixel to pixel.
  struct Placement {
    let isWork: Bool
    let byteOffset: Int
    let pixelStride: Int

    /// Nil for a channel that frames do not have.
    init?(channel name: String) {
      guard let index = ["R", "G", "B", "A", workChannel].firstIndex(of: name) else { return nil }
      isWork = index == 4
      byteOffset = isWork ? 0 : 2 * index
      pixelStride = isWork ? 4 : 8
    }
  }
}
