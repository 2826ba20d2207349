import Foundation

extension Process {
  /// This program once more, with those arguments and no input; not started yet.
  static func ofThisProgram(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    return process
  }
}
