import Cryptography

/// What a log adds up to, and what is wrong with it.
public struct AuditReport: Sendable, Equatable {
  /// Entries read.
  public let entries: UInt64
  /// Jobs accepted.
  public let jobs: Int
  /// Tiles with an equal verdict.
  public let tilesVerified: Int
  /// Tiles paid (all verified ones but those whose pay is nothing).
  public let tilesPaid: Int
  /// Tiles found wrong.
  public let tilesRefuted: Int
  /// Tiles committed to and not yet paid or voided.
  public let tilesUnsettled: Int
  /// Posted balances, zero ones left out.
  public let balances: [AccountID: Microcredits]
  /// Pending debits, zero ones left out.
  public let pending: [AccountID: Microcredits]
  /// Rays in verified tiles.
  public let work: UInt64
  /// Rays traced to check tiles, right and wrong ones.
  public let probeWork: UInt64
  /// Broken rules in the order of the log; empty for a clean log.
  public let findings: [Finding]

  /// Whether every entry keeps every rule.
  public var isClean: Bool { findings.isEmpty }
}
