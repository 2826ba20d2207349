import Cryptography
import FarmProtocol
import Foundation
import Testing
import Transport

struct RetryLaterTests {
  @Test func `client that is sent away comes back when it was told, signed anew`() async throws {
    let seen = Gathered<(at: ContinuousClock.Instant, signature: String)>()
    try await withServer { request in
      seen.add((.now, request.headers["signature", default: ""]))
      return seen.values.count < 3
        ? .refusal(Refusal(.rateLimited, "too many"), headers: [("Retry-After", "0")])
        : .json(HeartbeatReply(lost: []))
    } body: { port, _ in
      let client = try FarmClient(url: "http://127.0.0.1:\(port)", key: .random())
      #expect(try await client.heartbeat(Heartbeat(fences: [])) == HeartbeatReply(lost: []))
    }
    let calls = seen.values
    #expect(calls.count == 3)
    #expect(Set(calls.map(\.signature)).count == 3)
    for (first, second) in zip(calls, calls.dropFirst()) {
      #expect(second.at - first.at >= .milliseconds(100))
    }
  }

  @Test func `refusal without a time, or with one beyond patience, is given at once`() async throws {
    for after in [nil, "121", "soon"] {
      let seen = Gathered<Bool>()
      try await withServer { _ in
        seen.add(true)
        return .refusal(
          Refusal(.rateLimited, "too many"), headers: after.map { [("Retry-After", $0)] } ?? [])
      } body: { port, _ in
        let client = try FarmClient(url: "http://127.0.0.1:\(port)", key: .random())
        await #expect(throws: Refusal(.rateLimited, "too many")) { try await client.account() }
      }
      #expect(seen.values.count == 1)
    }
  }
}
