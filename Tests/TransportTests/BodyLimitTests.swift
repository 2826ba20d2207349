import FarmProtocol
import Foundation
import Testing
import Transport

/// Where bodies go, and whose are read at all.
struct BodyLimitTests {
  @Test func `a large body of a stranger is refused before it is sent, a small one is not asked about`()
    async throws
  {
    let asked = Gathered<String>()
    try await withServer {
      $0.bodyBytesMax = { _, _ in 1 << 30 }
      $0.memoryBodyBytesMax = 1_000
      $0.refusesBody = { request in
        asked.add(request.path)
        return request.headers["authorization"] == nil
          ? .refusal(Refusal(.unauthorized, "who are you?")) : nil
      }
    } handler: { request in
      .text("taken \(request.bodyDigest)")
    } body: { port, spool in
      let answers = try await onThread {
        ["/small": 1_000, "/large": 1_000_000_000].mapValues { count in
          (try? RawSocket(port: port)).flatMap { socket in
            socket.send("PUT /\(count) HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n")
            if count == 1_000 { socket.send(String(repeating: "b", count: count)) }
            return count == 1_000 ? socket.receive(until: "taken") : socket.receiveAll()
          }
        }
      }
      #expect(status(answers["/small"] ?? nil) == 200)
      #expect(status(answers["/large"] ?? nil) == 401)
      #expect(asked.values == ["/1000000000"])
      #expect(spool.names.isEmpty)
      let known = try await onThread {
        let socket = try RawSocket(port: port)
        socket.send("PUT /known HTTP/1.1\r\nHost: a\r\nAuthorization: me\r\nContent-Length: 2000\r\n\r\n")
        socket.send(String(repeating: "b", count: 2_000))
        return socket.receive(until: "taken")
      }
      #expect(status(known) == 200)
    }
  }

  @Test func `when bodies in memory are many, further ones go to files`() async throws {
    try await withServer({ $0.memoryBodiesBytesMax = 1_000 }) { request in
      if case .file = request.body { .text("a file") } else { .text("in memory") }
    } body: { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      for (count, place) in [(900, "in memory"), (1_100, "a file"), (900, "in memory")] {
        let body = [UInt8](repeating: 7, count: count)
        let answer = try await client.perform(HTTPCall(method: "PUT", target: "/", body: .bytes(body)))
        #expect(String(decoding: answer.body, as: UTF8.self) == place, "what was taken is given back")
      }
    }
  }
}
