import FarmProtocol
import Foundation
import Testing
import Transport

struct ConnectionLimitTests {
  @Test func `an address has so many connections, and gets new ones for those it ends`() async throws {
    try await withServer({ $0.connectionsPerAddressMax = 3 }) { request in
      .text("\(request.peer)")
    } body: { port, _ in
      let answers = try await onThread {
        func ask(_ socket: RawSocket) -> String? {
          socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          return socket.receive(until: "127.0.0.1")
        }
        var open = try (0..<3).map { _ in try RawSocket(port: port) }
        let first = open.map { ask($0) != nil }
        let beyond = ask(try RawSocket(port: port))
        open.removeLast()
        var again: String?
        for _ in 0..<100 where again == nil {
          usleep(20_000)
          again = ask(try RawSocket(port: port))
        }
        return (first, beyond, again)
      }
      #expect(answers.0 == [true, true, true])
      #expect(answers.1 == nil)
      #expect(answers.2 != nil)
    }
  }

  @Test func `addresses are told apart as their networks assign them`() throws {
    let text = { (text: String) in try #require(PeerAddress(text)) }
    #expect(try text("192.0.2.7").network == text("192.0.2.7"))
    #expect(try text("2001:db8:1:2:3::4").network == text("2001:db8:1:2::9").network)
    #expect(try text("2001:db8:1:2::4").network != text("2001:db8:1:3::4").network)
    #expect(try text("::ffff:192.0.2.7") == text("192.0.2.7"))
    #expect("\(try text("2001:db8::1"))" == "2001:db8::1")
    for bad in ["", "192.0.2", "farm.example", "1.2.3.4:80"] { #expect(PeerAddress(bad) == nil) }
  }

  @Test func `many small header fields are bounded like one large one`() async throws {
    try await withServer { _ in
      .text("handled")
    } body: { port, _ in
      let answer = try await onThread {
        let socket = try RawSocket(port: port)
        socket.send("GET / HTTP/1.1\r\nHost: a\r\n")
        for number in 0..<4_000 where !socket.send("X-\(number): y\r\n") { break }
        socket.send("\r\n")
        return socket.receive().map { String(decoding: $0, as: UTF8.self) }
      }
      #expect(answer?.contains("handled") != true)
      #expect([431, nil].contains(status(answer)))
    }
  }
}
