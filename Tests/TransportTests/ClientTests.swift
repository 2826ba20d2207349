import Cryptography
import FarmProtocol
import Foundation
import TestSupport
import Testing
import Transport

struct ClientTests {
  /// A server that says exactly `bytes` to its first client, then closes; nil keeps the connection open.
  private func withRawServer(
    _ bytes: String, staysOpen: Bool = false, body: (String) async throws -> Void
  ) async throws {
    let listener = try BoundSocket()
    Thread.detachNewThread {
      let client = accept(listener.descriptor, nil, nil)
      var buffer = [UInt8](repeating: 0, count: 4_096)
      _ = recv(client, &buffer, buffer.count, 0)
      let answer = Array(bytes.utf8)
      _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
      if staysOpen { _ = recv(client, &buffer, buffer.count, 0) }
      close(client)
    }
    try await body("http://127.0.0.1:\(listener.port)")
  }

  private func error(_ call: HTTPCall, at url: String) async throws -> TransportError {
    do {
      let answer = try await HTTPClient(url: url).perform(call)
      throw Refusal(.internalFault, "there was an answer: \(answer.status)")
    } catch let error as TransportError {
      return error
    }
  }

  @Test func `nobody there is unreachable, with the address`() async throws {
    // Bound but not listening: nobody else can take the port meanwhile.
    let free = try BoundSocket(listens: false)
    defer { withExtendedLifetime(free) {} }
    let host = "127.0.0.1:\(free.port)"
    let error = try await error(HTTPCall(method: "GET", target: "/"), at: "http://\(host)")
    guard case .unreachable(host, _) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(error.isRetryable)
  }

  @Test func `answer that stops is a timeout`() async throws {
    try await withRawServer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", staysOpen: true) { url in
      let error = try await error(HTTPCall(method: "GET", target: "/", stallS: 1), at: url)
      guard case .timeout = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `answer cut short is noticed`() async throws {
    try await withRawServer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") { url in
      let error = try await error(HTTPCall(method: "GET", target: "/"), at: url)
      guard case .truncated = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `answer beyond what was asked for ends the call`() async throws {
    let body = String(repeating: "x", count: 2_000)
    try await withRawServer("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n\(body)") { url in
      let error = try await error(HTTPCall(method: "GET", target: "/", sink: .bytes(max: 1_999)), at: url)
      guard case .answerTooLarge(_, 1_999) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `what is no HTTP is an error`() async throws {
    try await withRawServer("SSH-2.0-OpenSSH\r\n\r\n") { url in
      _ = try await error(HTTPCall(method: "GET", target: "/"), at: url)
    }
  }

  @Test func `cancelled call ends`() async throws {
    try await withServer { _ in
      try? await Task.sleep(for: .seconds(3_600))
      return .text("late")
    } body: { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      let call = Task { try await client.perform(HTTPCall(method: "GET", target: "/")) }
      try await Task.sleep(for: .milliseconds(200))
      call.cancel()
      await #expect(throws: TransportError.cancelled) { try await call.value }
    }
  }

  @Test(arguments: ["", "127.0.0.1", "ftp://a", "http://", "http://a/path", "http://a?q", "http://u@a"])
  func `URL that is no farm's is refused`(url: String) {
    #expect(throws: TransportError.self) { try HTTPClient(url: url) }
  }

  @Test func `scheme's own port is not spelled out`() throws {
    #expect(try HTTPClient(url: "http://a:80").authority == "a")
    #expect(try HTTPClient(url: "https://a:443/").authority == "a")
    #expect(try HTTPClient(url: "https://a:80").authority == "a:80")
  }

  @Test func `upload refused by its length is answered, not broken off`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/large"
    try Data(count: 8_000_000).write(to: URL(fileURLWithPath: path))
    try await withServer({ $0.bodyBytesMax = { _, _ in 1_000 } }) { _ in
      .text("taken")
    } body: { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      let call = HTTPCall(method: "PUT", target: "/", body: .file(path: path, count: 8_000_000))
      #expect(try await client.perform(call).status == 413)
    }
  }
}
