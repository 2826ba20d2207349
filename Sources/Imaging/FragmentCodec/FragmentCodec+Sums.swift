extension FragmentCodec {
  /// Encodes the exact sums of a sample split: a layer for each channel, and work. Refuses sums that no
  /// render gives: negative, or more than 65504 a sample.
  public static func encode(
    sums: SampleSums, firstSample: Int, header: FragmentHeader
  ) throws(ImagingError) -> [UInt8] {
    precondition(firstSample >= 0, "the first sample is \(firstSample)")
    try check(sums: sums.rgba, sampleCount: sums.sampleCount)
    guard sums.layers == nil else { throw .unsupported(what: "sample split", feature: "layers") }
    let common = LayerHeader(
      fragment: header, rect: sums.rect, firstSample: firstSample, sampleCount: sums.sampleCount, layer: .work
    )
    var layers = Layer.sums.enumerated().map { channel, layer in
      (layer, Layer.split(channel: channel, of: sums.rgba))
    }
    layers.append((.work, Layer.split(sums.work)))
    return try LayerFile.pack(layers, common: common)
  }

  /// Decodes what `encode(sums:firstSample:header:)` gave, as strictly as `decode`. The sums hold
  /// `sums.sampleCount` samples from `firstSample`.
  public static func decodeSums(
    _ bytes: [UInt8], limits: FragmentLimits = .standard
  ) throws(ImagingError) -> (header: FragmentHeader, firstSample: Int, sums: SampleSums) {
    let (common, samples) = try LayerFile.unpack(bytes, expecting: Layer.ofSums, limits)
    guard common.sampleCount > 0 else { throw .malformed(what: "sample split", reason: "it has no samples") }
    let channels = samples.prefix(4).map(Layer.joinInt64)
    var rgba: [Int64] = []
    rgba.reserveCapacity(4 * common.rect.pixelCount)
    for pixel in 0..<common.rect.pixelCount {
      for channel in channels { rgba.append(channel[pixel]) }
    }
    try check(sums: rgba, sampleCount: common.sampleCount)
    let sums = SampleSums(
      rect: common.rect, sampleCount: common.sampleCount, rgba: rgba, work: Layer.joinUInt32(samples[4]))
    return (common.fragment, common.firstSample, sums)
  }

  private static func check(sums: [Int64], sampleCount: Int) throws(ImagingError) {
    let most = Int64(sampleCount) * (65504 << Int64(SampleSums.fractionBits))
    guard let i = sums.firstIndex(where: { $0 < 0 || $0 > most }) else { return }
    throw .invalidSample(what: "the sums", pixel: i / 4, channel: i % 4)
  }
}
