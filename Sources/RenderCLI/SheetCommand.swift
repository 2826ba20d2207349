import Foundation
import Imaging
import Terminal

/// `render sheet`: a look at a whole sequence in one picture.
let sheetCommand = Command(
  "sheet", "Puts the EXR frames of a folder into one picture.",
  positionals: [Positional("DIR", "a folder with frame.0001.exr and so on")],
  flags: [
    .value("-o", "FILE", "where to write, .png"), .value("--columns", "N", "frames in a row", default: "4"),
    .value("--shrink", "N", "times smaller", default: "2"),
    .value("--view", "NAME", "view transform", default: ViewTransform.default.rawValue),
  ]
) { arguments in
  let folder = URL(fileURLWithPath: arguments.positionals[0])
  let output = URL(fileURLWithPath: try required(arguments, "-o"))
  let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    .filter { $0.hasSuffix(".exr") }.sorted()
  guard !names.isEmpty else {
    throw CommandFailure(
      .failed, "\(folder.relativePath) has no .exr files", remedy: "render some with 'render sequence'")
  }
  let frames = try names.map { name in
    try EXRReader.decode([UInt8](Data(contentsOf: folder.appendingPathComponent(name)))).frame
  }
  let bytes = try ContactSheet.encode(
    frames, columns: try arguments.integer("--columns", in: 1...64, default: 4),
    shrink: try arguments.integer("--shrink", in: 1...64, default: 2),
    view: try arguments.choice("--view", default: .default))
  try writeFile(bytes, to: output)
  return .done
}
