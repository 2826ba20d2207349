import Cryptography
import FarmProtocol
import Foundation
import Synchronization
import Testing
import Transport

/// A folder that goes when the test is over.
final class TemporaryFolder: Sendable {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "farm-" + randomBytes(count: 8).hex
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  /// Names in a folder below.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

/// Runs `body` against a server on a free port of this machine, and stops it whatever happens.
func withServer(
  _ change: (inout HTTPServer.Options) -> Void = { _ in }, handler: @escaping HTTPServer.Handler,
  body: (_ port: UInt16, _ spool: TemporaryFolder) async throws -> Void
) async throws {
  let spool = try TemporaryFolder()
  var options = HTTPServer.Options(spoolDirectory: spool.path)
  options.watchdogMS = 20
  change(&options)
  let server = HTTPServer(options: options, handler: handler)
  let port = try server.start()
  do {
    try await body(port, spool)
  } catch {
    await server.stop(grace: .zero)
    throw error
  }
  await server.stop(grace: .seconds(2))
}

/// Runs blocking code on a thread of its own.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { done in
    Thread.detachNewThread { done.resume(with: Result { try body() }) }
  }
}

/// Waits until `condition` holds; false when it does not within 10 s.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
  for _ in 0..<1_000 {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return condition()
}

/// Values gathered from several threads.
final class Gathered<T: Sendable>: Sendable {
  private let list = Mutex<[T]>([])
  func add(_ value: T) { list.withLock { $0.append(value) } }
  var values: [T] { list.withLock { $0 } }
}
