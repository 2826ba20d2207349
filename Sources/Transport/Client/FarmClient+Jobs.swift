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

  /// Tiles of a frame, or of all, that failed may be tried again by everyone.
  public func requeue(_ id: JobID, _ request: RequeueRequest) async throws -> JobStatus {
    try await fetch("POST", Routes.requeue(id), body: try WireJSON.encode(request))
  }

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

  /// Writes an unfinished frame, as it looks now, to `path`; `format` as above.
  public func preview(_ id: JobID, _ number: UInt32, format: String, to path: String) async throws {
    _ = try await download(Routes.preview(id, number, format: format), to: path, expecting: nil)
  }
}
