import FarmProtocol

/// When a call that was answered "later" is made again: after what the server asked for (`Retry-After` in
/// seconds, RFC 9110, section 10.2.3), and up to half as long again, so that clients that were sent away
/// together do not come back together. Pure: chance is an input.
struct RetryLater: Sendable {
  private var waitedMS: UInt64 = 0

  /// - Parameter random: any number, evenly spread.
  /// - Returns: how long to wait, or nil when the answer is to be taken as it is: it is neither 429 nor 503,
  ///   names no time, or the waits would add up to more than `Limits.patienceMSMax`.
  mutating func waitMS(status: Int, headers: [String: String], random: UInt64) -> UInt64? {
    guard status == 429 || status == 503, let text = headers["retry-after"], let seconds = UInt32(text) else {
      return nil
    }
    let askedMS = max(UInt64(seconds) * 1000, 100)
    let waitMS = askedMS + random % (askedMS / 2 + 1)
    guard waitedMS + waitMS <= Limits.patienceMSMax else { return nil }
    waitedMS += waitMS
    return waitMS
  }
}
