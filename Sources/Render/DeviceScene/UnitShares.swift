/// Shares of a whole in integers.
package enum UnitShares {
  /// `total` cut into parts in proportion to `weights` (>= 0, finite sum above 0): each at least 1, exact
  /// sum. Running sums are rounded down, hence a part is off by at most one unit, and by the one that
  /// everybody gets.
  package static func shares(of weights: [Double], total: Int) -> [Int] {
    precondition(total >= weights.count, "\(total) units for \(weights.count) parts")
    let whole = weights.reduce(0, +)
    precondition(whole > 0 && whole.isFinite, "weights sum to \(whole)")
    let spare = Double(total - weights.count)
    var sum = 0.0
    var given = 0
    var shares: [Int] = []
    shares.reserveCapacity(weights.count)
    for (i, weight) in weights.enumerated() {
      sum += weight
      let upTo = i == weights.count - 1 ? total - weights.count : Int(sum / whole * spare)
      shares.append(1 + upTo - given)
      given = upTo
    }
    return shares
  }

  /// A cumulative distribution over the weights: count + 1 ascending values from 0 to 1, all multiples of
  /// 2^-24, so that differences are exact and no outcome has probability 0.
  package static func cumulative(_ weights: [Double]) -> [Float] {
    var sum = 0
    var cumulative: [Float] = [0]
    cumulative.reserveCapacity(weights.count + 1)
    for share in shares(of: weights, total: 1 << 24) {
      sum += share
      cumulative.append(Float(sum) / Float(1 << 24))
    }
    return cumulative
  }
}
