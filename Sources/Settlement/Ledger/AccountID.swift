import Cryptography

/// An account of the ledger. Custody is the farm's one asset (money it holds for others); all others are
/// liabilities (money it owes). Text form: `custody`, `submitter:<hex>`, `escrow:<hex>`, `holdback:<hex>`,
/// `payable:<hex>`, `fee`.
public enum AccountID: Hashable, Sendable {
  /// What the farm holds: the contra account of everything it owes.
  case custody
  /// What a submitter may spend on jobs or take back.
  case submitter(PublicKey)
  /// What is set aside for a job.
  case escrow(JobID)
  /// What a worker earned lately and may still lose.
  case holdback(PublicKey)
  /// What a worker or verifier may take out.
  case payable(PublicKey)
  /// What the coordinator earned.
  case fee

  private var name: String {
    switch self {
    case .custody: "custody"
    case .submitter: "submitter"
    case .escrow: "escrow"
    case .holdback: "holdback"
    case .payable: "payable"
    case .fee: "fee"
    }
  }

  private var rank: UInt8 {
    switch self {
    case .custody: 0
    case .submitter: 1
    case .escrow: 2
    case .holdback: 3
    case .payable: 4
    case .fee: 5
    }
  }

  private var owner: Digest? {
    switch self {
    case .custody, .fee: nil
    case .submitter(let key), .holdback(let key), .payable(let key): key.value
    case .escrow(let job): job.digest
    }
  }

  /// The key whose account it is; nil for custody, the fee account and escrows, which a job owns.
  public var key: PublicKey? {
    switch self {
    case .custody, .escrow, .fee: nil
    case .submitter(let key), .holdback(let key), .payable(let key): key
    }
  }
}

extension AccountID: LosslessStringConvertible {
  /// The text form.
  public var description: String { owner.map { "\(name):\($0)" } ?? name }

  /// For people: with the first digits of its owner only.
  public var short: String { owner.map { "\(name):\($0.short)" } ?? name }

  /// Reads the text form; nil for anything else.
  public init?(_ description: String) {
    let parts = description.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("custody", 1): self = .custody
    case ("fee", 1): self = .fee
    case ("escrow", 2):
      guard let digest = Digest(hex: parts[1]) else { return nil }
      self = .escrow(JobID(digest))
    case (let name?, 2):
      guard let key = PublicKey(hex: parts[1]) else { return nil }
      switch name {
      case "submitter": self = .submitter(key)
      case "holdback": self = .holdback(key)
      case "payable": self = .payable(key)
      default: return nil
      }
    default: return nil
    }
  }
}

extension AccountID: Comparable {
  /// Whether `a` comes before `b`.
  public static func < (a: AccountID, b: AccountID) -> Bool {
    if a.rank != b.rank { return a.rank < b.rank }
    return (a.owner ?? .zero) < (b.owner ?? .zero)
  }
}

extension AccountID: Codable {
  /// Decodes the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let account = AccountID(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" names no account")
    }
    self = account
  }
  /// Encodes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension AccountID {
  /// Appends a u8 class and 32 bytes of owner, zero where it has none.
  func encode(into writer: inout CanonicalWriter) {
    writer.write(rank)
    writer.write(owner ?? .zero)
  }

  /// Reads what `encode` wrote.
  init(from reader: inout CanonicalReader) throws(CanonicalError) {
    let rank: UInt8 = try reader.read()
    let owner = try reader.readDigest()
    let key = PublicKey(owner)
    switch (rank, owner == .zero) {
    case (0, true): self = .custody
    case (1, _): self = .submitter(key)
    case (2, _): self = .escrow(JobID(owner))
    case (3, _): self = .holdback(key)
    case (4, _): self = .payable(key)
    case (5, true): self = .fee
    default: throw .invalid(field: "account")
    }
  }
}
