import Coordinator
import Foundation
import Settlement
import Terminal

/// `render-coordinator serve`.
enum Serve {
  static let command = Command(
    "serve", "serves a farm until SIGINT or SIGTERM",
    flags: [
      .value("--data", "DIR", "the farm's data folder; made when missing"),
      .value(
        "--listen", "HOST:PORT", "where to listen; port 0 takes any free one", default: "127.0.0.1:8080"),
      .value("--verifier", "local|none", "none: returned tiles wait, unpaid", default: "local"),
      .value("--verifier-device", "ID", "OpenCL device of the verifier, as 'render devices' lists it"),
      .value("--price-per-ray", "N", "price of a ray for new jobs, microcredits", default: "1"),
      .value(
        "--max-storage-gb", "N", "scene files and fragments; what no job needs is deleted",
        default: "no limit"),
      .value("--worker-program", "PATH", "render-worker", default: "beside this program"),
      .toggle("--behind-proxy", "serve clear text to others than this machine: a proxy does the TLS"),
    ]
  ) { arguments in
    guard let root = arguments.string("--data") else { throw CommandFailure.usage("--data DIR is missing") }
    let server = try await FarmServer.start(try options(arguments, root: root))
    Console.output.line("ready: \(server.url)")
    guard let fault = await server.runUntilTerminated() else { return .done }
    throw CommandFailure(.failed, "the store failed: \(fault)", remedy: "start the coordinator again")
  }

  private static func options(
    _ arguments: Arguments, root: String
  ) throws(CommandFailure) -> FarmServer.Options {
    let program = try ownPath()
    let folder = (program as NSString).deletingLastPathComponent
    let worker = arguments.string("--worker-program").map(absolute) ?? "\(folder)/render-worker"
    guard FileManager.default.isExecutableFile(atPath: worker) else {
      throw CommandFailure(
        .failed, "there is no program \(worker), which the verifier needs",
        remedy: "name it with --worker-program")
    }
    var options = FarmServer.Options(root: absolute(root), workerProgram: worker, program: program) {
      Console.notes.line($0)
    }
    (options.host, options.port) = try address(arguments)
    switch arguments.string("--verifier") ?? "local" {
    case "local": options.verifies = true
    case "none": options.verifies = false
    case let other: throw .usage("--verifier \(other): expected local or none")
    }
    options.verifierDevice = arguments.string("--verifier-device")
    if let gigabytes: UInt64 = try arguments.integer("--max-storage-gb", in: 1...1_000_000) {
      options.quotaBytes = gigabytes << 30
    }
    options.pricePerRay = Microcredits(
      try arguments.integer("--price-per-ray", in: 0...1_000_000_000_000, default: Int64(1)))
    return options
  }

  /// HOST:PORT; addresses of other machines only behind a proxy, for the text is clear.
  private static func address(_ arguments: Arguments) throws(CommandFailure) -> (String, UInt16) {
    let text = arguments.string("--listen") ?? "127.0.0.1:8080"
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw .usage("--listen \(text): expected HOST:PORT")
    }
    let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    let isLoopback = host == "localhost" || host == "::1" || isIPv4Loopback(host)
    guard isLoopback || arguments.has("--behind-proxy") else {
      throw .usage(
        "--listen \(text): others would reach it in clear text",
        remedy: "put a TLS proxy before it and add --behind-proxy")
    }
    return (host, port)
  }

  /// Whether it is an address 127.x.y.z, not a name that starts like one.
  private static func isIPv4Loopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }

  private static func ownPath() throws(CommandFailure) -> String {
    guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      throw CommandFailure(.failed, "cannot find this program's own file in /proc/self/exe")
    }
    return path
  }
}
