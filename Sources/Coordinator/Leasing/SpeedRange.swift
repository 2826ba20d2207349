/// How fast a device is, as far as that is known. Rays a millisecond.
package struct SpeedRange: Sendable, Equatable {
  package var low: Double
  package var likely: Double
  package var high: Double

  /// Of a device that returned tiles.
  package init(known: Double) { (low, likely, high) = (known, known, known) }

  /// Of one that returned nothing yet: between `house`, what the house device made of the job's scene in
  /// single pixels, often with others at work beside it, and the device's own `benchmark` on an easy scene.
  /// In the middle by ratio: both may be wrong by a factor.
  package init(house: Double, benchmark: Double?) {
    let other = benchmark ?? house
    (low, likely, high) = (min(house, other), (house * other).squareRoot(), max(house, other))
  }
}
