import FarmProtocol
import Foundation
import Render
import Terminal
import Worker

/// `render-worker list-devices`: for the worker itself, which asks a child, because a driver may crash.
let listDevicesCommand = Command(
  "list-devices", "Lists OpenCL devices for the process that started it; prints JSON.", hidden: true
) { _ in
  let devices = try DeviceCatalog.all().filter { !$0.isSimulator }.map(\.description)
  Console.output.line(String(decoding: try WireJSON.encode(devices), as: UTF8.self))
  return .done
}

extension DeviceInfo {
  /// As it is known on the wire.
  var description: DeviceDescription {
    DeviceDescription(id: id, name: name, platform: platform, driver: driver, computeUnits: computeUnits)
  }
}

/// Ids of the devices that `--devices` means; one nil, the renderer's own choice, when it is not given.
func chosenDevices(_ arguments: Arguments, program: String) throws -> [String?] {
  guard let list = arguments.string("--devices") else { return [nil] }
  let child = Process()
  let output = Pipe()
  (child.executableURL, child.arguments) = (URL(fileURLWithPath: program), ["list-devices"])
  child.standardOutput = output
  try child.run()
  let text = try output.fileHandleForReading.readToEnd() ?? Data()
  child.waitUntilExit()
  guard child.terminationReason == .exit, child.terminationStatus == 0 else {
    throw CommandFailure(.failed, "the drivers do not list their devices", remedy: "try 'render devices'")
  }
  let devices = try WireJSON.decode([DeviceDescription].self, from: Array(text))
  do throws(DeviceChoice.Unknown) {
    return try DeviceChoice.choose(list, among: devices).map(\.id)
  } catch {
    throw CommandFailure.usage("--devices: \(error)")
  }
}
