import Cryptography
import Settlement

/// `GET /v1/account`: the caller's balances and movements.
public struct AccountStatement: Hashable, Sendable, Codable {
  /// One movement, oldest first.
  public struct Line: Hashable, Sendable, Codable {
    /// Index of the log entry.
    public var logIndex: UInt64
    /// Milliseconds since 1970.
    public var timeMS: UInt64
    /// The account that was debited, in `AccountID`'s text form.
    public var debit: String
    /// The account that was credited.
    public var credit: String
    /// How much.
    public var amount: Microcredits
    /// Posted, pending, or void.
    public var state: String
    /// What it was for, for people: "tile 12 of job 0a1b2c3d4e5f".
    public var cause: String
    /// All fields.
    public init(
      logIndex: UInt64, timeMS: UInt64, debit: String, credit: String, amount: Microcredits, state: String,
      cause: String
    ) {
      self.logIndex = logIndex
      self.timeMS = timeMS
      self.debit = debit
      self.credit = credit
      self.amount = amount
      self.state = state
      self.cause = cause
    }
  }

  /// Whose statement it is.
  public var key: PublicKey
  /// Posted balances of the key's accounts by text form, zero ones left out.
  public var balances: [String: Microcredits]
  /// Still pending, by account.
  public var pending: [String: Microcredits]
  /// All movements.
  public var lines: [Line]
  /// All fields.
  public init(
    key: PublicKey, balances: [String: Microcredits], pending: [String: Microcredits], lines: [Line]
  ) {
    self.key = key
    self.balances = balances
    self.pending = pending
    self.lines = lines
  }
}

/// `POST /v1/deposits`, operator only: credits a submitter's account against custody.
public struct DepositRequest: Hashable, Sendable, Codable {
  /// Who is credited.
  public var account: PublicKey
  /// How much.
  public var amount: Microcredits
  /// Names the deposit: the same request twice credits once.
  public var reference: Digest
  /// All fields.
  public init(account: PublicKey, amount: Microcredits, reference: Digest) {
    self.account = account
    self.amount = amount
    self.reference = reference
  }
}
