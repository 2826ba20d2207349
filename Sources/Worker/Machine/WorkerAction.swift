import Cryptography
import FarmProtocol
import Settlement

/// What a worker does. Each of these but `discard`, `tell` and `stop` ends in exactly one event.
package enum WorkerAction: Hashable, Sendable {
  case join
  case requestLease(LeaseRequest)
  case fetch(Lease)
  case load(Lease)
  case render(RenderOrder)
  /// Ends the renderer, whatever it does: the device is its owner's.
  case leaveDevice
  case deliver(Digest)
  case heartbeat(Heartbeat)
  /// Deletes a result from the outbox.
  case discard(Digest)
  case tell(WorkerNotice)
  case stop(WorkerStop)
}

/// One tile to render.
package struct RenderOrder: Hashable, Sendable {
  package var assignment: Assignment
  package var terms: JobTerms
  /// Digest of the device scene that the renderer holds.
  package var deviceScene: Digest
  /// The tile that will be ordered next, unless something happens.
  package var ahead: TileIndex?
  package init(assignment: Assignment, terms: JobTerms, deviceScene: Digest, ahead: TileIndex? = nil) {
    self.assignment = assignment
    self.terms = terms
    self.deviceScene = deviceScene
    self.ahead = ahead
  }
}

/// Why a worker ended.
public enum WorkerStop: Hashable, Sendable {
  /// Everything was delivered or given back.
  case drained
  /// At once; undelivered results wait in the outbox.
  case quit
  /// The farm does not want this worker.
  case refused(Refusal)
}

/// What a person who watches a worker is told.
public enum WorkerNotice: Hashable, Sendable {
  /// The renderer is ready; its speed, if it was measured.
  case device(RendererDescription, raysPerS: UInt64?)
  case joined(JoinReply)
  /// That many results of an earlier run are delivered first.
  case resending(count: Int)
  /// Files of an earlier run that are no results were set aside.
  case setAside(paths: [String])
  case leased(job: JobID, frame: UInt32, tiles: Int)
  case delivered(OutboxEntry, ResultReceipt)
  /// A result that cannot be delivered, ever; it is deleted.
  case undeliverable(OutboxEntry, reason: String)
  /// The lease ended before its tiles were done: nothing is wrong here.
  case leaseLost(job: JobID, tilesLeft: Int)
  /// Given back: it cannot be done here.
  case leaseReleased(job: JobID, reason: String)
  case leaseUnusable(Refusal)
  /// Trying again after that time.
  case retrying(what: String, reason: String, afterMS: UInt64)
  /// The farm answers again.
  case farmIsBack
  case draining(tilesReleased: Int)
  /// It takes no more work and ends with what it has.
  case finishing
  /// It takes no work for now.
  case resting([RestReason])
  /// It works again.
  case working
  /// Tiles given back for it rests; `isCut`: the one in work too, for it took too long.
  case gaveBack(tiles: Int, isCut: Bool)
  /// A tile is rendered, and waits for its delivery.
  case rendered(OutboxEntry)
  /// One of several devices cannot be used.
  case deviceFailed(reason: String)
}

/// A result in the outbox, as the machine knows it.
public struct OutboxEntry: Hashable, Sendable {
  /// Digest of the assignment: one result for each.
  public var id: Digest
  /// The lease it was rendered under.
  public var fence: UInt64
  /// The job it belongs to.
  public var job: JobID
  /// The tile it is.
  public var tile: TileIndex
  /// Rays traced.
  public var work: UInt64
  /// What it earns once verified; nil for a result of an earlier run, whose job's price is not kept.
  public var price: Microcredits?
  /// Time to render, milliseconds; nil for a result of an earlier run.
  public var renderMS: UInt64?
  /// All fields.
  public init(
    id: Digest, fence: UInt64, job: JobID, tile: TileIndex, work: UInt64, price: Microcredits?,
    renderMS: UInt64?
  ) {
    self.id = id
    self.fence = fence
    self.job = job
    self.tile = tile
    self.work = work
    self.price = price
    self.renderMS = renderMS
  }
}
