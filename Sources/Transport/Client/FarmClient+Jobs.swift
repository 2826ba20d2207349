import Cryptography
import FarmProtocol
import Foundation
import Settlement

/// What a submitter asks.
extension FarmClient {
  /// Asks what a job would cost and when it would be done; every blob of its manifest must have been
  /// uploaded. The farm renders pixels of it before it answers, hence the patience.
  public func quote(_ request: QuoteRequest) async throws -> Signed<Quote> {
    try await fetch("POST", Routes.quotes, body: try WireJSON.encode(request), stallS: 600)
  }

  /// Hands in a job; every blob of its manifest must have been uploaded. The farm reads the scene before it
  /// answers, hence the patience.
  public func submit(_ request: SubmitRequest) async throws -> JobStatus {
    try await fetch("POST", Routes.jobs, body: try WireJSON.encode(request), stallS: 600)
  }

  /// The caller's jobs, newest first.
  public func jobs() async throws -> JobList { try await fetch("GET", Routes.jobs) }

  /// Where a job stands.
  public func job(_ id: JobID) async throws -> JobStatus { try await fetch("GET", Routes.job(id)) }

  /// Ends a job; tiles verified so far stay paid.
  public func cancel(_ id: JobID) async throws -> JobStatus { try await fetch("POST", Routes.cancel(id)) }

  /// Nothing more of the job is given out until it is resumed.
  public func pause(_ id: JobID) async throws -> JobStatus { try await fetch("POST", Routes.pause(id)) }

  /// A paused job goes on.
  public func resume(_ id: JobID) async throws -> JobStatus { try await fetch("POST", Routes.resume(id)) }

  /// A job's status at once and at every change, until it ends, the connection breaks (thrown) or nobody
  /// listens. A slow reader gets the newest status and misses those between.
  public func watch(_ id: JobID) -> AsyncThrowingStream<JobStatus, any Error> {
    let (stream, continuation) = AsyncThrowingStream<JobStatus, any Error>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    let task = Task {
      let parser = EventParser { event, data in
        guard event == "status" else { return true }
        do throws(Refusal) {
          continuation.yield(try WireJSON.decode(JobStatus.self, from: data))
          return true
        } catch {
          continuation.finish(throwing: TransportError.malformedAnswer(host: self.url, reason: error.message))
          return false
        }
      }
      do {
        _ = try await send(
          "GET", Routes.events(id), bodyDigest: Digest(of: []), sink: .lines { parser.take(line: $0) })
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }

  /// Writes a finished frame to `path`; `format` is "exr" or "png".
  public func frame(_ id: JobID, _ number: UInt32, format: String, to path: String) async throws {
    _ = try await download(Routes.frame(id, number, format: format), to: path, expecting: nil)
  }
}

/// Blobs: whole files by digest.
extension FarmClient {
  /// Which of these the farm does not have.
  public func missingBlobs(_ digests: [Digest]) async throws -> [Digest] {
    let reply: BlobList = try await fetch(
      "POST", Routes.missingBlobs, body: try WireJSON.encode(BlobList(digests: digests)))
    return reply.digests
  }

  /// Uploads a file under its digest, which is returned.
  public func uploadBlob(file path: String) async throws -> Digest {
    let (digest, count) = try digestOfFile(path)
    _ = try await send(
      "PUT", Routes.blob(digest), body: .file(path: path, count: count), bodyDigest: digest,
      contentType: "application/octet-stream", sink: .bytes(max: Limits.jsonBytesMax))
    return digest
  }

  /// Downloads a blob to `path`, which exists afterwards only if its bytes have that digest.
  public func downloadBlob(_ digest: Digest, to path: String) async throws {
    _ = try await download(Routes.blob(digest), to: path, expecting: digest)
  }

  /// Downloads beside `path`, checks, then puts it in place with one rename.
  private func download(_ target: String, to path: String, expecting: Digest?) async throws -> HTTPAnswer {
    let partial = "\(path).\(randomBytes(count: 6).hex).part"
    defer { unlink(partial) }
    let answer = try await send(
      "GET", target, bodyDigest: Digest(of: []), sink: .file(path: partial, max: Limits.blobBytesMax))
    if let expecting, answer.bodyDigest != expecting {
      throw TransportError.digestMismatch(expected: expecting, found: answer.bodyDigest)
    }
    guard rename(partial, path) == 0 else {
      throw TransportError.file(path: path, reason: systemErrorText(errno))
    }
    return answer
  }
}

/// A file's SHA-256 and length, read in pieces.
func digestOfFile(_ path: String) throws(TransportError) -> (digest: Digest, count: Int) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .file(path: path, reason: systemErrorText(errno)) }
  defer { close(descriptor) }
  var hasher = SHA256()
  var count = 0
  while true {
    guard let bytes = readSome(descriptor, bytesMax: 1 << 20) else {
      throw .file(path: path, reason: systemErrorText(errno))
    }
    if bytes.isEmpty { return (hasher.finalize(), count) }
    hasher.update(bytes)
    count += bytes.count
  }
}
