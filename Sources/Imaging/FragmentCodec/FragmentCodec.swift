/// Fragments as they travel: one zstd frame around one PNG file for each layer, stored (deflate level 0) but
/// filtered, so that zstd compresses; each PNG says in a private chunk which job, tile, attempt, pixels and
/// layer it is. The same input gives the same bytes. (docs/ARCHITECTURE.md, "Fragment out")
public enum FragmentCodec {
  /// Encodes a resolved fragment: colour as half bit patterns in 16-bit RGBA, work split in two 16-bit
  /// samples, then its layers. Refuses values that no render gives (negative, infinite, NaN), as `decode`
  /// does.
  public static func encode(_ fragment: Fragment, header: FragmentHeader) throws(ImagingError) -> [UInt8] {
    try check(halves: fragment.rgbaHalfBits)
    try fragment.layers.check()
    let common = LayerHeader(
      fragment: header, rect: fragment.rect, firstSample: 0, sampleCount: 0, layer: .beauty)
    let samples = [fragment.rgbaHalfBits, Layer.split(fragment.work)] + fragment.layers.samples
    return try LayerFile.pack(
      zip(Layer.ofFragment(fragment.layers.set), samples).map { ($0, $1) }, common: common)
  }

  /// Decodes what `encode` gave of a fragment with those layers: every byte is accounted for, every checksum
  /// checked, every size bounded first. Throws for anything else, whatever the bytes.
  public static func decode(
    _ bytes: [UInt8], layers set: LayerSet = [], limits: FragmentLimits = .standard
  ) throws(ImagingError) -> (header: FragmentHeader, fragment: Fragment) {
    let (common, samples) = try LayerFile.unpack(bytes, expecting: Layer.ofFragment(set), limits)
    guard common.sampleCount == 0, common.firstSample == 0 else {
      throw .mismatch(what: "sample count of a resolved fragment", expected: 0, found: common.sampleCount)
    }
    try check(halves: samples[0])
    let layers = LayerPixels(set, samples: Array(samples.dropFirst(2)), pixelCount: common.rect.pixelCount)
    try layers.check()
    let fragment = Fragment(
      rect: common.rect, rgbaHalfBits: samples[0], work: Layer.joinUInt32(samples[1]), layers: layers)
    return (common.fragment, fragment)
  }

  private static func check(halves: [UInt16]) throws(ImagingError) {
    guard let i = halves.firstIndex(where: { $0 > Half.maxBits }) else { return }
    throw .invalidSample(what: "layer beauty", pixel: i / 4, channel: i % 4)
  }
}
