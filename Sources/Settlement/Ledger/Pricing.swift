/// What things cost. Whole microcredits, rounded down, never an overflow: terms come from outside.
public enum Pricing {
  /// The verifier's fee on top of a tile's pay, parts per thousand.
  public static let verifierFeePerMille: Int64 = 20
  /// The coordinator's fee on top of a tile's pay, parts per thousand.
  public static let coordinatorFeePerMille: Int64 = 10

  /// What a tile of that many rays earns: `min(work x price, cap)`; zero when either term is not positive.
  /// The cap of a tile that is one pass is its part of the whole tile's, by samples, rounded up.
  public static func tilePay(work: UInt64, terms: JobTerms, samples: Int? = nil) -> Microcredits {
    let price = terms.pricePerRay.value
    let cap = cap(terms, samples: samples)
    guard price > 0, cap > 0 else { return .zero }
    let (product, overflow) = work.multipliedReportingOverflow(by: UInt64(price))
    guard !overflow, product < UInt64(cap) else { return Microcredits(cap) }
    return Microcredits(Int64(product))
  }

  private static func cap(_ terms: JobTerms, samples: Int?) -> Int64 {
    let (cap, all) = (terms.capPerTile.value, UInt64(terms.samplesPerPixel))
    guard cap > 0, let samples, samples < all else { return cap }
    let (quotient, remainder) = all.dividingFullWidth(UInt64(cap).multipliedFullWidth(by: UInt64(samples)))
    return Int64(quotient) + (remainder > 0 ? 1 : 0)
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

  /// The most that one tile of `samples` samples can cost, nil for all of them: its cap and the fees on it;
  /// nil when that is no amount.
  public static func tileCostMax(terms: JobTerms, samples: Int? = nil) -> Microcredits? {
    guard terms.pricePerRay.value >= 0, terms.capPerTile.value >= 0 else { return nil }
    let pay = tilePay(work: .max, terms: terms, samples: samples)
    return add(pay, verifierFee(pay)).flatMap { add($0, coordinatorFee(pay)) }
  }

  /// The most that `tileCount` tiles of a job can cost, were all of its dearest pass; nil when that is no
  /// amount.
  public static func reservation(terms: JobTerms, tileCount: Int) -> Microcredits? {
    let dearest = terms.passes?.max().map(Int.init)
    return tileCostMax(terms: terms, samples: dearest).flatMap { multiply($0, tileCount) }
  }

  /// The most that all `tileCount` tiles of a job's frames can cost, in all their passes; nil when that is no
  /// amount.
  public static func worstCase(terms: JobTerms, tileCount: Int) -> Microcredits? {
    var total: Microcredits? = .zero
    for pass in 0..<terms.passCount {
      let cost = tileCostMax(terms: terms, samples: terms.samples(ofPass: pass).count)
      guard let sum = total, let all = cost.flatMap({ multiply($0, tileCount) }) else { return nil }
      total = add(sum, all)
    }
    return total
  }

  private static func add(_ a: Microcredits, _ b: Microcredits) -> Microcredits? {
    let (sum, overflow) = a.value.addingReportingOverflow(b.value)
    return overflow ? nil : Microcredits(sum)
  }
  private static func multiply(_ amount: Microcredits, _ count: Int) -> Microcredits? {
    guard count >= 0 else { return nil }
    let (product, overflow) = amount.value.multipliedReportingOverflow(by: Int64(count))
    return overflow ? nil : Microcredits(product)
  }

  /// The most rays that many pixels can take in `samples` samples, nil for all of them: each is a camera ray
  /// and, at each of `maxDepth` scattering events, a shadow ray and the next path segment. `UInt64.max` when
  /// the product is beyond it.
  public static func workBound(terms: JobTerms, pixelCount: Int, samples: Int? = nil) -> UInt64 {
    precondition(pixelCount >= 0, "\(pixelCount) pixels")
    let factors = [samples.map(UInt64.init) ?? UInt64(terms.samplesPerPixel), 2 * UInt64(terms.maxDepth) + 1]
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
