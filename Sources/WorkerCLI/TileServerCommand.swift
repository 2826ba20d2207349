import Confinement
import Foundation
import Terminal
import Transport

/// `render-worker tile-server`: a renderer on two pipes, for worker and verifier.
let tileServerCommand = Command(
  "tile-server", "Renders tiles for the process that started it, on standard input and output.",
  flags: [
    .value("--device", "ID", "OpenCL device", default: "the fastest kind"),
    .value("--scene-files", "DIR", "the only folder whose scene files it may read"),
    .value("--max-memory-gb", "G", "most memory it may have", default: "the machine's"),
    .toggle("--require-sandbox", "end where this system cannot confine it"),
    .toggle("--no-sandbox", "stay as it is"),
    .toggle(RendererProcess.noFittingFlag, "stay with the kernels for all scenes"),
    .toggle("--rehearse", "only compile and try the kernels, for a process that is confined"),
  ], hidden: true, first: confine
) { arguments in
  let device = arguments.string("--device")
  if arguments.has("--rehearse") {
    RendererServer.exitWhenParentDies()
    try rehearse(device: device)
    return .done
  }
  // Ctrl-C and a service's end reach children too: the parent decides what becomes of the tile.
  signal(SIGINT, SIG_IGN)
  signal(SIGTERM, SIG_IGN)
  let output = try RendererServer.claimStandardOutput()
  RendererServer.exitWhenParentDies()
  let server: TileServer
  do {
    server = try TileServer(deviceID: device, fits: !arguments.has(RendererProcess.noFittingFlag))
  } catch {
    throw CommandFailure(.failed, "\(error)", code: "device")
  }
  try await RendererServer.run(output: output, handler: server)
  return .done
}

/// A renderer reads what strangers wrote: from here on it can do little else.
@Sendable private func confine(_ arguments: Arguments) throws {
  if arguments.has("--rehearse") { return }
  guard let folder = arguments.string("--scene-files") else {
    throw CommandFailure.usage("--scene-files DIR is missing")
  }
  // Less than an owner may give a machine: it is what one of its devices gets.
  let memoryGB = try arguments.number("--max-memory-gb", in: 0.001...1_000_000)
  let memoryBytes = memoryGB.map { UInt64(Double($0) * 1e9) } ?? ProcessInfo.processInfo.physicalMemory
  try rehearseInChild(device: arguments.string("--device"))
  if arguments.has("--no-sandbox") { return Console.notes.line("not confined, as asked") }
  let report = Confinement.enter(
    .renderer(
      sceneFiles: folder, memoryBytesMax: memoryBytes, environment: ProcessInfo.processInfo.environment))
  Console.notes.line("confined: \(report)")
  guard report.isComplete || !arguments.has("--require-sandbox") else {
    throw CommandFailure(
      .failed, "this system cannot confine it: missing \(report.missing.joined(separator: ", "))",
      remedy: "work without --require-sandbox, or where the kernel has what is missing", code: "sandbox")
  }
}
