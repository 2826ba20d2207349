extension Animation.Channel {
  /// The value at a time, clamped to the first and last key (glTF 2.0, appendix C).
  func value(atS time: Float) -> SIMD4<Float> {
    let stride = interpolation == .cubicSpline ? 3 : 1
    let middle = interpolation == .cubicSpline ? 1 : 0
    func key(_ k: Int) -> SIMD4<Float> { values[k * stride + middle] }
    // First key after `time`.
    let next = timesS.partitioningIndex { $0 > time }
    let raw: SIMD4<Float>
    if next == 0 {
      raw = key(0)
    } else if next == timesS.count || interpolation == .step {
      raw = key(next - 1)
    } else {
      let span = timesS[next] - timesS[next - 1]
      let t = (time - timesS[next - 1]) / span
      switch interpolation {
      case .cubicSpline: raw = spline(next - 1, t, span)
      case .linear where path == .rotation: raw = Quaternion.slerp(key(next - 1), key(next), t)
      default: raw = key(next - 1) + (key(next) - key(next - 1)) * t
      }
    }
    return path == .rotation ? Quaternion.normalised(raw) : raw
  }

  /// Cubic Hermite spline from key `k` to the next, `t` of the way; tangents are per second (appendix C.5).
  private func spline(_ k: Int, _ t: Float, _ spanS: Float) -> SIMD4<Float> {
    let (t2, t3) = (t * t, t * t * t)
    let value0 = values[3 * k + 1] * ((2 * t3 - 3 * t2) + 1)
    let tangent0 = values[3 * k + 2] * (spanS * ((t3 - 2 * t2) + t))
    let value1 = values[3 * k + 4] * (3 * t2 - 2 * t3)
    let tangent1 = values[3 * k + 3] * (spanS * (t3 - t2))
    return ((value0 + tangent0) + value1) + tangent1
  }
}

extension Array {
  /// Index of the first element that `belongs`, in an array where all that do come last.
  fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
