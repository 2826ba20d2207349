import Cryptography
import FarmProtocol
import Settlement

/// What submitters want of a farm, from a seed.
struct Workload {
  /// One thing that a submitter does; all may be repeated when no answer comes.
  enum Errand {
    case deposit(DepositRequest)
    case upload
    /// Asks for a quote, and submits under what it says from then on.
    case quote(job: Int)
    case submit(job: Int)
    case pause(job: Int)
    case resume(job: Int)
    case cancel(job: Int)
  }

  struct Job {
    var terms: JobTerms
    let submitter: Int
    /// What is reserved; nil for the worst case.
    var budget: Microcredits?
    let deadlineMS: UInt64?
    let priority: Int?
    /// A frame that the verifier can never render.
    let unrenderable: UInt32?
    var isSubmitted = false
    var isCancelled = false
  }

  struct Submitter {
    let key: SigningKey
    /// In this order, each not before its time.
    var errands: [(atMS: UInt64, Errand)]
  }

  /// Most that a job pays, microcredits.
  static let pricePerRayMax = 5
  static let sceneBytes = Array("a simulated scene".utf8)
  static let manifest = BundleManifest(files: [
    .init(path: "scene.gltf", digest: Digest(of: sceneBytes), bytes: UInt64(sceneBytes.count))
  ])

  private(set) var submitters: [Submitter] = []
  var jobs: [Job] = []

  init(_ scenario: Scenario, startMS: UInt64, spanMS: UInt64) {
    var random = Chance(seed: scenario.seed, stream: 3)
    let count = random.between(1, 4)
    let jobCount = max(count, random.between(1, 6))
    for _ in 0..<count {
      guard let key = SigningKey(seed: random.bytes(32)) else { preconditionFailure("no key of 32 bytes") }
      let deposit = DepositRequest(
        account: key.publicKey, amount: Microcredits(1 << 50), reference: Digest(of: random.bytes(8)))
      submitters.append(
        Submitter(key: key, errands: [(startMS, .deposit(deposit)), (startMS, .upload)]))
    }
    for number in 0..<jobCount {
      let submitter = number % count
      let job = Workload.job(
        of: submitter, submitters[submitter].key.publicKey, tiles: max(1, scenario.tiles / jobCount),
        scenario,
        startMS: startMS, &random)
      jobs.append(job)
      addErrands(of: number, startMS: startMS, spanMS: spanMS, &random)
    }
    for number in submitters.indices { submitters[number].errands.sort { $0.atMS < $1.atMS } }
  }

  private static func job(
    of submitter: Int, _ key: PublicKey, tiles: Int, _ scenario: Scenario, startMS: UInt64,
    _ random: inout Chance
  ) -> Job {
    let frames = max(min(tiles, random.between(1, 4)), tiles / 2_000)
    let columns = min(1_000, max(1, tiles / frames))
    let rows = max(1, tiles / frames / columns)
    // A last tile that is cut, sometimes.
    let cut = random.happens(0.3) ? 4 : 0
    let samples = random.between(1, 8)
    // Some in passes, of one sample or more each.
    let passes: [UInt32]? = samples > 1 && random.happens(0.4) ? split(samples, &random) : nil
    let terms = JobTerms(
      bundle: manifest.digest, sceneFile: "scene.gltf", kernelSet: SimulatedWorker.kernelSet,
      widthPX: UInt32(8 * columns - cut), heightPX: UInt32(8 * rows), tileSidePX: 8,
      samplesPerPixel: UInt32(samples), maxDepth: UInt32(random.between(1, 4)),
      background: .environment, camera: "", environmentFile: "", environmentStrength: nil,
      environmentRotationDeg: 0, firstFrame: 3, lastFrame: UInt32(2 + frames), framesPerSecond: 24,
      pricePerRay: Microcredits(Int64(random.between(1, Workload.pricePerRayMax))),
      // Free, capped below what most tiles cost, or never capped.
      capPerTile: Microcredits(random.pick([0, 200, 1_000_000, 1_000_000, 1_000_000])), submitter: key,
      nonce: Digest(of: random.bytes(8)), passes: passes)
    let hasDeadline = random.happens(0.3)
    let isPoisoned = scenario.faults.contains(.verifier) && random.happens(0.15)
    return Job(
      terms: terms, submitter: submitter, budget: nil,
      deadlineMS: hasDeadline ? startMS + random.between(5_000, 600_000) as UInt64 : nil,
      priority: random.happens(0.5) ? random.between(0, 9) : nil,
      unrenderable: isPoisoned ? 3 : nil)
  }

  /// Two passes or more.
  private static func split(_ samples: Int, _ random: inout Chance) -> [UInt32] {
    let first = random.between(1, samples - 1)
    let rest = samples - first
    guard rest > 1, random.happens(0.5) else { return [UInt32(first), UInt32(rest)] }
    let second = random.between(1, rest - 1)
    return [first, second, rest - second].map(UInt32.init)
  }

  private mutating func addErrands(
    of job: Int, startMS: UInt64, spanMS: UInt64, _ random: inout Chance
  ) {
    let submitter = jobs[job].submitter
    var atMS = startMS + (random.between(0, spanMS / 2) as UInt64)
    func add(_ errand: Errand) { submitters[submitter].errands.append((atMS, errand)) }
    if random.happens(0.3) { add(.quote(job: job)) }
    atMS += 1
    add(.submit(job: job))
    if random.happens(0.3) {
      atMS += random.between(1_000, 60_000) as UInt64
      add(.pause(job: job))
      atMS += random.between(1_000, 60_000) as UInt64
      add(.resume(job: job))
    }
    if random.happens(0.15) {
      atMS += random.between(1_000, 60_000) as UInt64
      add(.cancel(job: job))
    }
  }
}

extension Workload {
  mutating func finishErrand(of submitter: Int) {
    submitters[submitter].errands.removeFirst()
  }

  /// Whether all was handed in, and everybody is content to wait.
  var isHandedIn: Bool { submitters.allSatisfy(\.errands.isEmpty) }
}
