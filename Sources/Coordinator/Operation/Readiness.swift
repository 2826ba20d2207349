import FarmProtocol

/// Whether a farm takes new work, and if not, why.
package struct Readiness: Sendable, Equatable {
  /// Why the store failed; nil while all is well.
  package var fault: String?
  package var isStopping = false
  /// Room on the data folder's file system, bytes.
  package var freeBytes: UInt64

  package init(fault: String?, isStopping: Bool, freeBytes: UInt64) {
    self.fault = fault
    self.isStopping = isStopping
    self.freeBytes = freeBytes
  }

  /// One line for each reason not to send work here; none when it is ready.
  package var reasons: [String] {
    var reasons: [String] = []
    if let fault { reasons.append("the store failed: \(fault)") }
    if isStopping { reasons.append("the coordinator stops") }
    if freeBytes < Limits.diskReserveBytes {
      reasons.append(
        "the disk is nearly full: \(freeBytes >> 20) MiB are left, \(Limits.diskReserveBytes >> 20) MiB are "
          + "kept for what is under way")
    }
    return reasons
  }
}
