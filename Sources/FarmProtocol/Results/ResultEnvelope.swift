import Cryptography
import Settlement

/// The body of `POST /v1/results`: one rendered tile with what binds its worker to it.
///
/// Layout, big-endian: the domain line `farm/result/v1\n`; the assignment, the commitment (each a u32 count
/// and that many canonical bytes); the worker's signature over the commitment's canonical bytes (64 bytes);
/// the fragment (a u32 count and its compressed bytes). Nothing may follow.
public struct ResultEnvelope: Hashable, Sendable {
  /// Content type of the body.
  public static let contentType = "application/vnd.farm.result"

  /// What the coordinator gave out.
  public var assignment: Assignment
  /// What the worker commits to, signed by it.
  public var commitment: Signed<Commitment>
  /// The compressed fragment; its SHA-256 is `commitment.record.fragment`.
  public var fragment: [UInt8]

  /// All fields.
  public init(assignment: Assignment, commitment: Signed<Commitment>, fragment: [UInt8]) {
    self.assignment = assignment
    self.commitment = commitment
    self.fragment = fragment
  }

  /// The body's bytes.
  public func encoded() -> [UInt8] {
    var writer = CanonicalWriter(type: "result")
    writer.write(counted: assignment.canonicalBytes)
    writer.write(counted: commitment.record.canonicalBytes)
    writer.write(commitment.signature)
    writer.write(counted: fragment)
    return writer.bytes
  }

  /// Reads a body. Refuses `tooLarge` beyond `Limits.resultBytesMax` and `badRequest`, naming the field, for
  /// bytes that are no envelope. Then, as `commitmentMismatch`, an envelope that contradicts itself: a
  /// commitment to another assignment or fragment; and as `wrongSignature` one that the assignment's worker
  /// did not sign.
  public init(decoding bytes: [UInt8]) throws(Refusal) {
    guard bytes.count <= Limits.resultBytesMax else {
      throw .init(
        .tooLarge, "the result has \(bytes.count) bytes, at most \(Limits.resultBytesMax) are allowed")
    }
    var place = "the first line"
    do throws(CanonicalError) {
      var reader = try CanonicalReader(bytes, type: "result")
      place = "the assignment"
      assignment = try Assignment(canonicalBytes: try reader.readCounted())
      place = "the commitment"
      let record = try Commitment(canonicalBytes: try reader.readCounted())
      place = "the signature"
      commitment = Signed(record: record, signature: try reader.readSignature())
      place = "the fragment"
      fragment = try reader.readCounted()
      place = "the end"
      try reader.finish()
    } catch {
      throw .init(.badRequest, "the result is malformed at \(place): \(error)")
    }
    guard fragment.count <= Limits.fragmentBytesMax else {
      throw .init(
        .tooLarge, "the fragment has \(fragment.count) bytes, at most \(Limits.fragmentBytesMax) are allowed")
    }
    try checkBinding()
  }

  private func checkBinding() throws(Refusal) {
    let record = commitment.record
    guard record.assignment == assignment.digest else {
      throw .init(
        .commitmentMismatch,
        "the commitment is to assignment \(record.assignment.short), the result of \(assignment.digest.short)"
      )
    }
    let digest = Digest(of: fragment)
    guard record.fragment == digest else {
      throw .init(
        .commitmentMismatch,
        "the commitment is to fragment \(record.fragment.short), the result carries \(digest.short)")
    }
    guard commitment.isSigned(by: assignment.worker) else {
      throw .init(
        .wrongSignature, "the commitment is not signed by the assignment's worker \(assignment.worker.short)")
    }
  }
}
