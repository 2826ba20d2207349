import FarmProtocol
import Foundation
import Synchronization
import Testing
import Transport

struct EventStreamTests {
  private static let open = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"

  /// A handler that gives each request a stream and remembers it.
  private func handler(
    _ streams: Gathered<EventStream>, bytesMax: Int = 1 << 20, gone: Gathered<Bool> = .init()
  )
    -> HTTPServer.Handler
  {
    { _ in
      let stream = EventStream(bytesMax: bytesMax) { gone.add(true) }
      streams.add(stream)
      return .events(stream)
    }
  }

  @Test func `two clients get every event while a third that does not read is dropped`() async throws {
    let streams = Gathered<EventStream>()
    try await withServer(handler: handler(streams, bytesMax: 300_000)) { port, _ in
      let sockets = try (0..<3).map { try RawSocket(port: port, receiveBytes: $0 == 2 ? 4_096 : nil) }
      for (index, socket) in sockets.enumerated() {
        socket.send(EventStreamTests.open)
        #expect(await eventually { streams.values.count == index + 1 })
      }
      let lines = (0..<2).map { index in
        Task {
          try await onThread {
            sockets[index].receive(until: "data: 999 ")?.components(separatedBy: "event: tick").count
          }
        }
      }
      let filler = String(repeating: "x", count: 8_000)
      for number in 0..<1_000 {
        for (index, stream) in streams.values.enumerated() {
          var isSent = stream.send(event: "tick", data: Array("\(number) \(filler)".utf8))
          // The reading clients may be slow too on a busy machine: they are waited for, the third is not.
          #expect(isSent || index == 2, "client \(index) lost event \(number)")
          if index < 2, number.isMultiple(of: 16) {
            isSent = await eventually { stream.waitingBytes < 100_000 }
          }
        }
      }
      for line in lines { #expect(try await line.value == 1_001) }
      #expect(streams.values[2].isClosed)
      #expect(!streams.values[0].isClosed && !streams.values[1].isClosed)
    }
  }

  @Test func `client that left is found by the heartbeat`() async throws {
    let streams = Gathered<EventStream>()
    let gone = Gathered<Bool>()
    try await withServer({ $0.heartbeatMS = 40 }, handler: handler(streams, gone: gone)) { port, _ in
      var socket: RawSocket? = try RawSocket(port: port)
      socket?.send(EventStreamTests.open)
      #expect(await eventually { streams.values.count == 1 })
      let text = try await onThread { [socket] in socket?.receive(until: " \n\n") }
      #expect(text?.contains("text/event-stream") == true)
      socket = nil
      #expect(await eventually { gone.values.count == 1 })
      #expect(!streams.values[0].send(event: "tick", data: []))
    }
  }

  @Test func `quiet stream outlives the client's patience by its heartbeats`() async throws {
    let streams = Gathered<EventStream>()
    try await withServer({ $0.heartbeatMS = 400 }, handler: handler(streams)) { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)")
      let lines = Gathered<String>()
      async let answer = client.perform(
        HTTPCall(method: "GET", target: "/", sink: .lines { lines.add($0) == () }, stallS: 2))
      #expect(await eventually { streams.values.count == 1 })
      try await Task.sleep(for: .seconds(5))
      streams.values[0].send(event: "late", data: [])
      streams.values[0].close()
      #expect(try await answer.status == 200)
      #expect(lines.values.contains("event: late"))
    }
  }

  @Test func `closed stream ends after what was sent`() async throws {
    let streams = Gathered<EventStream>()
    try await withServer(handler: handler(streams)) { port, _ in
      let socket = try RawSocket(port: port)
      socket.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
      #expect(await eventually { streams.values.count == 1 })
      streams.values[0].send(event: "last", data: Array("1".utf8))
      streams.values[0].close()
      let text = try await onThread { socket.receiveAll() }
      #expect(text?.hasSuffix("event: last\ndata: 1\n\n") == true)
    }
  }

  @Test func `stop ends streams that wait`() async throws {
    let streams = Gathered<EventStream>()
    let gone = Gathered<Bool>()
    let spool = try TemporaryFolder()
    let server = HTTPServer(options: .init(spoolDirectory: spool.path), handler: handler(streams, gone: gone))
    let port = try server.start()
    let sockets = try (0..<4).map { _ in try RawSocket(port: port) }
    for socket in sockets { socket.send(EventStreamTests.open) }
    #expect(await eventually { streams.values.count == 4 })
    await server.stop(grace: .seconds(5))
    for socket in sockets {
      let text = try await onThread { socket.receiveAll() }
      #expect(text?.hasSuffix("0\r\n\r\n") == true)
    }
    #expect(gone.values.count == 4)
  }
}
