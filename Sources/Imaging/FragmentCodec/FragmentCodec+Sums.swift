extension FragmentCodec {
  /// Encodes the exact sums of a sample split: a layer for each channel, and work; first hits, where there
  /// are any. Refuses sums that no render gives: of colour negative, or more than 65504 a sample.
  public static func encode(
    sums: SampleSums, firstSample: Int, header: FragmentHeader
  ) throws(ImagingError) -> [UInt8] {
    precondition(firstSample >= 0, "the first sample is \(firstSample)")
    try check(sums: sums.rgba, sampleCount: sums.sampleCount)
    try sums.layers?.check(sampleCount: sums.sampleCount)
    let common = LayerHeader(
      fragment: header, rect: sums.rect, firstSample: firstSample, sampleCount: sums.sampleCount, layer: .work
    )
    var layers = Layer.sums.enumerated().map { channel, layer in
      (layer, Layer.split(channel: channel, of: sums.rgba))
    }
    layers.append((.work, Layer.split(sums.work)))
    if let hits = sums.layers {
      let count = LayerSums.sumCount
      layers += Layer.hitSums.enumerated().map { channel, layer in
        (layer, Layer.split(channel: channel, of: hits.sums, count: count))
      }
      layers += Layer.hitPoints.enumerated().map { word, layer in
        (layer, Layer.split(hits.words(word)))
      }
    }
    return try LayerFile.pack(layers, common: common)
  }

  /// Decodes what `encode(sums:firstSample:header:)` gave, as strictly as `decode`. The sums hold
  /// `sums.sampleCount` samples from `firstSample`. `hits`: whether first hits are expected.
  public static func decodeSums(
    _ bytes: [UInt8], hits: Bool = false, limits: FragmentLimits = .standard
  ) throws(ImagingError) -> (header: FragmentHeader, firstSample: Int, sums: SampleSums) {
    let (common, samples) = try LayerFile.unpack(bytes, expecting: Layer.ofSums(hits: hits), limits)
    guard common.sampleCount > 0 else { throw .malformed(what: "sample split", reason: "it has no samples") }
    let channels = samples.prefix(4).map(Layer.joinInt64)
    var rgba: [Int64] = []
    rgba.reserveCapacity(4 * common.rect.pixelCount)
    for pixel in 0..<common.rect.pixelCount {
      for channel in channels { rgba.append(channel[pixel]) }
    }
    try check(sums: rgba, sampleCount: common.sampleCount)
    let noted = hits ? LayerSums(samples: Array(samples.dropFirst(5))) : nil
    try noted?.check(sampleCount: common.sampleCount)
    let sums = SampleSums(
      rect: common.rect, sampleCount: common.sampleCount, rgba: rgba, work: Layer.joinUInt32(samples[4]),
      layers: noted)
    return (common.fragment, common.firstSample, sums)
  }

  private static func check(sums: [Int64], sampleCount: Int) throws(ImagingError) {
    let most = Int64(sampleCount) * (65504 << Int64(SampleSums.fractionBits))
    guard let i = sums.firstIndex(where: { $0 < 0 || $0 > most }) else { return }
    throw .invalidSample(what: "the sums", pixel: i / 4, channel: i % 4)
  }
}

extension LayerSums {
  /// One word of every pixel's first hit.
  fileprivate func words(_ word: Int) -> [UInt32] {
    stride(from: word, to: points.count, by: LayerSums.pointWords).map { points[$0] }
  }

  /// From the samples of `Layer.hitSums` and `Layer.hitPoints`.
  fileprivate init(samples: [[UInt16]]) {
    let channels = samples.prefix(LayerSums.sumCount).map(Layer.joinInt64)
    let words = samples.dropFirst(LayerSums.sumCount).map(Layer.joinUInt32)
    let pixels = 0..<channels[0].count
    self.init(
      sums: pixels.flatMap { pixel in channels.map { $0[pixel] } },
      points: pixels.flatMap { pixel in words.map { $0[pixel] } })
  }

  /// Refuses what no render gives: more than 65504 or a negative albedo a sample, longer normals than 1 (and
  /// their rounding), a depth or place that is no number, anything beside no hit.
  fileprivate func check(sampleCount: Int) throws(ImagingError) {
    let one = Int64(sampleCount) << Int64(SampleSums.fractionBits)
    for (i, sum) in sums.enumerated() {
      let channel = i % LayerSums.sumCount
      let bounds = channel < 3 ? 0...65504 * one : -2 * one...2 * one
      guard !bounds.contains(sum) else { continue }
      throw .invalidSample(what: "the sums of first hits", pixel: i / LayerSums.sumCount, channel: channel)
    }
    let count = LayerSums.pointWords
    for first in stride(from: 0, to: points.count, by: count) {
      let values = points[first + 1..<first + count]
      let allowed =
        points[first] == 0
        ? values.allSatisfy { $0 == 0 } : values.allSatisfy { Float(bitPattern: $0).isFinite }
      guard !allowed else { continue }
      throw .invalidSample(what: "the first hits", pixel: first / count, channel: 1)
    }
  }
}
