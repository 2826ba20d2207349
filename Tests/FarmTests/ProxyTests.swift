import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import TestSupport
import Testing
import Transport

/// The recipe of docs/OPERATIONS.md as it stands there, with this test's port and files.
private struct Recipe {
  let text: String

  init(port: UInt16, certificate: URL, key: URL, farm: String) throws {
    let page = try String(
      contentsOf: Programs.root.appendingPathComponent("docs/OPERATIONS.md"), encoding: .utf8)
    let block = try #require(
      page.components(separatedBy: "```nginx\n").dropFirst().first?.components(separatedBy: "```").first)
    var text = block
    for (words, others) in [
      ("listen 443 ssl", "listen 127.0.0.1:\(port) ssl"), ("/etc/ssl/farm.example.pem", certificate.path),
      ("/etc/ssl/farm.example.key", key.path), ("farm.example", "localhost"), ("http://127.0.0.1:8080", farm),
    ] {
      try #require(text.contains(words), "the recipe has no \(words)")
      text = text.replacingOccurrences(of: words, with: others)
    }
    self.text = text
  }

  /// What Debian's nginx.conf is around it, for a process of this test.
  func configuration(in folder: URL) -> String {
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
      "\($0)_temp_path \(folder.path)/\($0);"
    }
    return """
      daemon off;
      pid \(folder.path)/nginx.pid;
      error_log stderr;
      events {}
      http { access_log off; \(places.joined(separator: " ")) \(text) }
      """
  }
}

/// A farm behind a proxy that does the TLS.
@Suite(.serialized, .enabled(if: Shell.tool("nginx") != nil, "nginx is not installed"))
struct ProxyTests {
  /// Whether something answers there.
  private func answers(_ client: FarmClient) async -> Bool {
    for _ in 0..<100 {
      if (try? await client.farmInfo()) != nil { return true }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  @Test func `a job goes through nginx as the manual sets it up`() async throws {
    // Free again when the socket is gone, and soon nginx's.
    let port = try BoundSocket(listens: false).port
    let farm = try await Farm(arguments: ["--behind-proxy", "--names", "localhost:\(port)"])
    let identity = try ServerCertificate.selfSigned(
      keyPEM: ServerCertificate.newKeyPEM(), names: ["localhost"],
      fromS: Int64(Date().timeIntervalSince1970) - 60, days: 1)
    let (certificate, key) = (
      farm.folder.appendingPathComponent("c.pem"), farm.folder.appendingPathComponent("k.pem")
    )
    try Data(identity.certificatePEM.utf8).write(to: certificate)
    try Data(identity.keyPEM.utf8).write(to: key)
    let recipe = try Recipe(port: port, certificate: certificate, key: key, farm: farm.url)
    let file = farm.folder.appendingPathComponent("nginx.conf")
    try Data(recipe.configuration(in: farm.folder).utf8).write(to: file)
    let nginx = try RunningProgram(
      URL(fileURLWithPath: try #require(Shell.tool("nginx"))), ["-c", file.path],
      log: farm.folder.appendingPathComponent("nginx"))
    defer { nginx.stop() }

    let url = "https://localhost:\(port)/#\(KeyPin(identity.keyDigest))"
    let client = try FarmClient(url: url, key: try #require(try KeyFile.load(farm.animatorKey)))
    try #require(await answers(client), "\(nginx.notes) \(farm.coordinator.notes)")
    let worker = try RunningProgram(
      "render-worker", ["join", url, "--home", farm.folder.appendingPathComponent("anna").path, "--json"],
      log: farm.folder.appendingPathComponent("worker"))
    let frames = farm.folder.appendingPathComponent("frames")
    // Event streams, uploads and downloads all go through it.
    let submitted = try Programs.run(
      "render",
      [
        "submit", Programs.root.appendingPathComponent("Scenes/orrery/orrery.gltf").path, "--coordinator",
        url, "--key", farm.animatorKey, "--wait", "-o", frames.path,
      ] + smallJob)
    #expect(submitted.exit == 0, "\(submitted.notes) \(nginx.notes)")
    #expect(FileManager.default.fileExists(atPath: frames.appendingPathComponent("frame.0001.exr").path))
    // The proxy keeps the farm's numbers to itself.
    for path in ["metrics", "readyz"] {
      let outcome = try Shell.run("curl -sk -o /dev/null -w '%{http_code}' https://localhost:\(port)/\(path)")
      #expect(outcome.output == "403", "\(path): \(outcome.output) \(outcome.notes)")
    }
    worker.stop()
    try farm.expectBooksBalance()
  }
}
