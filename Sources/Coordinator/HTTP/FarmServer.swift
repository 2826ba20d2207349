import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Transport

/// A coordinator that serves: store, verifier, HTTP and the background work, from start to an orderly end.
public final class FarmServer: Sendable {
  /// What `serve` is told.
  public struct Options: Sendable {
    /// The data folder.
    public var root: String
    /// Where to listen; port 0 takes any that is free.
    public var host = "127.0.0.1"
    /// TCP port.
    public var port: UInt16 = 8080
    /// Its certificate.
    public var tls = TLSSource.none
    /// Whether clients come through a proxy, which names their addresses in `X-Forwarded-For`.
    public var isBehindProxy = false
    /// More names that others reach it by: `HOST` or `HOST:PORT` as in their URL, the first for people.
    public var names: [String] = []
    /// Without it returned tiles wait, unpaid, for a start that verifies.
    public var verifies = true
    /// The verifier's OpenCL device, `platform.device`; nil for the program's choice.
    public var verifierDevice: String?
    /// Whether to refuse to work where a child that reads scenes cannot be confined.
    public var requiresSandbox = false
    /// Price of a ray for new jobs.
    public var pricePerRay = Microcredits(1)
    /// Most bytes of scene files and fragments; what no job needs is deleted for it.
    public var quotaBytes = UInt64.max
    /// Absolute path of `render-worker`.
    public var workerProgram: String
    /// Absolute path of this program, which checks scenes as a child of itself.
    public var program: String
    /// Takes lines for people.
    public var log: @Sendable (String) -> Void

    /// All other fields as by default.
    public init(
      root: String, workerProgram: String, program: String, log: @escaping @Sendable (String) -> Void
    ) {
      self.root = root
      self.workerProgram = workerProgram
      self.program = program
      self.log = log
    }

    /// Scene files, and fragments.
    var sceneFiles: String { "\(root)/blobs" }
    /// What each child that reads scenes is told.
    var childArguments: [String] {
      ["--scene-files", sceneFiles] + (requiresSandbox ? ["--require-sandbox"] : [])
    }
  }

  /// What others join: `http://HOST:PORT`, or `https://HOST:PORT/#sha256-...` with the server's key.
  public let url: String
  /// Likewise for programs on this machine.
  private let localURL: String
  private let names: FarmNames
  private let service: FarmService
  private let coordinator: FarmCoordinator
  private let verifier: any ProbeRendering
  private let server: HTTPServer
  private let tasks: [Task<Void, Never>]
  private let options: Options

  /// Starts everything; returns when requests are answered. The verifier's child is asked for its kernels
  /// first, also when it is not to verify: a farm without kernels cannot promise anything.
  public static func start(_ options: Options) async throws -> FarmServer {
    // A child may read what is there when it starts.
    try DurableFile.makeFolder(options.root, mode: 0o700)
    try DurableFile.makeFolder(options.sceneFiles, mode: 0o700)
    let verifier = HouseVerifier(
      executable: options.workerProgram, arguments: options.childArguments, device: options.verifierDevice,
      log: options.log)
    let (device, kernelSet) = try await verifier.describe()
    if !options.verifies { await verifier.stop() }
    let verifiers = options.verifies ? withSecond(verifier, kernelSet, options) : verifier
    var configuration = FarmCoordinator.Configuration(
      root: options.root, pricePerRay: options.pricePerRay, kernelSet: kernelSet)
    configuration.quotaBytes = options.quotaBytes
    let coordinator = try FarmCoordinator(
      configuration,
      verifier: options.verifies ? verifiers : nil, quoter: options.verifies ? verifier : nil)
    options.log(
      options.verifies
        ? "verifying on \(device.name) (\(device.id)), kernels \(kernelSet.short)"
        : "not verifying: returned tiles wait; kernels \(kernelSet.short)")
    let server = try FarmServer(options, coordinator, verifiers)
    do {
      try await server.service.open(authorities: server.names.authorities)
      try DurableFile.write(
        Array("\(server.localURL)\n".utf8), to: "\(options.root)/address", flush: false)
    } catch {
      await server.stop()
      throw error
    }
    return server
  }

  /// The verifier with one of another OpenCL implementation beside it, when one is installed, runs the same
  /// kernels, and the operator did not name a device.
  private static func withSecond(
    _ verifier: HouseVerifier, _ kernelSet: Digest, _ options: Options
  ) -> any ProbeRendering {
    guard options.verifierDevice == nil else { return verifier }
    let both = TwofoldVerifier(verifier, log: options.log)
    // Not waited for: some implementations take minutes over our kernels, and some never end.
    Task {
      let second = HouseVerifier(
        executable: options.workerProgram, arguments: options.childArguments, device: "other"
      ) { _ in }
      guard let (device, kernels) = try? await second.describe(), kernels == kernelSet else {
        return await second.stop()
      }
      options.log("verifying also on \(device.name) (\(device.platform))")
      await both.adopt(second)
    }
    return both
  }

  private init(_ options: Options, _ coordinator: FarmCoordinator, _ verifier: any ProbeRendering) throws {
    self.options = options
    self.coordinator = coordinator
    self.verifier = verifier
    let service = FarmService(
      coordinator,
      sceneCheck: ChildSceneCheck(
        executable: options.program, arguments: ["check-scene"] + options.childArguments),
      isBehindProxy: options.isBehindProxy)
    self.service = service
    let machine = FarmNames.ofThisMachine()
    let scheme = options.tls == .none ? "http" : "https"
    let hosts = FarmNames(
      scheme: scheme, host: options.host, port: options.port, given: options.names, machine: machine
    ).hosts
    let certificate = try ServerIdentity.certificate(
      options.tls, root: options.root, hosts: hosts,
      nowS: Int64(coordinator.configuration.nowMS() / 1000))
    server = HTTPServer(
      options: try FarmServer.http(options, service, certificate)
    ) { await service.reply(to: $0) }
    names = FarmNames(
      scheme: scheme, host: options.host, port: try server.start(), given: options.names, machine: machine)
    let pin = certificate.map { "/#\(KeyPin($0.keyDigest))" } ?? ""
    url = "\(scheme)://\(names.main)\(pin)"
    localURL = "\(scheme)://\(names.local)\(pin)"
    tasks = [
      Task { await coordinator.run(log: options.log) },
      Task { await FarmServer.tick(coordinator, log: options.log) },
    ]
  }

  private static func http(
    _ options: Options, _ service: FarmService, _ certificate: ServerCertificate?
  ) throws -> HTTPServer.Options {
    let spool = "\(options.root)/spool"
    try? FileManager.default.removeItem(atPath: spool)
    try DurableFile.makeFolder(spool)
    var http = HTTPServer.Options(host: options.host, port: options.port, spoolDirectory: spool)
    http.bodyBytesMax = {
      (try? RouteMatch(method: $0, path: $1))?.route.row.bodyBytesMax ?? Limits.smallMessageBytesMax
    }
    http.refusesBody = { service.refusal(beforeBodyOf: $0) }
    http.spoolsAlways = { method, _ in method == "PUT" }
    http.tls = certificate.map { .init(certificatePEM: $0.certificatePEM, keyPEM: $0.keyPEM) }
    // All that come through a proxy, or from this machine, have one address.
    if options.isBehindProxy || options.tls == .none { http.connectionsPerAddressMax = nil }
    return http
  }

  private static func tick(_ coordinator: FarmCoordinator, log: @Sendable (String) -> Void) async {
    var told = ""
    while !Task.isCancelled, await coordinator.faultReason == nil {
      do {
        try await coordinator.tick()
        try await coordinator.collectIfDue()
        told = ""
      } catch {
        if "\(error)" != told, !Task.isCancelled { log("\(error)") }
        told = "\(error)"
      }
      // Cancelled, it ends at the top.
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Serves until SIGINT, SIGTERM or a fault of the store; then ends in order. A second signal ends the
  /// process at once, which loses nothing that was accepted.
  /// - Returns: why the store failed; nil after a signal.
  public func runUntilTerminated() async -> String? {
    let reason = await withTaskGroup(of: String?.self) { group in
      group.addTask {
        for await _ in TerminationSignals.stream() { return nil }
        return nil
      }
      group.addTask { [coordinator] in
        while !Task.isCancelled {
          if let fault = await coordinator.faultReason { return fault }
          try? await Task.sleep(for: .milliseconds(500))
        }
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    let impatience = Task {
      for await _ in TerminationSignals.stream() { _exit(1) }
    }
    await stop()
    impatience.cancel()
    return reason
  }

  /// Takes no more requests, finishes those under way, reveals the epoch's secret, publishes the log.
  public func stop() async {
    options.log("stopping")
    await server.stop()
    for task in tasks { task.cancel() }
    await verifier.stop()
    for task in tasks { await task.value }
    do {
      try await coordinator.close()
    } catch { options.log("\(error)") }
    unlink("\(options.root)/address")
  }
}
