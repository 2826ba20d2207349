/// What things cost. Whole microcredits, rounded down, never an overflow: terms come from outside.
public enum Pricing {
  /// The verifier's fee on top of a tile's pay, parts per thousand.
  public static let verifierFeePerMille: Int64 = 20
  /// The coordinator's fee on top of a tile's pay, parts per thousand.
  public static let coordinatorFeePerMille: Int64 = 10

  /// What a tile of that many rays earns: `min(work x price, cap)`; zero when either term is not positive.
  public static func tilePay(work: UInt64, terms: JobTerms) -> Microcredits {
    let price = terms.pricePerRay.value
    let cap = terms.capPerTile.value
    guard price > 0, cap > 0 else { return .zero }
    let (product, overflow) = work.multipliedReportingOverflow(by: UInt64(price))
    guard !overflow, product < UInt64(cap) else { return Microcredits(cap) }
    return Microcredits(Int64(product))
  }

  /// What checking a tile of that pay earns the verifier.
  public static func verifierFee(
    _ pay: Microcredits, perMille: Int64 = verifierFeePerMille
  ) -> Microcredits { share(of: pay, perMille: perMille) }

  /// What a verified tile of that pay earns the coordinator.
  public static func coordinatorFee(
    _ pay: Microcredits, perMille: Int64 = coordinatorFeePerMille
  ) -> Microcredits { share(of: pay, perMille: perMille) }

  /// Both fees on a tile of that pay.
  public static func fees(_ pay: Microcredits) -> Microcredits { verifierFee(pay) + coordinatorFee(pay) }

  /// The most that `tileCount` tiles can cost: each its cap and the fees on it; nil when that is no amount.
  public static func reservation(terms: JobTerms, tileCount: Int) -> Microcredits? {
    guard terms.pricePerRay.value >= 0, terms.capPerTile.value >= 0, tileCount >= 0 else { return nil }
    let pay = tilePay(work: .max, terms: terms)
    var perTile = pay.value
    for fee in [verifierFee(pay), coordinatorFee(pay)] {
      let (sum, overflow) = perTile.addingReportingOverflow(fee.value)
      guard !overflow else { return nil }
      perTile = sum
    }
    let (total, overflow) = perTile.multipliedReportingOverflow(by: Int64(tileCount))
    return overflow ? nil : Microcredits(total)
  }

  /// The most rays that many pixels can take: each sample is a camera ray and, at each of `maxDepth`
  /// scattering events, a shadow ray and the next path segment. `UInt64.max` when the product is beyond it.
  public static func workBound(terms: JobTerms, pixelCount: Int) -> UInt64 {
    precondition(pixelCount >= 0, "\(pixelCount) pixels")
    let factors = [UInt64(terms.samplesPerPixel), 2 * UInt64(terms.maxDepth) + 1]
    return factors.reduce(UInt64(pixelCount)) { product, factor in
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      return overflow ? .max : next
    }
  }

  /// `amount x perMille / 1000`, rounded down, without an intermediate that could overflow.
  private static func share(of amount: Microcredits, perMille: Int64) -> Microcredits {
    precondition((0...1000).contains(perMille), "\(perMille) parts per thousand")
    precondition(amount >= .zero, "a fee on \(amount.value)")
    let (whole, rest) = amount.value.quotientAndRemainder(dividingBy: 1000)
    return Microcredits(whole * perMille + rest * perMille / 1000)
  }
}
