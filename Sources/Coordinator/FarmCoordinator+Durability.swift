import Durability
import FarmProtocol
import Settlement

/// Changes and when they are on disk.
///
/// What is answered to the outside is durable first, and a flush to disk takes longer than everything else:
/// so all changes that are made while one flush runs wait together for the next, as one transaction (group
/// commit; Gray & Reuter 1993, section 9.4.3). What is told without being asked, and what a job's status
/// says, may be a flush ahead of the disk.
extension FarmCoordinator {
  /// Why nothing is decided.
  struct Fault {
    let reason: String
    /// Passes when there is room on the disk again.
    let isOutOfSpace: Bool

    var refusal: Refusal {
      isOutOfSpace
        ? Refusal(.busy, "the farm's disk is full", remedy: "try again when its operator has made room")
        : Refusal(.internalFault, "the store failed: \(reason)", remedy: "start the coordinator again")
    }
  }

  /// Makes a change in the open transaction. When that fails nothing of the transaction is done and the
  /// coordinator stops deciding. A refusal thrown before anything was changed leaves all as it was.
  func commit<T>(_ body: () throws -> T) throws -> T {
    try checkRunning()
    do {
      return try store.change(body)
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw stop(because: error).refusal
    }
  }

  /// Returns when everything changed so far is on disk; throws when it is not and never will be. To be called
  /// before anything else can run on the actor after the change.
  func durable() async throws {
    try checkRunning()
    guard store.isBatchOpen else { return }
    if waiting.isEmpty {
      // Queued behind all requests that have come meanwhile: their changes go with it.
      Task { try? self.flush() }
    }
    if let refusal = await withCheckedContinuation({ waiting.append($0) }) { throw refusal }
  }

  /// Makes everything changed so far durable, at once.
  func flush() throws {
    do {
      try store.flush()
    } catch {
      throw stop(because: error).refusal
    }
    release(nil)
  }

  private func release(_ refusal: Refusal?) {
    let released = waiting
    waiting = []
    for waiter in released { waiter.resume(returning: refusal) }
  }

  /// Refuses when the store failed before.
  func checkRunning() throws {
    if let fault { throw fault.refusal }
  }

  /// Stops deciding: memory may be ahead of the disk, and the disk is right.
  func stop(because error: any Error) -> Fault {
    let fault = fault ?? Fault(reason: "\(error)", isOutOfSpace: isOutOfSpace(error))
    self.fault = fault
    if !store.isBatchOpen { release(fault.refusal) }
    return fault
  }

  /// Why the coordinator stopped deciding until it is started again; nil while all is well, and while it only
  /// waits for room.
  public var faultReason: String? { fault.flatMap { $0.isOutOfSpace ? nil : $0.reason } }

  private func isOutOfSpace(_ error: any Error) -> Bool {
    switch error {
    case let error as SQLiteError: error.isOutOfSpace || !hasRoom
    case let error as FileFault: error.isOutOfSpace || !hasRoom
    default: false
    }
  }

  private var hasRoom: Bool { configuration.freeBytes() >= Limits.diskReserveBytes }

  /// After the disk was full: reads everything back once there is room, as a start does.
  func recoverIfRoom() throws {
    guard let fault, fault.isOutOfSpace, hasRoom else { return }
    store.abandon()
    release(fault.refusal)
    let opened = try Opening(
      store, frames: frames, logFiles: logFiles, verifier: keys.verifier.publicKey, nowMS: nowMS,
      secret: configuration.secret)
    treasury = opened.treasury
    book = opened.book
    jobs = opened.jobs
    workerNames = opened.workerNames
    tokens = opened.tokens
    epochSecret = opened.epochSecret
    board = opened.board
    publishedSize = opened.publishedSize
    unready = UnreadyFrames()
    self.fault = nil
    wake()
  }
}
