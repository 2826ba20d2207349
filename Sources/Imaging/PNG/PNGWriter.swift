/// Frames as PNG files, for people.
public enum PNGWriter {
  /// Writes a frame through a view transform, `exposureEV` stops brighter: RGBA, not premultiplied, 8 or 16
  /// bits, labelled with its colour space (cICP). Missing pixels are transparent. The same frame gives the
  /// same bytes.
  public static func encode(
    _ frame: Frame, view: ViewTransform = .default, exposureEV: Float = 0, bitDepth: Int = 8
  ) throws(ImagingError) -> [UInt8] {
    precondition(bitDepth == 8 || bitDepth == 16, "a bit depth of \(bitDepth): 8 or 16")
    let image = DisplayImage(frame, view: view, exposureEV: exposureEV)
    let layout = PNGFile.Layout(
      width: frame.width, height: frame.height, channels: 4,
      chunks: [PNGFile.Chunk(name: "cICP", bytes: view.cicp)])
    return bitDepth == 8
      ? try PNGFile.encode(image.samples8, layout) : try PNGFile.encode(image.samples16, layout)
  }

  /// Writes a frame for HDR displays: 16 bits, BT.2020 primaries, perceptual quantiser (ITU-R BT.2100),
  /// radiance 1 at 203 cd/m2, clipped at 10,000; otherwise as `encode`.
  public static func encodeHDR(_ frame: Frame, exposureEV: Float = 0) throws(ImagingError) -> [UInt8] {
    let layout = PNGFile.Layout(
      width: frame.width, height: frame.height, channels: 4,
      chunks: [PNGFile.Chunk(name: "cICP", bytes: PQ.cicp)])
    return try PNGFile.encode(DisplayImage(hdr: frame, exposureEV: exposureEV).samples16, layout)
  }
}
