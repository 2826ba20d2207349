/// Why bytes could not be read as an image, or an image could not be used. `what` names the file or layer.
public enum ImagingError: Error, Hashable, Sendable {
  /// A size goes beyond what the caller allows; found before anything of that size was allocated.
  case overLimit(what: String, found: Int, limit: Int)
  /// The bytes are not what the format says.
  case malformed(what: String, reason: String)
  /// The bytes are what the format says, but use a part of it that is not read here.
  case unsupported(what: String, feature: String)
  /// Bytes are left after the end.
  case trailing(what: String, bytes: Int)
  /// A fragment lacks a layer, or has another one, or one twice, in this place; `found` is nil at its end.
  case wrongLayer(index: Int, expected: String, found: String?)
  /// Layers of one fragment, or two images to compare, disagree in a number.
  case mismatch(what: String, expected: Int, found: Int)
  /// A pixel has a value that no render gives: negative, infinite or not a number.
  case invalidSample(what: String, pixel: Int, channel: Int)
  /// A tile does not lie inside the frame.
  case outside(TileRect, width: Int, height: Int)
  /// A tile covers a pixel that another tile has already covered.
  case overlap(TileRect, x: Int, y: Int)
  /// A fragment has other layers than the frame.
  case otherLayers(expected: LayerSet, found: LayerSet)
  /// A frame lacks pixels.
  case incomplete(missingPixels: Int)
  /// A library refused what it should be able to do: out of memory, mostly.
  case library(call: String, reason: String)
}

extension ImagingError: CustomStringConvertible {
  /// One line: what, and both numbers.
  public var description: String {
    switch self {
    case .overLimit(let what, let found, let limit): "\(what) is \(found), and at most \(limit) is allowed"
    case .malformed(let what, let reason): "\(what) is damaged: \(reason)"
    case .unsupported(let what, let feature): "\(what) uses \(feature), which is not supported"
    case .trailing(let what, let bytes): "\(bytes) bytes follow the end of \(what)"
    case .wrongLayer(let index, let expected, let found):
      "layer \(index) of the fragment is \(found ?? "missing"), and should be \(expected)"
    case .mismatch(let what, let expected, let found): "\(what) is \(found), and should be \(expected)"
    case .invalidSample(let what, let pixel, let channel):
      "\(what) has a negative, infinite or undefined value in channel \(channel) of pixel \(pixel)"
    case .outside(let rect, let width, let height):
      "tile \(rect.x),\(rect.y) \(rect.width)x\(rect.height) is not inside the \(width)x\(height) frame"
    case .overlap(let rect, let x, let y):
      "tile \(rect.x),\(rect.y) \(rect.width)x\(rect.height) covers pixel \(x),\(y) a second time"
    case .otherLayers(let expected, let found):
      "the fragment has the layers \(found.layers), and the frame \(expected.layers)"
    case .incomplete(let missingPixels): "the frame lacks \(missingPixels) pixels"
    case .library(let call, let reason): "\(call) failed: \(reason)"
    }
  }
}
