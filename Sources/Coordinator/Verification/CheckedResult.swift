import Cryptography
import FarmProtocol
import Imaging
import Settlement

/// A returned tile that is what it says it is: signed, whole, in its place, its root and work recomputed over
/// all pixels. Whether its pixels are right is not known yet. Only `check` makes one.
package struct CheckedResult: Sendable, Equatable {
  package let assignment: Assignment
  package let commitment: Signed<Commitment>
  package let terms: JobTerms
  package let content: TileContent
  /// SHA-256 of the commitment's canonical bytes.
  package let digest: Digest

  /// Checks a result against the job's terms. The assignment must be known to be of that job and its tile to
  /// exist; whether it is current is the lease book's to say.
  ///
  /// In this order: `wrongSignature`; `commitmentMismatch` to assignment or fragment; `fragmentInvalid` for
  /// bytes that are no fragment, and for a header or rectangle of another tile; `fragmentInvalid` for work
  /// beyond what the terms allow; `commitmentMismatch` in pixel count, work or root.
  package static func check(
    assignment: Assignment, commitment: Signed<Commitment>, fragmentBytes: [UInt8], terms: JobTerms
  ) throws(Refusal) -> CheckedResult {
    let record = commitment.record
    guard commitment.isSigned(by: assignment.worker) else {
      throw Refusal(.wrongSignature, "the commitment is not signed by worker \(assignment.worker.short)")
    }
    try equal("assignment", record.assignment, assignment.digest)
    try equal("fragment", record.fragment, Digest(of: fragmentBytes))
    let place = terms.tile(assignment.tile)
    let content = try decode(fragmentBytes, for: assignment, at: place, terms: terms)
    try checkWork(content, terms, samples: terms.samples(ofPass: place.pass).count)
    guard Int(record.pixelCount) == content.rect.pixelCount else {
      throw Refusal(
        .commitmentMismatch,
        "the commitment is to \(record.pixelCount) pixels, the tile has \(content.rect.pixelCount)")
    }
    guard record.work == content.totalWork else {
      throw Refusal(
        .commitmentMismatch, "the commitment is to \(record.work) rays, the pixels have \(content.totalWork)"
      )
    }
    try equal("pixel root", record.root, content.commitmentRoot())
    return CheckedResult(
      assignment: assignment, commitment: commitment, terms: terms, content: content, digest: record.digest)
  }

  private init(
    assignment: Assignment, commitment: Signed<Commitment>, terms: JobTerms, content: TileContent,
    digest: Digest
  ) {
    self.assignment = assignment
    self.commitment = commitment
    self.terms = terms
    self.content = content
    self.digest = digest
  }

  /// Its pay, pending; nil for a tile that costs nothing.
  package var hold: Transfer? { Transfer.hold(terms, assignment, work: commitment.record.work) }

  private static func equal(_ what: String, _ claimed: Digest, _ found: Digest) throws(Refusal) {
    guard claimed == found else {
      throw Refusal(
        .commitmentMismatch, "the commitment is to \(what) \(claimed.short), the result has \(found.short)")
    }
  }

  private static func decode(
    _ bytes: [UInt8], for assignment: Assignment, at place: TilePlace, terms: JobTerms
  ) throws(Refusal) -> TileContent {
    let header: FragmentHeader
    let content: TileContent
    let samples = terms.passes == nil ? nil : terms.samples(ofPass: place.pass)
    do throws(ImagingError) {
      (header, content) = try FragmentCodec.decode(bytes, pass: samples, layers: terms.layers)
    } catch {
      throw Refusal(.fragmentInvalid, "the fragment cannot be decoded: \(error)")
    }
    let expected = FragmentHeader(
      job: assignment.job.digest.bytes, tile: assignment.tile.value, attempt: assignment.attempt)
    guard header == expected else {
      throw Refusal(
        .fragmentInvalid,
        "the fragment is of tile \(header.tile), attempt \(header.attempt), job \(header.job.hex.prefix(12))",
        remedy: "send tile \(expected.tile), attempt \(expected.attempt), job \(expected.job.hex.prefix(12))")
    }
    guard content.rect == place.rect else {
      throw Refusal(.fragmentInvalid, "the fragment covers \(content.rect), the tile is \(place.rect)")
    }
    return content
  }

  private static func checkWork(
    _ content: TileContent, _ terms: JobTerms, samples: Int
  ) throws(Refusal) {
    let bound = Pricing.workBound(terms: terms, pixelCount: 1, samples: samples)
    let work = content.work
    guard let pixel = work.firstIndex(where: { UInt64($0) > bound }) else { return }
    throw Refusal(
      .fragmentInvalid,
      "pixel \(pixel) claims \(work[pixel]) rays, the job's terms allow at most \(bound)")
  }
}
