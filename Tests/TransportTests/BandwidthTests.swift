import Cryptography
import FarmProtocol
import Foundation
import Testing
import Transport

struct BandwidthTests {
  @Test func `what is moved is waited for, and a pause earns nothing`() {
    var budget = BandwidthBudget(bytesPerS: 1_000)
    #expect(budget.move(500, nowNS: 0) == 500_000_000)
    // Somebody else, at the same moment: behind the first.
    #expect(budget.move(250, nowNS: 0) == 750_000_000)
    #expect(budget.move(0, nowNS: 250_000_000) == 500_000_000)
    #expect(budget.move(100, nowNS: 10_000_000_000) == 100_000_000)
    #expect(budget.move(-5, nowNS: 20_000_000_000) == 0)
  }

  /// Runs `calls` side by side against a server that sends and takes blobs; returns the seconds they took.
  private func seconds(_ bytesPerS: Int?, _ calls: [HTTPCall], blob: [UInt8]) async throws -> Double {
    let change: (inout HTTPServer.Options) -> Void = { $0.bodyBytesMax = { _, _ in 1 << 24 } }
    var elapsed = 0.0
    try await withServer(
      change,
      handler: { request in
        request.method == "GET"
          ? .bytes(status: 200, type: "application/octet-stream", blob) : .text("stored")
      }
    ) { port, _ in
      let client = try HTTPClient(url: "http://127.0.0.1:\(port)", options: .init(bytesPerS: bytesPerS))
      let start = ContinuousClock.now
      try await withThrowingTaskGroup(of: Int.self) { group in
        for call in calls { group.addTask { try await client.perform(call).status } }
        for try await status in group { #expect(status == 200) }
      }
      let spent = (ContinuousClock.now - start).components
      elapsed = Double(spent.seconds) + Double(spent.attoseconds) * 1e-18
    }
    return elapsed
  }

  @Test func `downloads and uploads side by side share one budget`() async throws {
    let blob = [UInt8](repeating: 7, count: 300_000)
    let calls = [
      HTTPCall(method: "GET", target: "/a"), HTTPCall(method: "GET", target: "/b"),
      HTTPCall(method: "PUT", target: "/c", body: .bytes(blob)),
    ]
    let free = try await seconds(nil, calls, blob: blob)
    let bound = try await seconds(500_000, calls, blob: blob)
    // 900 kB at 500 kB a second; the last piece of each is not waited for by the other side.
    #expect(bound > 1.3 && bound < 1.8 + free + 3, "\(bound) s, \(free) s without a budget")
    #expect(free < 1.3)
  }

  @Test func `a bound transfer is called off at once`() async throws {
    let blob = [UInt8](repeating: 7, count: 1_000_000)
    let start = ContinuousClock.now
    let task = Task { try await seconds(64_000, [HTTPCall(method: "GET", target: "/")], blob: blob) }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(ContinuousClock.now - start < .seconds(8))
  }
}
