import Cryptography

/// One entry of the public log: what happened, when. Everything the farm owes follows from these.
public struct LogEntry: Hashable, Sendable, Codable {
  /// What happened.
  public enum Body: Hashable, Sendable, Codable {
    /// From here on probes may be drawn from a secret that has this SHA-256.
    case epochOpened(epoch: UInt64, secretDigest: Digest)
    /// The secret (32 bytes): no later commitment is probed with it, and everyone can redraw the probes.
    case epochClosed(epoch: UInt64, secret: [UInt8])
    /// A job was accepted.
    case job(JobTerms)
    /// Money moved.
    case transfer(Transfer)
    /// A worker committed to a tile.
    case commitment(Assignment, Signed<Commitment>)
    /// A verifier judged a commitment.
    case verdict(Signed<Verdict>)
  }

  /// Most canonical bytes of an entry: its length is a u16 in the log's bundles.
  public static let bytesMax = 65_535
  /// Bytes of an epoch's secret.
  public static let secretByteCount = 32

  /// Milliseconds since 1970 by the coordinator's clock; never less than the entry before.
  public var timeMS: UInt64
  /// What happened.
  public var body: Body

  /// Both fields.
  public init(timeMS: UInt64, body: Body) {
    self.timeMS = timeMS
    self.body = body
  }

  /// The leaf hash under which the log has it.
  public var leafHash: Digest { MerkleTree.leafHash(canonicalBytes) }
}

extension LogEntry: CanonicalRecord {
  /// The type in the domain line of its canonical bytes.
  public static let canonicalType = "entry"

  /// Appends every field in order.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(timeMS)
    switch body {
    case .epochOpened(let epoch, let secretDigest):
      writer.write(UInt8(0))
      writer.write(epoch)
      writer.write(secretDigest)
    case .epochClosed(let epoch, let secret):
      writer.write(UInt8(1))
      writer.write(epoch)
      writer.write(counted: secret)
    case .job(let terms):
      writer.write(UInt8(2))
      terms.encode(into: &writer)
    case .transfer(let transfer):
      writer.write(UInt8(3))
      transfer.encode(into: &writer)
    case .commitment(let assignment, let commitment):
      writer.write(UInt8(4))
      assignment.encode(into: &writer)
      commitment.record.encode(into: &writer)
      writer.write(commitment.signature)
    case .verdict(let verdict):
      writer.write(UInt8(5))
      verdict.record.encode(into: &writer)
      writer.write(verdict.signature)
    }
  }

  /// Reads every field in order.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    timeMS = try reader.read()
    let tag: UInt8 = try reader.read()
    switch tag {
    case 0: body = .epochOpened(epoch: try reader.read(), secretDigest: try reader.readDigest())
    case 1:
      let epoch: UInt64 = try reader.read()
      let secret = try reader.readCounted()
      guard secret.count == LogEntry.secretByteCount else { throw .invalid(field: "epoch secret") }
      body = .epochClosed(epoch: epoch, secret: secret)
    case 2: body = .job(try JobTerms(from: &reader))
    case 3: body = .transfer(try Transfer(from: &reader))
    case 4:
      let assignment = try Assignment(from: &reader)
      let record = try Commitment(from: &reader)
      body = .commitment(assignment, Signed(record: record, signature: try reader.readSignature()))
    case 5:
      let record = try Verdict(from: &reader)
      body = .verdict(Signed(record: record, signature: try reader.readSignature()))
    default: throw .invalid(field: "entry kind")
    }
  }
}
