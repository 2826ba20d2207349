import Cryptography
import FarmProtocol
import Foundation
import Testing
import Transport

struct ServerTests {
  @Test func `two hundred requests at once are each answered`() async throws {
    try await withServer { request in
      try? await Task.sleep(for: .milliseconds(20))
      return .text(request.query)
    } body: { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<200 {
          group.addTask {
            let answer = try await client.perform(HTTPCall(method: "GET", target: "/?\(number)"))
            return answer.status == 200 && answer.body == Array("\(number)".utf8)
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func `large body is spooled, hashed and removed after the answer`() async throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let seen = Gathered<(HTTPRequest.Body, Digest, Digest)>()
    try await withServer({ $0.bodyBytesMax = { _, _ in 4_000_000 } }) { request in
      guard case .file(let path, _) = request.body, let data = FileManager.default.contents(atPath: path)
      else {
        return .text("no file", status: 500)
      }
      seen.add((request.body, request.bodyDigest, Digest(of: Array(data))))
      return .text("ok")
    } body: { port, spool in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      let answer = try await client.perform(HTTPCall(method: "PUT", target: "/b", body: .bytes(bytes)))
      #expect(answer.status == 200)
      let (body, digest, digestOfFile) = try #require(seen.values.first)
      #expect(digest == Digest(of: bytes) && digestOfFile == digest)
      guard case .file(_, let count) = body else { return }
      #expect(count == bytes.count)
      #expect(await eventually { spool.names.isEmpty })
    }
  }

  @Test func `small body stays in memory unless its route says otherwise`() async throws {
    let bodies = Gathered<HTTPRequest.Body>()
    try await withServer({ $0.spoolsAlways = { method, path in method == "PUT" && path == "/blob" } }) {
      request in
      bodies.add(request.body)
      return .text("ok")
    } body: { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      for target in ["/other", "/blob"] {
        _ = try await client.perform(HTTPCall(method: "PUT", target: target, body: .bytes([1, 2, 3])))
      }
      #expect(bodies.values.first == .bytes([1, 2, 3]))
      guard case .file(_, 3) = bodies.values.last else {
        Issue.record("the blob was kept in memory")
        return
      }
    }
  }

  @Test func `handler keeps a spooled file by renaming it`() async throws {
    let kept = try TemporaryFolder()
    try await withServer({ $0.spoolsAlways = { _, _ in true } }) { request in
      guard case .file(let path, _) = request.body, rename(path, kept.path + "/blob") == 0 else {
        return .text("no", status: 500)
      }
      return .file(path: kept.path + "/blob", type: "text/plain")
    } body: { port, spool in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      let answer = try await client.perform(
        HTTPCall(method: "PUT", target: "/", body: .bytes(Array("kept".utf8))))
      #expect(answer.body == Array("kept".utf8))
      #expect(answer.headers["content-type"] == "text/plain")
      #expect(spool.names.isEmpty)
    }
    #expect(kept.names == ["blob"])
  }

  @Test func `port in use is named`() async throws {
    try await withServer { _ in
      .text("first")
    } body: { port, spool in
      let second = HTTPServer(options: .init(port: port, spoolDirectory: spool.path)) { _ in .text("second") }
      do {
        try second.start()
        Issue.record("two servers at one port")
        await second.stop()
      } catch {
        #expect("\(error)".contains("127.0.0.1:\(port)") && "\(error)".contains("in use"), "\(error)")
      }
    }
  }

  @Test func `host that is not ours is named`() throws {
    let server = HTTPServer(options: .init(host: "192.0.2.1", port: 1, spoolDirectory: "/tmp")) { _ in
      .text("")
    }
    #expect(throws: TransportError.self) { try server.start() }
  }

  @Test func `stop answers requests that still wait`() async throws {
    let spool = try TemporaryFolder()
    let handled = Gathered<Bool>()
    let server = HTTPServer(options: .init(spoolDirectory: spool.path)) { _ in
      handled.add(true)
      try? await Task.sleep(for: .seconds(3_600))
      return .text("late")
    }
    let port = try server.start()
    let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
    async let answers = withTaskGroup(of: Int?.self) { group in
      for _ in 0..<8 {
        group.addTask { try? await client.perform(HTTPCall(method: "GET", target: "/")).status }
      }
      return await group.reduce(into: [Int?]()) { $0.append($1) }
    }
    #expect(await eventually { handled.values.count == 8 })
    await server.stop(grace: .milliseconds(50))
    #expect(await answers == [Int?](repeating: 503, count: 8))
  }

  @Test func `stop lets a request finish within its grace`() async throws {
    let spool = try TemporaryFolder()
    let handled = Gathered<Bool>()
    let server = HTTPServer(options: .init(spoolDirectory: spool.path)) { _ in
      handled.add(true)
      try? await Task.sleep(for: .milliseconds(400))
      return .text("done")
    }
    let port = try server.start()
    let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
    async let answer = client.perform(HTTPCall(method: "GET", target: "/"))
    #expect(await eventually { handled.values.count == 1 })
    await server.stop(grace: .seconds(30))
    #expect(try await answer.status == 200)
  }

  @Test func `stopping takes no new connection and lets the old ones finish`() async throws {
    let spool = try TemporaryFolder()
    let handled = Gathered<Bool>()
    let server = HTTPServer(options: .init(spoolDirectory: spool.path)) { _ in
      handled.add(true)
      try? await Task.sleep(for: .milliseconds(600))
      return .text("done")
    }
    let port = try server.start()
    let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
    async let answer = client.perform(HTTPCall(method: "GET", target: "/"))
    #expect(await eventually { handled.values.count == 1 })
    async let stopped: Void = server.stop(grace: .seconds(30))
    try await Task.sleep(for: .milliseconds(100))
    let late = try await onThread {
      let socket = try RawSocket(port: port)
      socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      return socket.receiveAll()
    }
    #expect(late == "")
    #expect(try await answer.status == 200)
    await stopped
    #expect(handled.values.count == 1)
  }

  @Test func `servers that stop while a client talks end in peace`() async throws {
    for _ in 0..<3_000 {
      try await withServer { _ in
        .text("hello")
      } body: { port, _ in
        let socket = try RawSocket(port: port)
        socket.send("garbage\r\n\r\n")
      }
    }
  }

  @Test func `missing file is answered 404 and refusals travel as JSON`() async throws {
    try await withServer { request in
      request.path == "/file"
        ? .file(path: "/nonexistent", type: "text/plain")
        : .refusal(Refusal(.staleLease, "over", remedy: "ask again"))
    } body: { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      #expect(try await client.perform(HTTPCall(method: "GET", target: "/file")).status == 404)
      let answer = try await client.perform(HTTPCall(method: "GET", target: "/"))
      #expect(answer.status == 409)
      #expect(
        try WireJSON.decode(Refusal.self, from: answer.body)
          == Refusal(.staleLease, "over", remedy: "ask again"))
    }
  }
}
