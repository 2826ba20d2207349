import Cryptography
import FarmProtocol
import Settlement

extension Heartbeat {
  /// With reasons cut to their limit and without control characters: they end up in statuses.
  fileprivate var kept: Heartbeat {
    var beat = self
    beat.failures = failures?.map { failure in
      let plain = failure.reason.unicodeScalars.filter { $0.properties.generalCategory != .control }
      return LeaseFailure(
        fence: failure.fence,
        reason: String(
          decoding: String(String.UnicodeScalarView(plain)).utf8.prefix(Limits.reasonBytesMax),
          as: UTF8.self))
    }
    return beat
  }
}

/// What workers ask, and what becomes of those that do not ask any more.
extension FarmCoordinator {
  /// Wrong tiles after which a worker gets no more work.
  static let strikesMax = 3

  /// What anyone may know.
  public func farmInfo() -> FarmInfo {
    FarmInfo(
      protocolVersion: Limits.protocolVersion, kernelSet: configuration.kernelSet,
      coordinator: keys.coordinator.publicKey, logOrigin: logFiles.origin,
      logVerifierKey: logFiles.verifierKey, pricePerRay: configuration.pricePerRay,
      workersOnline: book.workersOnline(nowMS: nowMS))
  }

  /// A worker joins. Refuses, in this order: what `validate` refuses; `banned`; `kernelMismatch`.
  package func join(_ request: JoinRequest, as worker: PublicKey) async throws -> JoinReply {
    try request.validate()
    if book.workers[worker]?.banned ?? false { throw banned(worker) }
    guard request.kernelSet == configuration.kernelSet else {
      throw Refusal(
        .kernelMismatch,
        "the worker has kernels \(request.kernelSet.short), "
          + "this farm renders with \(configuration.kernelSet.short)",
        remedy: "use a worker of the farm's version")
    }
    try commit { try store.put(worker: worker, name: request.name, banned: false) }
    workerNames[worker] = request.name
    book.workerJoined(worker, nowMS: nowMS)
    try await durable()
    return JoinReply(
      farm: farmInfo(), heartbeatMS: Limits.heartbeatMS,
      tilesVerified: treasury.books.standings[worker]?.verified ?? 0)
  }

  private func banned(_ worker: PublicKey) -> Refusal {
    Refusal(.banned, "worker \(worker.short) is banned from this farm")
  }

  /// A worker asks for work. Refuses what `validate` refuses, `notFound` for one that has not joined, and
  /// `banned`.
  package func lease(_ request: LeaseRequest, for worker: PublicKey) async throws -> LeaseReply {
    try checkRunning()
    try request.validate()
    // What could not be stored when it comes back is not given out.
    guard readiness().reasons.isEmpty else {
      return LeaseReply(lease: nil, retryAfterMS: LeaseBook.retryAfterMS.full)
    }
    switch book.request(from: worker, resident: request, nowMS: nowMS) {
    case .wait(let retryAfterMS): return LeaseReply(lease: nil, retryAfterMS: retryAfterMS)
    case .refuse(.banned): throw banned(worker)
    case .refuse(let code):
      throw Refusal(
        code, "worker \(worker.short) has not joined this farm", remedy: "POST \(Routes.workers) first")
    case .grant(let lease, let assignments):
      guard let job = jobs[lease.job], let plan = book.plans[lease.job] else {
        preconditionFailure("lease \(lease.fence) is of job \(lease.job), which is unknown")
      }
      try commit {
        try store.setCounter("next-fence", book.nextFence)
        try store.insert(lease)
        for tile in lease.outstanding.keys.sorted() { try store.put(plan, tile) }
      }
      notify(lease.job)
      try await durable()
      let signed = assignments.map { Signed($0, by: keys.coordinator) }
      return LeaseReply(
        lease: Lease(
          fence: lease.fence, job: lease.job, terms: job.terms, manifest: job.manifest, frame: lease.frame,
          assignments: signed), retryAfterMS: 0)
    }
  }

  /// A worker is alive.
  package func heartbeat(_ beat: Heartbeat, from worker: PublicKey) async throws -> HeartbeatReply {
    try checkRunning()
    let (reply, released) = book.heartbeat(from: worker, beat.kept, nowMS: nowMS)
    try persist(released)
    if !released.isEmpty { try await durable() }
    return reply
  }

  /// Time passed: ends leases of silent workers, releases holdbacks by age, ends the epoch each hour. While
  /// the disk is full it only looks whether there is room again.
  package func tick() throws {
    try recoverIfRoom()
    try checkRunning()
    try persist(book.tick(nowMS: nowMS))
    let due = treasury.books.workersDue(nowMS: nowMS).filter { !isBanned($0) }
    if !due.isEmpty {
      try commit {
        for worker in due {
          try treasury.releaseDue(of: worker, banned: isBanned, nowMS: nowMS, to: store)
        }
      }
    }
    try rotateEpochIfDue()
    try flush()
    try publishLog()
  }

  func isBanned(_ worker: PublicKey?) -> Bool { worker.flatMap { book.workers[$0]?.banned } ?? false }

  /// Operator: a key gets no more work, and its results are refused.
  package func ban(_ worker: PublicKey) async throws {
    let lost = book.workerBanned(worker, nowMS: nowMS)
    let name = workerNames[worker] ?? ""
    try commit {
      try store.put(worker: worker, name: name, banned: true)
      try write(lost)
    }
    workerNames[worker] = name
    notify(lost)
    try await durable()
  }

  /// Makes ended leases durable, and holds the jobs that cannot be finished because of them.
  private func persist(_ lost: [LostLease]) throws {
    guard !lost.isEmpty else { return }
    try commit { try write(lost) }
    notify(lost)
  }

  /// Inside a transaction.
  func write(_ lost: [LostLease]) throws {
    for lost in lost {
      try store.deleteLease(lost.lease.fence)
      guard let plan = book.plans[lost.lease.job] else { continue }
      for tile in lost.lease.outstanding.keys.sorted() { try store.put(plan, tile) }
    }
    for lost in lost {
      for (job, reason) in lost.exhausted { try hold(job, reason: reason) }
    }
  }

  func notify(_ lost: [LostLease]) {
    for job in Set(lost.map(\.lease.job)) { notify(job) }
  }
}
