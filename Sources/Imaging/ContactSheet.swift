/// Many frames in one picture: a look at a whole sequence.
public enum ContactSheet {
  /// Pixels between frames and around them.
  static let gapPX = 8

  /// Writes a grid of frames of equal size, `columns` wide, as an 8-bit PNG. Each frame is made `shrink`
  /// times smaller (averages of squares, what is left at the edges is cut). At least one frame; the sheet's
  /// sides are limited as a frame's are.
  public static func encode(
    _ frames: [Frame], columns: Int, shrink: Int = 1, view: ViewTransform = .default, exposureEV: Float = 0
  ) throws(ImagingError) -> [UInt8] {
    precondition(columns > 0 && shrink > 0, "\(columns) columns, shrunk \(shrink) times")
    guard let first = frames.first else { throw .mismatch(what: "frames", expected: 1, found: 0) }
    for frame in frames {
      guard frame.width == first.width else {
        throw .mismatch(what: "width", expected: first.width, found: frame.width)
      }
      guard frame.height == first.height else {
        throw .mismatch(what: "height", expected: first.height, found: frame.height)
      }
    }
    let columns = min(columns, frames.count)
    let rows = (frames.count + columns - 1) / columns
    let cell = (width: max(1, first.width / shrink), height: max(1, first.height / shrink))
    let width = gapPX + columns * (cell.width + gapPX)
    let height = gapPX + rows * (cell.height + gapPX)
    guard max(width, height) <= Frame.sideMax else {
      throw .overLimit(what: "contact sheet's longer side", found: max(width, height), limit: Frame.sideMax)
    }
    // A dark neutral: frames stand out, and colours are not pulled.
    var sheet = (0..<width * height).flatMap { _ in [32, 32, 32, 255] as [UInt8] }
    for (i, frame) in frames.enumerated() {
      let image = DisplayImage(frame, view: view, exposureEV: exposureEV)
      let left = gapPX + i % columns * (cell.width + gapPX)
      let top = gapPX + i / columns * (cell.height + gapPX)
      for y in 0..<cell.height {
        for x in 0..<cell.width {
          put(image, cell: (x, y), shrink: shrink, into: &sheet, at: 4 * ((top + y) * width + left + x))
        }
      }
    }
    return try PNGFile.encode(sheet, PNGFile.Layout(width: width, height: height, channels: 4))
  }

  /// One pixel of the sheet: the average of a square, over the background.
  private static func put(
    _ image: DisplayImage, cell: (x: Int, y: Int), shrink: Int, into sheet: inout [UInt8], at offset: Int
  ) {
    var sum = SIMD4<Float>.zero
    var count: Float = 0
    for y in cell.y * shrink..<min((cell.y + 1) * shrink, image.height) {
      for x in cell.x * shrink..<min((cell.x + 1) * shrink, image.width) {
        let pixel = image.rgba[y * image.width + x]
        sum += SIMD4(pixel.x * pixel.w, pixel.y * pixel.w, pixel.z * pixel.w, pixel.w)
        count += 1
      }
    }
    let mean = sum / count
    for channel in 0..<3 {
      let background = Float(sheet[offset + channel]) * (1 - mean.w)
      sheet[offset + channel] = UInt8(min(255, mean[channel] * 255 + background + 0.5))
    }
  }
}
