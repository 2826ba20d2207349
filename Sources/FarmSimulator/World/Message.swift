import Cryptography
import FarmProtocol
import Worker

/// What a worker asks the coordinator over the simulated network.
enum Request {
  case join(JoinRequest)
  case lease(LeaseRequest)
  case heartbeat(Heartbeat)
  /// A result, and the assignment's digest.
  case result(Digest, body: [UInt8])
  /// The files of a lease's scene.
  case files(Lease)

  /// For the trace.
  var number: UInt64 {
    switch self {
    case .join: 1
    case .lease: 2
    case .heartbeat: 3
    case .result: 4
    case .files: 5
    }
  }
}

/// A request on its way.
struct Message {
  /// The worker's place.
  let worker: Int
  let request: Request
  /// Which life of the worker waits for the answer, and under which number; nil when nobody does.
  let waiting: (life: Int, exchange: Int)?
  /// After this nobody waits any more.
  let untilMS: UInt64
}

/// What came of a request: a reply of the type that the request has, or why there is none.
typealias Outcome = Result<any Sendable, any Error>

/// No answer came.
struct LineDown: Error {}

/// What is going to happen in a simulated farm.
enum Happening {
  /// The coordinator's two loops.
  case upkeep(life: Int)
  case background(life: Int, round: Int)
  case restart
  case arrival(Message)
  case answer(worker: Int, life: Int, exchange: Int, Outcome)
  /// Time that a worker's machine waits for.
  case wake(worker: Int, life: Int)
  case loaded(worker: Int, life: Int, Lease)
  case rendered(worker: Int, life: Int, RenderOrder, startMS: UInt64)
  case revival(worker: Int)
  case errand(submitter: Int)
  /// The next of the seeded faults.
  case mishap
  case verifierBack
  /// The operator has had enough of a worker.
  case ban(worker: Int)
  case diskHasRoom
  case check
  /// No more faults from here on.
  case calm

  /// For the trace.
  var number: UInt64 {
    switch self {
    case .upkeep: 1
    case .background: 2
    case .restart: 3
    case .arrival(let message): 0x1000 | message.request.number << 4 | UInt64(message.worker) << 16
    case .answer(let worker, _, _, _): 5 | UInt64(worker) << 16
    case .wake(let worker, _): 6 | UInt64(worker) << 16
    case .loaded(let worker, _, _): 7 | UInt64(worker) << 16
    case .rendered(let worker, _, _, _): 8 | UInt64(worker) << 16
    case .revival(let worker): 9 | UInt64(worker) << 16
    case .errand(let submitter): 10 | UInt64(submitter) << 16
    case .mishap: 11
    case .verifierBack: 12
    case .diskHasRoom: 13
    case .check: 14
    case .calm: 15
    case .ban(let worker): 16 | UInt64(worker) << 16
    }
  }

  /// Whether it may happen while the coordinator waits for its verifier: everything but what its one
  /// background loop does, its end and its next start.
  var mayInterrupt: Bool {
    switch self {
    case .background, .restart, .mishap, .check, .calm: false
    default: true
    }
  }
}
