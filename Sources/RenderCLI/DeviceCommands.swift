import Foundation
import Render
import Terminal

/// `render devices`: what can render here, and whether it does so rightly.
let devicesCommand = Command(
  "devices",
  "Lists the OpenCL devices of this machine; with --check, whether they compute the release's bits.",
  flags: [
    .toggle(
      "--check", "every operation and small renders against the release's digests; fails if any differs"),
    .value("--device", "ID", "only this one", default: "all"),
    .toggle("--json", "as JSON"),
    .toggle("--digests", "with --check: print what the device computes as conformance.txt"),
  ]
) { arguments in
  if arguments.has("--digests") {
    let device = try DeviceCatalog.choose(id: arguments.string("--device"))
    Console.output.write(try Conformance.digestsText(device))
    return .done
  }
  let found = try DeviceCatalog.all()
  guard !found.isEmpty else { throw DeviceError.noDevice }
  let named = try arguments.string("--device").map { try DeviceCatalog.choose(id: $0, among: found) }
  let devices = named.map { [$0] } ?? found
  let isJSON = arguments.has("--json")
  guard arguments.has("--check") else { return try list(devices, isJSON: isJSON) }
  return try check(devices, areNamed: named != nil, isJSON: isJSON)
}

/// `render check-device`: the check itself, in a process of its own, because a driver may crash or hang.
let checkDeviceCommand = Command(
  "check-device", "Checks one device for the process that started it; prints JSON.",
  flags: [.value("--device", "ID", "OpenCL device")], hidden: true
) { arguments in
  let device = try DeviceCatalog.choose(id: try required(arguments, "--device"))
  let failures = try Conformance.failures(device)
  try printJSON(failures)
  return failures.isEmpty ? .done : .failed
}

private func list(_ devices: [DeviceInfo], isJSON: Bool) throws -> ExitCode {
  // There may be none that is chosen by itself, a simulator alone.
  let preferred = try? DeviceCatalog.choose(id: nil)
  if isJSON {
    struct Row: Encodable {
      var id, name, platform, driver: String
      var computeUnits: Int
      var preferred: Bool
    }
    try printJSON(
      devices.map {
        Row(
          id: $0.id, name: $0.name, platform: $0.platform, driver: $0.driver, computeUnits: $0.computeUnits,
          preferred: $0 == preferred)
      })
    return .done
  }
  for device in devices {
    let mark = device == preferred ? "*" : " "
    Console.output.line(
      "\(mark) \(device.id)  \(device.name), \(device.computeUnits) units  "
        + "(\(device.platform), \(device.driver))"
    )
  }
  Console.output.line("kernel set \(KernelSources.kernelSet.short); * is used unless --device says otherwise")
  return .done
}

private func check(_ devices: [DeviceInfo], areNamed: Bool, isJSON: Bool) throws -> ExitCode {
  let outcomes = try devices.map { try DeviceCheck.run($0, isNamed: areNamed) }
  if isJSON {
    try printJSON(outcomes)
  } else {
    for outcome in outcomes { Console.output.line(outcome.text) }
  }
  return outcomes.contains { $0.verdict == .fail } ? .failed : .done
}
