import Coordinator
import Foundation
import Settlement
import Terminal

/// `render-coordinator serve`.
enum Serve {
  static let requireSandbox = Flag.toggle(
    "--require-sandbox", "refuse to work where this system cannot confine what reads scenes")

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
      .value("--tls-cert", "FILE", "certificate chain, PEM; without it others than this machine get our own"),
      .value("--tls-key", "FILE", "its private key, PEM"),
      .value("--names", "LIST", "further HOST[:PORT] as in the farm's URL, with commas; the first is told"),
      .toggle("--behind-proxy", "serve clear text: a proxy does the TLS and sets X-Forwarded-For"),
      requireSandbox,
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
    (options.host, options.port, options.tls) = try address(arguments)
    options.isBehindProxy = arguments.has("--behind-proxy")
    options.names = try names(arguments)
    options.requiresSandbox = arguments.has(requireSandbox.name)
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

  private static func names(_ arguments: Arguments) throws(CommandFailure) -> [String] {
    let names = (arguments.string("--names") ?? "").split(separator: ",").map(String.init)
    for name in names {
      if let reason = FarmNames.reason(against: name) { throw .usage("--names \(name): \(reason)") }
    }
    return names
  }

  /// HOST:PORT and the certificate: given files, or our own where others than this machine could listen in.
  private static func address(
    _ arguments: Arguments
  ) throws(CommandFailure) -> (host: String, port: UInt16, tls: TLSSource) {
    let text = arguments.string("--listen") ?? "127.0.0.1:8080"
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw .usage("--listen \(text): expected HOST:PORT")
    }
    let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    let isLoopback = host == "localhost" || host == "::1" || isIPv4Loopback(host)
    switch (arguments.string("--tls-cert"), arguments.string("--tls-key")) {
    case (nil, nil): return (host, port, isLoopback || arguments.has("--behind-proxy") ? .none : .own)
    case (let certificate?, let key?):
      return (host, port, .files(certificate: absolute(certificate), key: absolute(key)))
    default: throw .usage("--tls-cert and --tls-key go together")
    }
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
