import Foundation
import Imaging
import Render
import Terminal

/// `render frame`: one frame, here.
let frameCommand = Command(
  "frame", "Renders one frame of a scene on this machine.",
  positionals: [Positional("SCENE", "a .gltf or .glb file")],
  flags: [
    .value("-o", "FILE", "where to write: .exr (linear, lossless) or .png; both with commas between"),
    .value("--frame", "N", "frame number, from 1", default: "1"),
    .value("--tile", "X,Y,W,H", "only this part of the frame"),
    .toggle("--cycles", "count the processor's cycles a sample by stage, for --json"),
  ] + SceneFlags.look + SceneFlags.local + [.toggle("--json", "last line: times, rays and digest as JSON")]
) { arguments in
  let files = try outputFiles(arguments)
  if try !layerSet(arguments).isEmpty, !files.contains(where: { $0.pathExtension.lowercased() == "exr" }) {
    throw CommandFailure.usage("--layers: PNG files hold beauty and alpha only", remedy: "write an .exr, too")
  }
  let number: UInt32 = try arguments.integer("--frame", in: 1...1_000_000, default: 1)
  let rendering = try FrameRendering(arguments)
  let report = try await rendering.render(number, crop: try crop(arguments), to: files)
  if arguments.has("--json") { try printJSON(report) }
  Console.notes.line("wrote \(files.map(\.relativePath).joined(separator: ", "))")
  return .done
}

/// `render sequence`: an animation, here, without a farm.
let sequenceCommand = Command(
  "sequence", "Renders an animation on this machine, without a farm.",
  positionals: [Positional("SCENE", "a .gltf or .glb file")],
  flags: [
    .value("--frames", "A-B", "first and last frame", default: "1-48"),
    .value("-o", "DIR", "folder for frame.0001.exr, frame.0001.png and so on"),
  ] + SceneFlags.look + SceneFlags.local + [.toggle("--json", "a JSON line for each frame")]
) { arguments in
  let frames = try frameRange(arguments, default: "1-48")
  let folder = URL(fileURLWithPath: try required(arguments, "-o"))
  let rendering = try FrameRendering(arguments)
  for number in frames {
    let files = ["exr", "png"].map { folder.appendingPathComponent(frameFileName(number, $0)) }
    if files.allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) {
      Console.notes.line("frame \(number): already there, not rendered again")
      continue
    }
    let report = try await rendering.render(number, crop: nil, to: files)
    if arguments.has("--json") { try printJSON(report) }
  }
  Console.notes.line("wrote frames \(frames.lowerBound) to \(frames.upperBound) to \(folder.relativePath)")
  return .done
}

private func outputFiles(_ arguments: Arguments) throws -> [URL] {
  let files = try required(arguments, "-o").split(separator: ",").map { URL(fileURLWithPath: String($0)) }
  for file in files where !["exr", "png"].contains(file.pathExtension.lowercased()) {
    throw CommandFailure.usage("-o \(file.relativePath): the name must end in .exr or .png")
  }
  return files
}

private func crop(_ arguments: Arguments) throws -> TileRect? {
  guard let text = arguments.string("--tile") else { return nil }
  let sides = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
  let bounds = 0...Frame.sideMax
  guard sides.count == 4, sides.allSatisfy(bounds.contains), sides[2] > 0, sides[3] > 0 else {
    throw CommandFailure.usage(
      "--tile \(text): expected X,Y,W,H, whole pixels from the top left, W and H at least 1")
  }
  return TileRect(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
}
