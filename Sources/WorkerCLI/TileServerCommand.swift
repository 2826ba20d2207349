import FarmProtocol
import Foundation
import Terminal
import Transport

/// `render-worker tile-server`: a renderer on two pipes, for worker and verifier.
let tileServerCommand = Command(
  "tile-server", "Renders tiles for the process that started it, on standard input and output.",
  flags: [.value("--device", "ID", "OpenCL device", default: "the fastest kind")], hidden: true
) { arguments in
  // Ctrl-C and a service's end reach children too: the parent decides what becomes of the tile.
  signal(SIGINT, SIG_IGN)
  signal(SIGTERM, SIG_IGN)
  limitResources()
  let output = try RendererServer.claimStandardOutput()
  RendererServer.exitWhenParentDies()
  let server: TileServer
  do {
    server = try TileServer(deviceID: arguments.string("--device"))
  } catch {
    throw CommandFailure(.failed, "\(error)", code: "device")
  }
  try await RendererServer.run(output: output, handler: server)
  return .done
}

/// No core dumps of other people's scenes, and no file larger than a driver's kernel cache could want.
/// Memory is left alone: drivers reserve address space without measure.
private func limitResources() {
  for (resource, bytes) in [(RLIMIT_CORE, rlim_t(0)), (RLIMIT_FSIZE, rlim_t(1 << 30))] {
    let number = __rlimit_resource_t(resource.rawValue)
    var value = rlimit()
    guard getrlimit(number, &value) == 0 else { continue }
    value.rlim_max = min(value.rlim_max, bytes)
    value.rlim_cur = value.rlim_max
    _ = setrlimit(number, &value)
  }
}
