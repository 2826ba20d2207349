import FarmProtocol
import Settlement

extension Quote {
  /// How long a quote's numbers are good for and who could work on it.
  struct Circumstances {
    var durationMS: Estimate?
    var workersOnline: Int
    var nowMS: UInt64
  }

  /// A quote and the terms it is for: those given, their cap per tile from the dearest tile seen.
  static func make(
    _ asked: JobTerms, from sample: PixelSample, _ estimate: WorkEstimate, _ now: Circumstances
  ) -> (quote: Quote, terms: JobTerms) {
    var terms = asked
    terms.capPerTile = cap(asked, tileMax: estimate.tileMax)
    let rays = estimate.rays
    let high = bill(rays.high, at: terms)
    let quote = Quote(
      job: terms.id, work: rays,
      price: Estimate(
        low: UInt64(bill(rays.low, at: terms).value), likely: UInt64(bill(rays.likely, at: terms).value),
        high: UInt64(high.value)),
      capPerTile: terms.capPerTile, reservation: reservation(terms, high: high), durationMS: now.durationMS,
      workersOnline: UInt32(now.workersOnline), framesSampled: UInt32(sample.runs.count),
      pixelsSampled: UInt32(sample.runs.reduce(0) { $0 + $1.pixels.count }), issuedMS: now.nowMS,
      validUntilMS: now.nowMS + Limits.quoteValidMS)
    return (quote, terms)
  }

  /// The least that must be reserved under this quote: its dearest bill, and at least one tile at its cap.
  func reservationMin(_ terms: JobTerms) -> Microcredits {
    let tile = Pricing.reservation(terms: terms, tileCount: 1) ?? .zero
    return max(Microcredits(Int64(price.high)), tile)
  }

  /// Half as much again as the dearest tile seen, or what cannot be exceeded.
  private static func cap(_ terms: JobTerms, tileMax: Double) -> Microcredits {
    let tile = min(terms.tileSidePX, terms.widthPX) * min(terms.tileSidePX, terms.heightPX)
    let bound = Pricing.workBound(terms: terms, pixelCount: Int(tile))
    let seen = UInt64(min((1.5 * tileMax).rounded(.up), 0x1p62))
    return price(of: max(1, min(bound, seen)), at: terms, most: Limits.tilePriceMax)
  }

  private static func bill(_ rays: UInt64, at terms: JobTerms) -> Microcredits {
    let pay = price(of: rays, at: terms, most: Limits.amountMax / 2)
    return pay + Pricing.fees(pay)
  }

  private static func price(of rays: UInt64, at terms: JobTerms, most: Int64) -> Microcredits {
    let (pay, overflow) = rays.multipliedReportingOverflow(by: UInt64(terms.pricePerRay.value))
    return Microcredits(overflow ? most : Int64(min(pay, UInt64(most))))
  }

  /// The dearest bill and some tiles in work at their cap; never more than all tiles at their cap.
  private static func reservation(_ terms: JobTerms, high: Microcredits) -> Microcredits {
    let inWork = min(Limits.quoteTilesInWork, terms.tileCount)
    let room = Pricing.reservation(terms: terms, tileCount: inWork) ?? .zero
    let all = Pricing.worstCase(terms: terms, tileCount: terms.wholeTileCount)
    return min(high + room, all ?? Microcredits(Limits.amountMax))
  }
}
