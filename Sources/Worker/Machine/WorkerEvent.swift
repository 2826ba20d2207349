import Cryptography
import FarmProtocol
import Settlement

/// What happens to a worker.
package enum WorkerEvent: Hashable, Sendable {
  case started
  /// The device is known, and its speed, rays a second, if it was measured.
  case described(DeviceDescription, raysPerS: UInt64?)
  /// The renderer takes that much memory, bytes.
  case memoryTaken(bytes: UInt64)
  /// Time has passed.
  case tick
  /// The farm took the worker in; `outbox` lists the results that wait for this farm.
  case joined(JoinReply, outbox: [OutboxEntry])
  case joinFailed(WorkerError)
  case leased(Lease)
  case noLease(retryAfterMS: UInt64)
  /// What came does not hold together, or is not for these kernels.
  case leaseUnusable(fence: UInt64, Refusal)
  case leaseFailed(WorkerError)
  /// The lease's files are here.
  case fetched(fence: UInt64)
  case fetchFailed(fence: UInt64, WorkerError)
  case loaded(Resident)
  case loadFailed(WorkerError)
  /// A tile is rendered, signed and in the outbox.
  case rendered(OutboxEntry)
  case renderFailed(WorkerError)
  case delivered(Digest, ResultReceipt)
  case deliveryFailed(Digest, WorkerError)
  case heartbeatAnswered(HeartbeatReply)
  case heartbeatFailed(WorkerError)
  /// The renderer that was let go has ended.
  case deviceLeft
  /// Finish and deliver the tile in work, give back the rest, and end.
  case drainRequested
  /// Finish and deliver every tile in hand, and end.
  case finishRequested
  /// Take no more work for now: the tile in work may go on for `graceMS`, the rest is given back.
  case restRequested(graceMS: UInt64)
  /// Work again.
  case workRequested
  /// What the worker's other devices have rendered together.
  case renderedElsewhere(tiles: Int)
  /// Stop at once; the outbox keeps what is not delivered.
  case quitRequested
}

/// The frame that the renderer holds.
package struct Resident: Hashable, Sendable {
  package var job: JobID
  package var frame: UInt32
  /// Digest of its device scene.
  package var deviceScene: Digest
  package init(job: JobID, frame: UInt32, deviceScene: Digest) {
    self.job = job
    self.frame = frame
    self.deviceScene = deviceScene
  }

  /// Whether it is what the lease's tiles are of.
  func holds(_ lease: Lease) -> Bool { job == lease.job && frame == lease.frame }
}
