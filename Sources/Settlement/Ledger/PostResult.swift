/// What became of a transfer. Refusals are tested in this order and the first that holds is given; a refused
/// transfer changes nothing.
public enum PostResult: String, Hashable, Sendable, Codable, CaseIterable {
  /// The ledger has it now.
  case posted
  /// It had this very transfer: harmless.
  case exists
  /// It has another transfer of that name.
  case existsWithDifferentBody
  /// Zero or less.
  case amountNotPositive
  /// From an account to itself.
  case accountsEqual
  /// Immediate or pending: the debited liability has less, counting what is pending against it.
  case debitBalanceTooLow
  /// Post or void: there is no pending transfer of that name.
  case pendingNotFound
  /// Post or void: it was posted or voided before.
  case pendingAlreadyResolved
  /// Post or void: more than is pending.
  case amountExceedsPending
  /// Void: less than is pending. A post may be partial, a void may not.
  case amountBelowPending
  /// Post or void: between other accounts than the pending transfer.
  case accountsDiffer
  /// Immediate or pending, from custody: all money together would pass `Int64.max`.
  case overflow
}
