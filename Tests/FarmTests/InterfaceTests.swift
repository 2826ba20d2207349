import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Testing
import Transport

/// Passes requests on to a farm, signed by a key: for tools that cannot sign.
private final class SigningRelay: Sendable {
  private let server: HTTPServer
  let url: String

  init(to farm: String, as key: SigningKey, spool: URL) throws {
    try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
    let client = try HTTPClient(url: farm)
    let signer = RequestSigner(key: key)
    var options = HTTPServer.Options(spoolDirectory: spool.path)
    options.memoryBodyBytesMax = 1 << 24
    options.bodyBytesMax = { _, _ in 1 << 24 }
    server = HTTPServer(options: options) { request in
      guard case .bytes(let body) = request.body else { return .text("a large body", status: 599) }
      var headers = signer.headers(
        method: request.method, path: request.path, query: request.query, authority: client.authority,
        bodyDigest: request.bodyDigest, createdS: UInt64(Date().timeIntervalSince1970),
        nonce: RequestSigner.randomNonce())
      if let type = request.headers["content-type"] { headers.append(("content-type", type)) }
      let target = request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
      let call = HTTPCall(
        method: request.method, target: target, headers: headers, body: body.isEmpty ? .none : .bytes(body))
      do {
        let answer = try await client.perform(call)
        let kept = answer.headers.filter { ["allow", "retry-after", "www-authenticate"].contains($0.key) }
        return .bytes(
          status: answer.status, type: answer.headers["content-type"] ?? "none", answer.body,
          headers: kept.map { ($0.key, $0.value) })
      } catch {
        return .text("\(error)", status: 599)
      }
    }
    url = "http://127.0.0.1:\(try server.start())"
  }

  func stop() async { await server.stop(grace: .zero) }
}

/// The interface as others see it: its description, and tools that know nothing of this farm.
@Suite(.serialized)
struct InterfaceTests {
  private static let schemathesis = Shell.tool("schemathesis")
  private static let openJD = Shell.tool("openjd")
  /// More for a long hunt: `FARM_SCHEMATHESIS_EXAMPLES=500`.
  private static let examples = ProcessInfo.processInfo.environment["FARM_SCHEMATHESIS_EXAMPLES"] ?? "3"

  private static let checks = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "unsupported_method",
    "allow_header_conformance",
  ]

  /// - Parameter paths: a regular expression of those that are tried.
  private func explore(
    _ farm: Farm, as key: SigningKey, _ name: String, paths: String
  ) async throws -> Programs.Outcome {
    let tool = try #require(InterfaceTests.schemathesis)
    let relay = try SigningRelay(to: farm.url, as: key, spool: farm.folder.appendingPathComponent(name))
    let arguments = [
      "run", "\(farm.url)\(Routes.openAPI)", "--url", relay.url, "--checks",
      InterfaceTests.checks.joined(separator: ","), "--max-examples", InterfaceTests.examples,
      "--generation-deterministic", "--suppress-health-check", "all",
      "--warnings", "off", "--no-color", "--phases", "coverage,fuzzing",
      "--include-path-regex", paths,
    ]
    let running = try RunningProgram(
      URL(fileURLWithPath: tool), arguments, log: farm.folder.appendingPathComponent("log-\(name)"))
    while running.isRunning { try await Task.sleep(for: .milliseconds(50)) }
    await relay.stop()
    return Programs.Outcome(exit: running.exitCode, output: running.output, notes: running.notes)
  }

  @Test(
    .enabled(if: schemathesis != nil, "schemathesis is not installed; name its folder in FARM_TEST_TOOLS"))
  func `no request that schemathesis makes up gets a 5xx or an answer that is not described`() async throws {
    let farm = try await Farm()
    let worker = SigningKey.random()
    let join = JoinRequest(
      protocolVersion: Limits.protocolVersion, name: "explorer",
      device: DeviceDescription(id: "0.0", name: "d", platform: "p", driver: "1", computeUnits: 1),
      kernelSet: try await farm.animator.farmInfo().kernelSet)
    _ = try await FarmClient(url: farm.url, key: worker).join(join)
    let keys = [
      ("worker", worker, "^/"),
      (
        "operator", try #require(try KeyFile.load(farm.data.appendingPathComponent("operator.key").path)),
        "deposits|bans"
      ),
    ]
    for (name, key, paths) in keys {
      let outcome = try await explore(farm, as: key, name, paths: paths)
      #expect(outcome.exit == 0, "as \(name): \(outcome.output) \(outcome.notes)")
    }
    #expect(farm.coordinator.isRunning)
  }

  @Test(.enabled(if: openJD != nil, "openjd-cli is not installed; name its folder in FARM_TEST_TOOLS"))
  func `the Open Job Description template is valid and submits`() async throws {
    let tool = try #require(InterfaceTests.openJD)
    let template = Programs.root.appendingPathComponent("docs/openjd/render.yaml").path
    let checked = try Shell.run("\(tool) check \(template)")
    #expect(checked.exit == 0, "\(checked.output) \(checked.notes)")
    let farm = try await Farm()
    let worker = try farm.join("anna")
    let scene = Programs.root.appendingPathComponent("Scenes/cornell/cornell.gltf").path
    let frames = farm.folder.appendingPathComponent("openjd-frames").path
    let parameters = [
      "Scene=\(scene)", "Frames=1", "Width=64", "Height=64", "Samples=8", "Coordinator=\(farm.url)",
      "Output=\(frames)",
    ].map { "-p '\($0)'" }.joined(separator: " ")
    let home = farm.folder.appendingPathComponent("render-farm")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: farm.animatorKey, toPath: home.appendingPathComponent("key").path)
    let ran = try Shell.run(
      "\(tool) run \(template) \(parameters)",
      environment: ["PATH": "\(Programs.folder.path):/usr/bin:/bin", "XDG_CONFIG_HOME": farm.folder.path])
    #expect(ran.exit == 0, "\(ran.output) \(ran.notes)")
    #expect(FileManager.default.fileExists(atPath: "\(frames)/frame.0001.exr"))
    worker.stop()
  }
}
