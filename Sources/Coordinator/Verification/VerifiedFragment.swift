import Cryptography
import FarmProtocol
import Imaging
import Settlement

/// A tile whose probed pixels were rendered again and have the committed bits. Only this file makes one: by
/// comparing bits, or from a stored verdict that says they were equal. Payment and frames take nothing else.
package struct VerifiedFragment: Sendable {
  package let claim: CheckedResult
  package let verdict: Signed<Verdict>

  fileprivate init(claim: CheckedResult, verdict: Signed<Verdict>) {
    self.claim = claim
    self.verdict = verdict
  }

  /// Reads back a tile that was verified before: the verdict must be the verifier's, equal, and about exactly
  /// these bytes.
  package static func reload(
    _ claim: CheckedResult, verdict: Signed<Verdict>, verifier: PublicKey
  ) throws -> VerifiedFragment {
    guard verdict.record.verifier == verifier, verdict.isSigned(by: verifier) else {
      throw StoreDamage("the verdict on commitment \(claim.digest.short) is not signed by \(verifier.short)")
    }
    guard verdict.record.commitment == claim.digest, verdict.record.outcome == .equal else {
      throw StoreDamage("the verdict on commitment \(claim.digest.short) does not find it equal")
    }
    return VerifiedFragment(claim: claim, verdict: verdict)
  }
}

/// A tile with a probed pixel of other bits, rendered from another device scene, or not to be checked.
package struct RefutedFragment: Sendable {
  package let claim: CheckedResult
  package let verdict: Signed<Verdict>
  /// What differs, for people.
  package let why: String

  fileprivate init(claim: CheckedResult, verdict: Signed<Verdict>, why: String) {
    self.claim = claim
    self.verdict = verdict
    self.why = why
  }
}

/// What a comparison gave.
package enum Judgement: Sendable {
  case equal(VerifiedFragment)
  case mismatch(RefutedFragment)

  /// Compares what a verifier saw, blind, with what was committed to, and signs the outcome with its key.
  /// `observed` has one record for each probed pixel, in order.
  package static func judge(
    _ probes: TileProbes, observed: [PixelRecord], deviceScene: Digest, by key: SigningKey
  ) -> Judgement {
    precondition(
      observed.count == probes.pixels.count, "\(observed.count) records for \(probes.pixels.count) probes")
    let claim = probes.claim
    let why = difference(probes, observed, deviceScene)
    let verdict = Signed(
      Verdict(
        commitment: claim.digest, epoch: probes.epoch, workProbes: UInt32(probes.workProbes),
        observed: Challenge.observed(observed), work: observed.reduce(0) { $0 + UInt64($1.work) },
        verifier: key.publicKey, outcome: why == nil ? .equal : .mismatch), by: key)
    if let why { return .mismatch(RefutedFragment(claim: claim, verdict: verdict, why: why)) }
    return .equal(VerifiedFragment(claim: claim, verdict: verdict))
  }

  /// The farm cannot render the pixels: void, for a reason that is not the worker's.
  package static func unverifiable(_ probes: TileProbes, why: String, by key: SigningKey) -> RefutedFragment {
    let verdict = Signed(
      Verdict(
        commitment: probes.claim.digest, epoch: probes.epoch, workProbes: UInt32(probes.workProbes),
        observed: Challenge.observed([]), work: 0, verifier: key.publicKey, outcome: .unverifiable), by: key)
    return RefutedFragment(claim: probes.claim, verdict: verdict, why: why)
  }

  private static func difference(
    _ probes: TileProbes, _ observed: [PixelRecord], _ deviceScene: Digest
  ) -> String? {
    let claimed = probes.claim.commitment.record.deviceScene
    guard claimed == deviceScene else {
      return "rendered from device scene \(claimed.short), the verifier prepared \(deviceScene.short)"
    }
    for (pixel, record) in zip(probes.pixels, observed) {
      let committed = probes.claim.content.record(atPixel: pixel)
      guard committed != record else { continue }
      return "pixel \(pixel) is committed as \(colour(committed)) with \(committed.work) rays, "
        + "the verifier found \(colour(record)) with \(record.work)"
        + (committed.layers == record.layers ? "" : ", and other layers")
    }
    return nil
  }

  private static func colour(_ record: PixelRecord) -> String {
    record.sums.isEmpty ? "\(record.rgbaHalfBits)" : "sums \(record.sums.prefix(4))"
  }
}
