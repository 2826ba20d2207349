import Coordinator
import Cryptography
import FarmProtocol
import Settlement

/// Doing what submitters want.
extension Simulation {
  /// Does a submitter's next errand, again until an answer comes.
  func runErrand(of number: Int) async throws {
    let submitter = workload.submitters[number]
    guard let (atMS, errand) = submitter.errands.first else { return }
    guard clock.nowMS >= atMS else {
      return queue.add(.errand(submitter: number), atMS: atMS)
    }
    let isLost = has(.loss) && network.happens(0.1)
    let isDone = isLost ? false : try await perform(errand, submitter.key)
    let isHeard = !(has(.loss) && network.happens(0.1))
    if isDone, isHeard { workload.finishErrand(of: number) }
    schedule(.errand(submitter: number), inMS: isDone && isHeard ? 5 : 2_000)
  }

  /// - Returns: whether it is done with; otherwise it is tried again.
  private func perform(_ errand: Workload.Errand, _ key: SigningKey) async throws -> Bool {
    switch errand {
    case .deposit(let request):
      guard case .success? = try await ask({ try await $0.deposit(request) }) else { return false }
      return true
    case .upload: return try await upload()
    case .quote(let job): return try await quote(job, key.publicKey)
    case .submit(let job): return try await submit(job, key.publicKey)
    case .pause(let job):
      let id = workload.jobs[job].terms.id
      return try await change(job) { try await $0.pause(id, by: key.publicKey) }
    case .resume(let job):
      let id = workload.jobs[job].terms.id
      return try await change(job) { try await $0.resume(id, by: key.publicKey) }
    case .cancel(let job):
      let id = workload.jobs[job].terms.id
      workload.jobs[job].isCancelled = true
      return try await change(job) { try await $0.cancel(id, by: key.publicKey) }
    }
  }

  private func upload() async throws -> Bool {
    let bytes = Workload.sceneBytes
    let outcome = try await ask { farm in
      try await farm.checkQuota()
      _ = try farm.blobs.put(bytes)
    }
    guard case .success? = outcome else { return false }
    return true
  }

  private func quote(_ number: Int, _ key: PublicKey) async throws -> Bool {
    let job = workload.jobs[number]
    let request = QuoteRequest(terms: job.terms, manifest: Workload.manifest)
    let outcome = try await ask {
      try await $0.quote(request, from: key, checkedBy: SimulatedSceneCheck()).record
    }
    switch outcome {
    case .success(let quote):
      workload.jobs[number].terms.capPerTile = quote.capPerTile
      workload.jobs[number].budget = quote.reservation
      if let frame = job.unrenderable {
        watch.unrenderable.insert(FrameOfJob(job: workload.jobs[number].terms.id, frame: frame))
      }
      return true
    case .failure(let error): return try await failed(error)
    case nil: return false
    }
  }

  private func submit(_ number: Int, _ key: PublicKey) async throws -> Bool {
    let job = workload.jobs[number]
    let worst = Pricing.worstCase(terms: job.terms, tileCount: job.terms.wholeTileCount) ?? .zero
    let request = SubmitRequest(
      terms: job.terms, manifest: Workload.manifest, budget: job.budget ?? worst,
      deadlineMS: job.deadlineMS, priority: job.priority)
    let outcome = try await ask {
      try await $0.submit(request, from: key, checkedBy: SimulatedSceneCheck())
    }
    switch outcome {
    case .success:
      workload.jobs[number].isSubmitted = true
      wakeBackground(inMS: 1)
      return true
    case .failure(let error):
      // The quote is too old by the farm's clock: its worst case, then.
      if let refusal = error as? Refusal, refusal.code == .budgetTooLow {
        workload.jobs[number].budget = worst
      }
      return try await failed(error)
    case nil: return false
    }
  }

  private func change(
    _ number: Int, _ body: @Sendable (FarmCoordinator) async throws -> JobStatus
  ) async throws -> Bool {
    guard let outcome = try await ask(body) else { return false }
    guard case .failure(let error) = outcome, let refusal = error as? Refusal else { return true }
    // Over already: nothing is left to change.
    return try refusal.code == .conflict ? true : await failed(refusal)
  }

  /// What a submitter does about a refusal: files that were thrown away are uploaded again, all else is tried
  /// again later.
  private func failed(_ error: any Error) async throws -> Bool {
    guard let refusal = error as? Refusal else { return false }
    switch refusal.code {
    case .blobMissing: _ = try await upload()
    case .busy, .budgetTooLow: break
    case .sceneInvalid: return true
    default: throw violated("a submitter is refused: \(refusal)")
    }
    return false
  }
}
