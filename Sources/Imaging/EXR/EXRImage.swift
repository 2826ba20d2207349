import COpenEXR

/// Pictures of radiance in OpenEXR files, as environments come.
public enum EXRImage {
  /// The first four bytes of a file.
  static let signature: [UInt8] = [0x76, 0x2f, 0x31, 0x01]

  /// Reads channels R, G and B, or Y alone, of half or single floats in scan lines of any compression; other
  /// channels are skipped. What is not a number or negative becomes 0, infinities the largest number. Sides
  /// and pixels are bounded before anything is allocated.
  static func decode(_ bytes: [UInt8], maxSide: Int, maxPixels: Int) throws(ImagingError) -> HDRImage {
    try EXRFile.reading(bytes, maxSide: maxSide) { file throws(ImagingError) in
      guard file.width * file.height <= maxPixels else {
        throw .overLimit(what: "EXR, in pixels", found: file.width * file.height, limit: maxPixels)
      }
      let places = try places(of: file)
      var rgb = [Float](repeating: 0, count: 3 * file.width * file.height)
      var failure: ImagingError?
      rgb.withUnsafeMutableBytes { rgb in
        let targets = file.channelNames.map { name in
          EXRFile.Target(
            first: places[name].flatMap { place in rgb.baseAddress.map { $0 + 4 * place } }, pixelStride: 12,
            type: EXR_PIXEL_FLOAT)
        }
        do throws(ImagingError) { try file.readPixels(targets) } catch { failure = error }
      }
      if let failure { throw failure }
      if places.count == 1 {
        for i in stride(from: 0, to: rgb.count, by: 3) {
          rgb[i + 1] = rgb[i]
          rgb[i + 2] = rgb[i]
        }
      }
      for i in rgb.indices { rgb[i] = rgb[i] > 0 ? min(rgb[i], .greatestFiniteMagnitude) : 0 }
      return HDRImage(width: file.width, height: file.height, rgb: rgb)
    }
  }

  /// Which value of a pixel each channel is.
  private static func places(of file: EXRFile) throws(ImagingError) -> [String: Int] {
    let names = Set(file.channelNames)
    let places =
      names.isSuperset(of: ["R", "G", "B"]) ? ["R": 0, "G": 1, "B": 2] : names.contains("Y") ? ["Y": 0] : [:]
    guard !places.isEmpty else {
      throw .unsupported(
        what: "EXR", feature: "channels \(names.sorted().joined(separator: ", ")), without R, G and B or Y")
    }
    for (name, channel) in zip(file.channelNames, file.channels) where places[name] != nil {
      guard channel.x_sampling == 1, channel.y_sampling == 1, channel.pixel_type != EXR_PIXEL_UINT else {
        throw .unsupported(what: "EXR", feature: "whole numbers or subsampling in channel \(name)")
      }
    }
    return places
  }
}
