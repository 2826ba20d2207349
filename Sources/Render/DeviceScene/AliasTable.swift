/// A discrete distribution in whole units, so that its table is exact: column i holds
/// `AliasTable.columnUnits` units, the first `threshold[i]` of them belong to i, the rest to `alias[i]`
/// (Walker 1977; construction: Vose 1991).
package struct AliasTable {
  /// 2^24: every share of a column is a Float without rounding.
  package static let columnUnits = 1 << 24

  /// Units of each outcome, at least 1; their sum is count x `columnUnits`.
  package let units: [Int]
  package private(set) var threshold: [Int]
  package private(set) var alias: [Int]

  /// From weights >= 0 with a finite sum above 0.
  package init(weights: [Double]) {
    let count = weights.count
    units = UnitShares.shares(of: weights, total: count * AliasTable.columnUnits)
    threshold = units
    alias = Array(0..<count)
    // Two stacks, filled in order: the table is a function of the units alone.
    var small = (0..<count).filter { units[$0] < AliasTable.columnUnits }
    var large = (0..<count).filter { units[$0] > AliasTable.columnUnits }
    while let low = small.popLast(), let high = large.last {
      alias[low] = high
      threshold[high] -= AliasTable.columnUnits - threshold[low]
      if threshold[high] <= AliasTable.columnUnits { large.removeLast() }
      if threshold[high] < AliasTable.columnUnits { small.append(high) }
    }
  }
}

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
