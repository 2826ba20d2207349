extension Microcredits {
  /// Credits with six decimals: `-1.250000`.
  public var credits: String {
    let (whole, part) = value.magnitude.quotientAndRemainder(dividingBy: UInt64(Microcredits.perCredit))
    let digits = String(part)
    return "\(value < 0 ? "-" : "")\(whole).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
  }

  /// Reads an amount of credits as people write it: digits, and up to six decimals after a point. Nil for
  /// anything else, and for what does not fit.
  public init?(credits text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
    guard (1...2).contains(parts.count), isPlain, let whole = Int64(parts[0]) else { return nil }
    var micro: Int64 = 0
    if parts.count == 2 {
      guard parts[1].utf8.count <= 6, let decimals = Int64(parts[1]) else { return nil }
      micro = (parts[1].utf8.count..<6).reduce(decimals) { value, _ in value * 10 }
    }
    let (scaled, overflow) = whole.multipliedReportingOverflow(by: Microcredits.perCredit)
    let (value, carry) = scaled.addingReportingOverflow(micro)
    guard !overflow, !carry else { return nil }
    self.init(value)
  }
}
