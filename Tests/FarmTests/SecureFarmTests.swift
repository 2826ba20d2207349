import Cryptography
import FarmProtocol
import Foundation
import Testing
import Transport

/// A farm that others than this machine can reach: TLS with its own certificate, and its key in the join URL.
@Suite(.serialized)
struct SecureFarmTests {
  private func mode(_ url: URL) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
  }

  @Test func `a job goes through TLS, and whoever cannot check the farm is refused with the remedy`()
    async throws
  {
    let farm = try await Farm(listen: "0.0.0.0:0")
    #expect(farm.url.hasPrefix("https://127.0.0.1:"))
    let parts = farm.url.components(separatedBy: "/#")
    #expect(KeyPin(try #require(parts.last)) != nil)
    #expect(
      farm.coordinator.output.contains("/#\(parts[1])"), "the join URL is told: \(farm.coordinator.output)")
    #expect(try mode(farm.data.appendingPathComponent("tls.key")) == 0o600)

    let worker = try farm.join("anna")
    let job = try farm.submit("cornell/cornell.gltf", smallJob)
    let done = try await farm.completion(of: job.id)
    #expect(done.state == .completed)
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", smallLook)
    worker.stop()

    let jobs = { (url: String, more: [String]) in
      try Programs.run("render", ["jobs", "--coordinator", url, "--key", farm.animatorKey] + more)
    }
    #expect(try jobs(parts[0], ["--ca-file", farm.data.appendingPathComponent("tls.crt").path]).exit == 0)
    let unpinned = try jobs(parts[0], [])
    #expect(unpinned.exit == 3 && unpinned.notes.contains("#sha256-"), "\(unpinned.notes)")
    let other = "\(parts[0])/#\(KeyPin(Digest(of: [1])))"
    let middle = try jobs(other, [])
    #expect(middle.exit == 3 && middle.notes.contains("ask the farm's operator"), "\(middle.notes)")
    let joined = try Programs.run(
      "render-worker", ["join", other, "--home", farm.folder.appendingPathComponent("ben").path])
    #expect(joined.exit == 3 && joined.notes.contains("ask the farm's operator"), "\(joined.notes)")
  }

  @Test func `a certificate that is given is served, and a key of another is refused`() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let identity = try ServerCertificate.selfSigned(
      keyPEM: ServerCertificate.newKeyPEM(), names: ["127.0.0.1"],
      fromS: Int64(Date().timeIntervalSince1970) - 60, days: 1)
    let (certificate, key) = (folder.appendingPathComponent("c.pem"), folder.appendingPathComponent("k.pem"))
    try Data(identity.certificatePEM.utf8).write(to: certificate)
    try Data(ServerCertificate.newKeyPEM().utf8).write(to: key)
    let files = ["--tls-cert", certificate.path, "--tls-key", key.path]
    let refused = try Programs.run(
      "render-coordinator",
      ["serve", "--data", folder.appendingPathComponent("d").path, "--listen", "127.0.0.1:0"] + files)
    #expect(refused.exit == 1 && refused.notes.contains(key.path), "\(refused.notes)")
    try Data(identity.keyPEM.utf8).write(to: key)
    let farm = try await Farm(listen: "127.0.0.1:0", arguments: files)
    #expect(farm.url.hasSuffix("/#\(KeyPin(identity.keyDigest))"))
    #expect(try await farm.animator.farmInfo().protocolVersion == Limits.protocolVersion)
  }
}
