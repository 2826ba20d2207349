import Cryptography

/// One movement of money, from `debit` to `credit`. Immutable; its name comes from its cause, so that the
/// same event can move money once only.
public struct Transfer: Hashable, Sendable, Codable {
  /// When the money moves.
  public enum Kind: Hashable, Sendable, Codable {
    /// Now.
    case immediate
    /// When it is posted; until then it counts against the debited account's limit.
    case pending
    /// Moves the pending transfer's money, or a part of it; the rest is free again.
    case post(pending: Digest)
    /// Frees the pending transfer's money.
    case void(pending: Digest)
  }

  /// What happened that money moves.
  public enum Cause: Hashable, Sendable, Codable {
    /// Money came in from outside.
    case deposit(reference: Digest)
    /// A job was accepted.
    case reserve(JobID)
    /// A tile was committed to (pending), found right (post) or wrong (void).
    case tile(JobID, TileIndex, attempt: UInt32)
    /// A tile was verified and the checking is paid.
    case verification(JobID, TileIndex, attempt: UInt32)
    /// A tile's pay is no longer held back.
    case holdbackRelease(JobID, TileIndex)
    /// A job ended; what it did not spend returns.
    case refund(JobID)
  }

  /// Which of the movements that one cause may have.
  public enum Rule: UInt8, Hashable, Sendable, Codable, CaseIterable {
    case deposit = 0
    case reserve = 1
    case hold = 2
    case pay = 3
    case void = 4
    case verifierFee = 5
    case coordinatorFee = 6
    case release = 7
    case refund = 8
  }

  /// `Transfer.id(cause, rule)`.
  public let id: Digest
  /// Who gives.
  public let debit: AccountID
  /// Who gets.
  public let credit: AccountID
  /// How much; positive in every accepted transfer.
  public let amount: Microcredits
  /// When.
  public let kind: Kind
  /// Why.
  public let cause: Cause

  /// All fields, in the order of their declaration.
  public init(
    id: Digest, debit: AccountID, credit: AccountID, amount: Microcredits, kind: Kind, cause: Cause
  ) {
    self.id = id
    self.debit = debit
    self.credit = credit
    self.amount = amount
    self.kind = kind
    self.cause = cause
  }

  /// The name of the transfer that `rule` makes of `cause`.
  public static func id(_ cause: Cause, _ rule: Rule) -> Digest {
    var writer = CanonicalWriter(type: "transfer-id")
    cause.encode(into: &writer)
    writer.write(rule.rawValue)
    return Digest(of: writer.bytes)
  }
}

extension Transfer: CanonicalRecord {
  /// The type in the domain line of its canonical bytes.
  public static let canonicalType = "transfer"

  /// Appends every field in order.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(id)
    debit.encode(into: &writer)
    credit.encode(into: &writer)
    writer.write(amount.value)
    kind.encode(into: &writer)
    cause.encode(into: &writer)
  }

  /// Reads every field in order.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    id = try reader.readDigest()
    debit = try AccountID(from: &reader)
    credit = try AccountID(from: &reader)
    amount = Microcredits(try reader.read())
    kind = try Kind(from: &reader)
    cause = try Cause(from: &reader)
  }
}

extension Transfer.Kind {
  /// Appends a u8 tag and 32 bytes, zero where there is no pending transfer to name.
  func encode(into writer: inout CanonicalWriter) {
    let (tag, pending): (UInt8, Digest) =
      switch self {
      case .immediate: (0, .zero)
      case .pending: (1, .zero)
      case .post(let pending): (2, pending)
      case .void(let pending): (3, pending)
      }
    writer.write(tag)
    writer.write(pending)
  }

  init(from reader: inout CanonicalReader) throws(CanonicalError) {
    let tag: UInt8 = try reader.read()
    let pending = try reader.readDigest()
    switch (tag, pending == .zero) {
    case (0, true): self = .immediate
    case (1, true): self = .pending
    case (2, _): self = .post(pending: pending)
    case (3, _): self = .void(pending: pending)
    default: throw .invalid(field: "transfer kind")
    }
  }
}

extension Transfer.Cause {
  /// Appends a u8 tag, 32 bytes, a u32 tile and a u32 attempt; what a cause does not have is zero.
  func encode(into writer: inout CanonicalWriter) {
    let (tag, name, tile, attempt): (UInt8, Digest, UInt32, UInt32) =
      switch self {
      case .deposit(let reference): (0, reference, 0, 0)
      case .reserve(let job): (1, job.digest, 0, 0)
      case .tile(let job, let tile, let attempt): (2, job.digest, tile.value, attempt)
      case .verification(let job, let tile, let attempt): (3, job.digest, tile.value, attempt)
      case .holdbackRelease(let job, let tile): (4, job.digest, tile.value, 0)
      case .refund(let job): (5, job.digest, 0, 0)
      }
    writer.write(tag)
    writer.write(name)
    writer.write(tile)
    writer.write(attempt)
  }

  init(from reader: inout CanonicalReader) throws(CanonicalError) {
    let tag: UInt8 = try reader.read()
    let name = try reader.readDigest()
    let tile = TileIndex(try reader.read())
    let attempt: UInt32 = try reader.read()
    switch (tag, tile.value == 0, attempt == 0) {
    case (0, true, true): self = .deposit(reference: name)
    case (1, true, true): self = .reserve(JobID(name))
    case (2, _, _): self = .tile(JobID(name), tile, attempt: attempt)
    case (3, _, _): self = .verification(JobID(name), tile, attempt: attempt)
    case (4, _, true): self = .holdbackRelease(JobID(name), tile)
    case (5, true, true): self = .refund(JobID(name))
    default: throw .invalid(field: "transfer cause")
    }
  }
}

extension Transfer.Cause: CustomStringConvertible {
  /// For people: "tile 12 of job 0a1b2c3d4e5f".
  public var description: String {
    switch self {
    case .deposit(let reference): "deposit \(reference.short)"
    case .reserve(let job): "reserve for job \(job.digest.short)"
    case .tile(let job, let tile, let attempt):
      "tile \(tile.value) of job \(job.digest.short)" + (attempt == 0 ? "" : ", attempt \(attempt)")
    case .verification(let job, let tile, _): "checking of tile \(tile.value) of job \(job.digest.short)"
    case .holdbackRelease(let job, let tile): "release of tile \(tile.value) of job \(job.digest.short)"
    case .refund(let job): "refund of job \(job.digest.short)"
    }
  }
}
