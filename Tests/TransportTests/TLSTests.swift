import Cryptography
import FarmProtocol
import Foundation
import Testing
import Transport

/// Real TLS over real sockets.
struct TLSTests {
  private func identity(names: [String] = ["127.0.0.1"]) throws -> ServerCertificate {
    try ServerCertificate.selfSigned(
      keyPEM: ServerCertificate.newKeyPEM(), names: names,
      fromS: Int64(Date().timeIntervalSince1970) - 86_400, days: 30)
  }

  /// A server with this certificate; `body` gets its port.
  private func withTLS(
    _ identity: ServerCertificate, _ change: (inout HTTPServer.Options) -> Void = { _ in },
    handler: @escaping HTTPServer.Handler,
    body: (_ port: UInt16, _ folder: TemporaryFolder) async throws -> Void
  ) async throws {
    try await withServer(
      {
        $0.tls = .init(certificatePEM: identity.certificatePEM, keyPEM: identity.keyPEM)
        change(&$0)
      }, handler: handler, body: body)
  }

  private func pinned(_ port: UInt16, _ identity: ServerCertificate) -> String {
    "https://127.0.0.1:\(port)/#\(KeyPin(identity.keyDigest))"
  }

  private func distrust(_ client: HTTPClient) async throws -> Distrust? {
    do {
      _ = try await client.perform(HTTPCall(method: "GET", target: "/"))
      return nil
    } catch TransportError.untrusted(_, let distrust) {
      return distrust
    }
  }

  @Test func `pin round-trips, and what is none is refused`() throws {
    let pin = KeyPin(Digest(of: [1, 2, 3]))
    #expect(KeyPin(pin.description) == pin)
    #expect(pin.description.count == 50)
    for text in ["", "sha256-", "sha256-AAAA", "md5-\(pin.description.dropFirst(7))", "\(pin)A", "\(pin)="] {
      #expect(KeyPin(text) == nil)
      #expect(throws: TransportError.self) { try HTTPClient(url: "https://a/#\(text)") }
    }
    #expect(throws: TransportError.self) { try HTTPClient(url: "http://a/#\(pin)") }
    #expect(try HTTPClient(url: "https://a:8080/#\(pin)").origin == "https://a:8080")
  }

  @Test func `client with the right pin is served, by keep-alive and with large bodies`() async throws {
    let identity = try identity()
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 5) }
    try await withTLS(identity) {
      $0.bodyBytesMax = { _, _ in 1 << 24 }
    } handler: { request in
      .bytes(status: 200, type: "text/plain", Array(request.bodyDigest.hex.utf8) + bytes)
    } body: { port, _ in
      let client = try HTTPClient(url: pinned(port, identity))
      for count in [0, 100, 3_000_000] {
        let call = HTTPCall(
          method: "PUT", target: "/x", body: .bytes(Array(bytes.prefix(count))), sink: .bytes(max: 1 << 24))
        let answer = try await client.perform(call)
        #expect(answer.status == 200)
        #expect(answer.body == Array(Digest(of: Array(bytes.prefix(count))).hex.utf8) + bytes)
      }
    }
  }

  @Test func `events come through TLS`() async throws {
    let identity = try identity()
    try await withTLS(identity, { _ in }) { _ in
      let stream = EventStream()
      stream.send(event: "status", data: Array("1".utf8))
      Task {
        try? await Task.sleep(for: .milliseconds(50))
        stream.send(event: "status", data: Array("2".utf8))
        stream.close()
      }
      return .events(stream)
    } body: { port, _ in
      let lines = Gathered<String>()
      let sink = HTTPCall.Sink.lines { line in
        lines.add(line)
        return true
      }
      let client = try HTTPClient(url: pinned(port, identity))
      _ = try await client.perform(HTTPCall(method: "GET", target: "/", sink: sink))
      #expect(lines.values.filter { $0.hasPrefix("data") } == ["data: 1", "data: 2"])
    }
  }

  /// The man in the middle answers at the farm's address with a certificate of his own.
  @Test func `a man in the middle gets no request, and the client says what to do`() async throws {
    let (farm, middle) = (try identity(), try identity())
    let heard = Gathered<String>()
    try await withTLS(middle, { _ in }) { request in
      heard.add(request.path)
      return .text("{}")
    } body: { port, _ in
      let client = try FarmClient(url: pinned(port, farm), key: .random())
      await #expect(throws: TransportError.untrusted(host: "127.0.0.1:\(port)", .otherKey)) {
        try await client.account()
      }
      #expect(heard.values.isEmpty)
      let error = TransportError.untrusted(host: "a", .otherKey)
      #expect("\(error)".contains("ask the farm's operator for its URL"))
      #expect(!error.isRetryable)
    }
  }

  @Test func `own certificate without a pin is refused, and the remedy is the join URL`() async throws {
    let identity = try identity()
    try await withTLS(identity, { _ in }, handler: { _ in .text("") }) { port, _ in
      let found = try await distrust(HTTPClient(url: "https://127.0.0.1:\(port)"))
      guard case .unknownAuthority = try #require(found) else {
        Issue.record("\(String(describing: found))")
        return
      }
      #expect(found?.remedy.contains("#sha256-") == true)
    }
  }

  @Test func `authority file is honoured, for the certificate's names only, and beside a pin`() async throws {
    let (identity, other) = (try identity(), try identity())
    try await withTLS(identity, { _ in }, handler: { _ in .text("") }) { port, folder in
      let file = "\(folder.path)/ca.pem"
      try identity.certificatePEM.write(toFile: file, atomically: true, encoding: .utf8)
      let options = HTTPClient.Options(authorityFile: file)
      #expect(try await distrust(HTTPClient(url: "https://127.0.0.1:\(port)", options: options)) == nil)
      #expect(try await distrust(HTTPClient(url: pinned(port, identity), options: options)) == nil)
      let otherName = try await distrust(HTTPClient(url: "https://localhost:\(port)", options: options))
      guard case .unknownAuthority = otherName else {
        Issue.record("\(String(describing: otherName))")
        return
      }
      #expect(try await distrust(HTTPClient(url: pinned(port, other), options: options)) == .otherKey)
      let missing = HTTPClient.Options(authorityFile: "\(folder.path)/none.pem")
      guard
        case .badAuthorityFile = try await distrust(
          HTTPClient(url: "https://127.0.0.1:\(port)", options: missing))
      else {
        Issue.record("a missing file is taken")
        return
      }
    }
  }

  @Test func `a handshake that drips or stops is cut, and clear text reaches no handler`() async throws {
    let handled = Gathered<String>()
    let identity = try identity()
    try await withTLS(identity, { $0.headerMSMax = 300 }) { request in
      handled.add(request.path)
      return .text("handled")
    } body: { port, _ in
      // The start of a TLS 1.2 record with a handshake of 512 bytes, which never comes whole.
      let isCut = try await onThread {
        let socket = try RawSocket(port: port)
        socket.send("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}")
        for _ in 0..<500 {
          if !socket.send("a") { return true }
          usleep(20_000)
        }
        return false
      }
      #expect(isCut)
      #expect(try await onThread { try RawSocket(port: port).receiveAll() } != nil, "silence is not cut")
      let answer = try await onThread {
        let socket = try RawSocket(port: port)
        socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        return socket.receiveAll()
      }
      #expect(answer?.contains("handled") == false)
      #expect(handled.values.isEmpty)
    }
  }
}
