import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Worker

/// Between workers and coordinator.
extension Simulation {
  /// How long a worker waits for an answer.
  private static let patienceMS: UInt64 = 10_000

  /// Sends a request; exactly one answer comes, be it that there is none.
  func send(_ request: Request, from worker: SimulatedWorker) {
    exchanges += 1
    worker.open[exchanges] = request
    let waiting = (life: worker.life, exchange: exchanges)
    let untilMS = clock.nowMS + Simulation.patienceMS
    if case .result(_, let body) = request { overhear(body) }
    let delayMS = latency()
    if loses(worker) || delayMS > Simulation.patienceMS {
      schedule(
        .answer(worker: worker.place, life: waiting.life, exchange: waiting.exchange, .failure(LineDown())),
        inMS: Simulation.patienceMS)
    } else {
      let message = Message(worker: worker.place, request: request, waiting: waiting, untilMS: untilMS)
      schedule(.arrival(message), inMS: delayMS)
    }
    let copy = Message(worker: worker.place, request: request, waiting: nil, untilMS: untilMS)
    // Too late for anybody to wait, yet it comes.
    if delayMS > Simulation.patienceMS { schedule(.arrival(copy), inMS: delayMS) }
    if has(.duplication), network.happens(0.05) {
      schedule(.arrival(copy), inMS: network.between(1, 60_000))
    }
  }

  func has(_ fault: Fault) -> Bool { !isCalm && scenario.faults.contains(fault) }

  private func loses(_ worker: SimulatedWorker) -> Bool {
    worker.cutUntilMS > clock.nowMS || (has(.loss) && network.happens(0.05))
  }

  private func latency() -> UInt64 {
    guard has(.delay), network.happens(0.15) else { return network.between(1, 30) }
    return network.happens(0.1) ? network.between(5_000, 60_000) : network.between(50, 3_000)
  }

  /// Keeps a few results that went by.
  private func overhear(_ body: [UInt8]) {
    guard scenario.cheats.contains(.stolen) else { return }
    if overheard.count >= 8 { overheard.removeFirst() }
    overheard.append(body)
  }

  /// A request reaches the coordinator's machine.
  func arrive(_ message: Message) async throws {
    let worker = workers[message.worker]
    guard let outcome = try await serve(message, of: worker) else {
      return reply(.failure(LineDown()), to: message, afterMS: latency())
    }
    fold(outcome)
    if loses(worker) {
      let leftMS = message.untilMS - min(message.untilMS, clock.nowMS)
      return reply(.failure(LineDown()), to: message, afterMS: leftMS)
    }
    reply(outcome, to: message, afterMS: latency())
  }

  private func reply(_ outcome: Outcome, to message: Message, afterMS delayMS: UInt64) {
    guard let (life, exchange) = message.waiting else { return }
    let isLate = clock.nowMS + delayMS > message.untilMS
    let answer = Happening.answer(
      worker: message.worker, life: life, exchange: exchange, isLate ? .failure(LineDown()) : outcome)
    queue.add(answer, atMS: max(clock.nowMS, min(clock.nowMS + delayMS, message.untilMS)))
  }

  /// What the coordinator says; nil when there is none or it comes to its end.
  private func serve(_ message: Message, of worker: SimulatedWorker) async throws -> Outcome? {
    let key = worker.key.publicKey
    switch message.request {
    case .join(let request):
      let request = try asRead(request)
      return try await ask { try await $0.join(request, as: key) }.map(carried)
    case .lease(let request):
      let request = try asRead(request)
      let outcome = try await ask { try await $0.lease(request, for: key) }
      if case .success(let reply)? = outcome, let lease = reply.lease { try await granted(lease, to: worker) }
      return outcome.map(carried)
    case .heartbeat(let beat):
      let beat = try asRead(beat)
      return try await ask { try await $0.heartbeat(beat, from: key) }.map(carried)
    case .result(let id, let body): return try await deliver(body, id, from: worker)
    case .files(let lease):
      let digests = lease.manifest.files.map(\.digest)
      let outcome = try await ask { farm in
        try digests.map { digest in
          guard let bytes = try farm.blobs.get(digest) else {
            throw Refusal(.blobMissing, "the farm has no blob \(digest.short)")
          }
          return bytes
        }
      }
      return outcome.map { $0.map { $0 as any Sendable } }
    }
  }

  /// A request as it comes out of its text at the other end.
  private func asRead<T: Codable>(_ message: T) throws -> T {
    do { return try WireJSON.decode(from: WireJSON.encode(message)) } catch { throw violated("\(error)") }
  }

  private func deliver(_ body: [UInt8], _ id: Digest, from worker: SimulatedWorker) async throws -> Outcome? {
    let key = worker.key.publicKey
    if worker.cheat == .stolen, !isCalm, let loot = overheard.first { try await steal(loot, worker) }
    guard let outcome = try await ask({ try await $0.accept(body, from: key) }) else { return nil }
    switch outcome {
    case .success(let receipt):
      wakeBackground(inMS: 1)
      let commitment = try ResultEnvelope(decoding: body).commitment.record.digest
      if let what = watch.acknowledged(commitment, receipt) { throw violated(what) }
    case .failure(let error): try checkRefusal(error, of: worker)
    }
    return carried(outcome)
  }

  /// Of an honest worker's result only what time brings about is refused.
  private func checkRefusal(_ error: any Error, of worker: SimulatedWorker) throws {
    guard worker.isHonest, let refusal = error as? Refusal else { return }
    switch refusal.code {
    case .staleLease, .conflict, .notFound, .busy: tally.lateResults += 1
    default: throw violated("an honest worker's result is refused: \(refusal)")
    }
  }

  /// Sends what another worker made as its own.
  private func steal(_ loot: [UInt8], _ worker: SimulatedWorker) async throws {
    let key = worker.key.publicKey
    let envelope = try ResultEnvelope(decoding: loot)
    guard envelope.assignment.worker != key else { return }
    let forged = ResultEnvelope(
      assignment: envelope.assignment, commitment: Signed(envelope.commitment.record, by: worker.key),
      fragment: envelope.fragment)
    for body in [loot, forged.encoded()] {
      guard let outcome = try await ask({ try await $0.accept(body, from: key) }) else { return }
      // The first may be known already: its receipt says nothing that the log does not.
      if case .success(let receipt) = outcome, !receipt.alreadyAccepted {
        throw violated("worker \(worker.place) delivered another worker's result as its own")
      }
    }
  }
}

/// A reply as it comes out of its text at the other end.
private func carried<T: Codable & Sendable>(_ outcome: Result<T, any Error>) -> Outcome {
  outcome.flatMap { reply in
    Result { try WireJSON.decode(T.self, from: WireJSON.encode(reply)) as any Sendable }
  }
}
