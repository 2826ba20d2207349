import Cryptography
import FarmProtocol
import Settlement

/// Takes the statuses of one watcher; false when nobody reads them any more.
package protocol StatusSink: AnyObject, Sendable {
  func send(_ status: [UInt8]) -> Bool
  func close()
}

/// Telling watchers where a job stands.
extension FarmCoordinator {
  /// Sends the status now and at each change, until the job ends.
  package func watch(_ id: JobID, for caller: PublicKey, into sink: any StatusSink) throws {
    let status = try status(of: id, for: caller)
    guard sink.send(try WireJSON.encode(status)), !status.state.isOver else { return sink.close() }
    subscribers[id, default: [:]][ObjectIdentifier(sink)] = sink
  }

  /// A watcher went away.
  package func unwatch(_ id: JobID, _ sink: ObjectIdentifier) { subscribers[id]?[sink] = nil }

  /// The job changed.
  func notify(_ id: JobID) {
    guard let sinks = subscribers[id], !sinks.isEmpty, let job = jobs[id] else { return }
    let status = status(job)
    // Statuses are made of numbers, digests and short texts, which always encode.
    guard let bytes = try? WireJSON.encode(status) else { return }
    for (key, sink) in sinks where !sink.send(bytes) { subscribers[id]?[key] = nil }
    if job.state.isOver { endStreams(id) }
  }

  func endStreams(_ id: JobID) {
    for sink in (subscribers.removeValue(forKey: id) ?? [:]).values { sink.close() }
  }
}
