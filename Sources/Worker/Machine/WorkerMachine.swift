import Cryptography
import FarmProtocol
import Settlement

/// What a worker does next, decided without doing it.
///
/// Every event first changes what is known; then everything that can be started is started. So no order of
/// events needs a case of its own: whatever arrives, the same look at the whole decides.
package struct WorkerMachine: Sendable {
  /// What can be chosen about a worker.
  package struct Settings: Hashable, Sendable {
    /// Finish after that many tiles.
    package var drainAfterTiles: Int?
    /// Most memory that the renderer may take, bytes; nil for any.
    package var memoryBytesMax: UInt64?
    /// Least price of a ray to work for; nil for any.
    package var pricePerRayMin: Microcredits?
    /// Seed of the waits' jitter.
    package var seed: UInt64
    package var network: BackoffPolicy
    package var renderer: BackoffPolicy
    package init(
      drainAfterTiles: Int? = nil, seed: UInt64, network: BackoffPolicy = .network,
      renderer: BackoffPolicy = .renderer
    ) {
      self.drainAfterTiles = drainAfterTiles
      self.seed = seed
      self.network = network
      self.renderer = renderer
    }
  }

  /// Where a worker stands, in one word.
  package enum Status: String, Hashable, Sendable {
    case joining, idle, fetching, rendering, uploading, resting, draining, stopped
  }

  let settings: Settings
  var isStarted = false
  var isDraining = false
  var isStopped = false
  /// Takes no work for now; a tile in work may go on until `restGraceEndsMS`.
  var isResting = false
  var restGraceEndsMS: UInt64 = 0
  /// Whether the renderer may hold device memory.
  var holdsDevice = true
  /// The renderer is being ended.
  var isLeavingDevice = false
  /// Whether the farm knows this worker.
  var isJoined = false
  /// Whether the last request to the farm went unanswered.
  var isAway = false
  var heartbeatMS = Limits.heartbeatMS
  /// The lease being rendered, and the one prepared meanwhile.
  var current: HeldLease?
  var next: HeldLease?
  var resident: Resident?
  /// Finished results, oldest first.
  var outbox: [OutboxEntry] = []
  /// Those of them on their way.
  var delivering: Set<Digest> = []
  /// Leases to give back, once no result under them waits.
  var releasing: Set<UInt64> = []
  /// Why some of them could not be done here.
  package internal(set) var failures: [UInt64: String] = [:]
  /// Releases that a heartbeat on its way names.
  var releasesSent: Set<UInt64> = []
  var tilesRendered = 0
  /// Tiles that the worker's other devices rendered.
  var renderedElsewhere = 0
  /// What is said of the device with each request for a lease.
  var offer: WorkerOffer?
  var join, leasing, delivery, heartbeat, renderer: Attempt
  /// Work that could not be done here: the wait before the next lease, until a tile is rendered again.
  var trouble: Attempt
  var fetchSeeds: SplitMix64

  /// A worker that has not started.
  package init(_ settings: Settings) {
    self.settings = settings
    var seeds = SplitMix64(seed: settings.seed)
    join = Attempt(settings.network, seed: seeds.next())
    leasing = Attempt(settings.network, seed: seeds.next())
    delivery = Attempt(settings.network, seed: seeds.next())
    heartbeat = Attempt(settings.network, seed: seeds.next())
    renderer = Attempt(settings.renderer, seed: seeds.next())
    trouble = Attempt(settings.renderer, seed: seeds.next())
    fetchSeeds = seeds
  }

  /// Takes in what happened at `nowMS` (any clock that does not run backwards) and says what to do, in order.
  package mutating func handle(_ event: WorkerEvent, nowMS: UInt64) -> [WorkerAction] {
    // What ends after the end needs nothing: a result sealed meanwhile stays in the outbox, as it should.
    guard !isStopped else { return [] }
    var actions: [WorkerAction] = []
    take(event, nowMS: nowMS, into: &actions)
    guard !isStopped else { return actions }
    advance(nowMS: nowMS, into: &actions)
    return actions
  }

  /// Where it stands.
  package var status: Status {
    if isStopped { return .stopped }
    if isDraining { return .draining }
    if isResting { return .resting }
    if current?.isRendering == true { return .rendering }
    if current != nil { return .fetching }
    if !isJoined { return .joining }
    return outbox.isEmpty ? .idle : .uploading
  }

  /// When `tick` is due: nothing can be started before, unless something happens.
  package var wakeMS: UInt64? {
    guard isStarted, !isStopped else { return nil }
    var times: [UInt64] = []
    func add(_ attempt: Attempt, if isWanted: Bool, notBeforeMS: UInt64 = 0) {
      if isWanted, !attempt.isInFlight { times.append(max(attempt.notBeforeMS, notBeforeMS)) }
    }
    add(join, if: wantsJoin)
    add(delivery, if: wantsDelivery)
    add(leasing, if: wantsLease, notBeforeMS: trouble.notBeforeMS)
    add(heartbeat, if: wantsHeartbeat)
    add(renderer, if: wantsRenderer)
    for held in [current, next].compactMap({ $0 }) { add(held.fetch, if: held.stage == .leased) }
    if isResting, holdsDevice, renderer.isInFlight { times.append(restGraceEndsMS) }
    return times.min()
  }
}
