import Imaging
import Terminal

/// The layers of `--layers`.
func layerSet(_ arguments: Arguments) throws(CommandFailure) -> LayerSet {
  guard let text = arguments.string("--layers") else { return [] }
  // These are in every EXR file.
  let always = ["beauty", "alpha", "work"]
  var layers: [FrameLayer] = []
  for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
    if let layer = FrameLayer(rawValue: name) {
      layers.append(layer)
    } else if !always.contains(name) {
      let known = always + FrameLayer.allCases.map(\.rawValue)
      throw .usage(
        "--layers \(text): no layer \"\(name)\"", remedy: "known are \(known.joined(separator: ", "))")
    }
  }
  return LayerSet(layers)
}

/// What PNG files are, by `--png`.
enum PNGKind: String, CaseIterable {
  case eight = "8"
  case sixteen = "16"
  case hdr
}
