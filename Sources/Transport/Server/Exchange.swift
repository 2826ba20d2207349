import CMicroHTTPD
import Cryptography
import Foundation
import Synchronization

// Touched by the connection's thread only; what handlers bring goes through `outcome`, a mutex.
/// One request and its answer, from the request line to the end of the connection's part in it.
final class Exchange: @unchecked Sendable {
  /// How far it is.
  enum Phase {
    case header, body, handling, answered
  }

  private struct Outcome {
    /// Set while the connection is suspended; nil before and after.
    var suspended: OpaquePointer?
    var reply: HTTPReply?
  }
  // The pointer is the connection's, which cannot end while it is suspended.
  private struct Guarded: @unchecked Sendable {
    var outcome = Outcome()
  }

  /// The request target as it travelled.
  let path: String
  let query: String
  var phase = Phase.header
  var method = ""
  var bodyBytesMax = 0
  var isTooLarge = false
  /// What of the body counts as being in memory, whether it still is or went to a file.
  var chargedBytes = 0
  private(set) var bodyBytes = 0
  private var memory: [UInt8] = []
  private var descriptor: Int32 = -1
  private(set) var spoolPath: String?
  private var hasher = SHA256()
  private let guarded = Mutex(Guarded())

  init(target: String) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? ""
    query = parts.count > 1 ? String(parts[1]) : ""
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let spoolPath { unlink(spoolPath) }
  }

  /// Takes a piece of body; false when it cannot be stored.
  func take(_ bytes: UnsafeRawBufferPointer, memoryBytesMax: Int, spoolDirectory: String) -> Bool {
    bodyBytes += bytes.count
    hasher.update(bytes)
    if descriptor < 0, memory.count + bytes.count <= memoryBytesMax {
      memory.append(contentsOf: bytes)
      return true
    }
    if descriptor < 0, !openSpool(spoolDirectory) { return false }
    return writeAll(descriptor, bytes)
  }

  /// Counts a piece of body that is thrown away.
  func discard(_ count: Int) { bodyBytes += count }

  /// The whole body; nil when it cannot be stored.
  func finishBody(spoolsAlways: Bool, spoolDirectory: String) -> (body: HTTPRequest.Body, digest: Digest)? {
    if spoolsAlways, descriptor < 0, !openSpool(spoolDirectory) { return nil }
    let digest = hasher.finalize()
    guard let spoolPath else { return (.bytes(memory), digest) }
    close(descriptor)
    descriptor = -1
    return (.file(path: spoolPath, count: bodyBytes), digest)
  }

  private func openSpool(_ directory: String) -> Bool {
    var template = Array("\(directory)/body.\(String(repeating: "X", count: 6))".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return false }
    spoolPath = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { memory = [] }
    return memory.withUnsafeBytes { writeAll(descriptor, $0) }
  }

  /// Suspends the connection until `finish`.
  func suspend(_ connection: OpaquePointer) {
    // Only kept under the lock, like every other use of the pointer.
    nonisolated(unsafe) let connection = connection
    guarded.withLock { guarded in
      guarded.outcome.suspended = connection
      MHD_suspend_connection(connection)
    }
  }

  /// Any thread: gives the answer and resumes the connection. The first answer counts.
  func finish(_ reply: HTTPReply) {
    guarded.withLock { guarded in
      guard let connection = guarded.outcome.suspended else { return }
      guarded.outcome.suspended = nil
      guarded.outcome.reply = reply
      MHD_resume_connection(connection)
    }
  }

  /// The answer, once it is there.
  func takeReply() -> HTTPReply? {
    guarded.withLock { guarded in
      defer { guarded.outcome.reply = nil }
      return guarded.outcome.reply
    }
  }
}
