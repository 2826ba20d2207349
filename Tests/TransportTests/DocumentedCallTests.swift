import Cryptography
import FarmProtocol
import Foundation
import Synchronization
import Testing
import Transport

struct DocumentedCallTests {
  private static let hasPrograms = ["/usr/bin/openssl", "/usr/bin/curl", "/bin/sh"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// The shell lines of docs/PROTOCOL.md, so that they stay true.
  private func documentedScript() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("docs/PROTOCOL.md"), encoding: .utf8)
    let blocks = text.components(separatedBy: "```")
    return String(try #require(blocks.first { $0.hasPrefix("sh\n") }).dropFirst(3))
  }

  private func run(_ script: String, in folder: String) async throws -> String {
    try await onThread {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-e", "-c", script]
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      let output = Pipe()
      process.standardOutput = output
      process.standardError = output
      try process.run()
      let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test(.enabled(if: hasPrograms, "openssl or curl is not installed"))
  func `documented curl call is let in`() async throws {
    let folder = try TemporaryFolder()
    let verifier = Mutex<RequestVerifier?>(nil)
    let script = try documentedScript()
    try await withServer { request in
      let caller = verifier.withLock {
        $0?.verify(
          method: request.method, path: request.path, query: request.query, headers: request.headers,
          bodyDigest: request.bodyDigest, nowMS: UInt64(Date().timeIntervalSince1970 * 1000))
      }
      switch caller {
      case .success(let key): return .text("let in \(key)")
      case .failure(let refusal): return .refusal(refusal)
      case nil: return .text("not open")
      }
    } body: { port, _ in
      let authority = "127.0.0.1:\(port)"
      verifier.withLock { $0 = RequestVerifier(SignaturePolicy(authorities: [authority])) }
      let local = script.replacing("127.0.0.1:8080", with: authority).replacing(
        "curl ", with: "curl -s ")
      let text = try await run("openssl genpkey -algorithm ed25519 -out key.pem\n\(local)", in: folder.path)
      #expect(text.contains("let in "), "\(text)")
    }
  }
}
