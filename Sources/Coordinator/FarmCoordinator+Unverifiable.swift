import Cryptography
import FarmProtocol
import Settlement

/// Frames that the farm cannot check: they must not let their tiles wait for ever, nor those behind them.
extension FarmCoordinator {
  /// The tile's frame could not be judged. Throws the error when the verifier itself is not well: then
  /// nothing can be said about the frame. Else the frame waits a little, and after some tries its job is
  /// stopped.
  func notChecked(
    _ id: JobID, _ tile: TileIndex, because error: any Error, by verifier: any ProbeRendering
  ) async throws {
    guard fault == nil, let plan = book.plans[id] else { throw error }
    _ = try await verifier.kernelSet()
    let frame = FrameOfJob(job: id, frame: plan.frame(of: tile))
    if unready.failed(frame, nowMS: nowMS) { try await giveUp(frame, because: error) }
  }

  /// Voids the frame's returned tiles as nobody's fault, and stops the job with the reason.
  private func giveUp(_ frame: FrameOfJob, because error: any Error) async throws {
    guard let job = jobs[frame.job], let plan = book.plans[frame.job] else { return }
    let waiting = try plan.pending.filter { plan.frame(of: $0.key) == frame.frame }
      .sorted { $0.key < $1.key }.map { try challenge($0.key, $0.value) }
    let probes = try await draw(waiting, terms: job.terms)
    let reason = "the farm cannot render frame \(frame.frame) to check it: \(error)"
    try commit {
      for (tile, probe) in zip(waiting, probes) {
        // Nothing else ends a pending tile, but this actor was elsewhere meanwhile.
        guard book.plans[frame.job]?.pending[tile.tile] == tile.pending else { continue }
        let void = Judgement.unverifiable(probe, why: reason, by: keys.verifier)
        try treasury.void(void, nowMS: nowMS, to: store)
        book.unverifiable(tile.tile, of: frame.job)
        try write(tile.tile, of: frame.job)
      }
      fund(frame.job)
      try end(frame.job, as: .failed, reason: reason)
      // One that was over before waited for these tiles only.
      try close(frame.job)
    }
    notify(frame.job)
  }
}
