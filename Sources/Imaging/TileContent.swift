/// What is rendered of a tile: all its samples, resolved; or those of one pass, as exact sums to which the
/// other passes' are added.
public enum TileContent: Hashable, Sendable {
  /// All samples.
  case resolved(Fragment)
  /// Samples from `firstSample`.
  case sums(SampleSums, firstSample: Int)

  /// Which pixels of the frame.
  public var rect: TileRect {
    switch self {
    case .resolved(let fragment): fragment.rect
    case .sums(let sums, _): sums.rect
    }
  }

  /// Row-major: rays traced for each pixel.
  public var work: [UInt32] {
    switch self {
    case .resolved(let fragment): fragment.work
    case .sums(let sums, _): sums.work
    }
  }

  /// All rays: what is billed.
  public var totalWork: UInt64 { work.reduce(0) { $0 + UInt64($1) } }
}

extension FragmentCodec {
  /// Encodes whichever it is; refuses values that no render gives.
  public static func encode(
    _ content: TileContent, header: FragmentHeader
  ) throws(ImagingError) -> [UInt8] {
    switch content {
    case .resolved(let fragment): try encode(fragment, header: header)
    case .sums(let sums, let first): try encode(sums: sums, firstSample: first, header: header)
    }
  }

  /// Decodes a tile of a job with those layers, as strictly as `decode`: the pass of those samples, or, for
  /// nil, a resolved fragment.
  public static func decode(
    _ bytes: [UInt8], pass samples: Range<Int>?, layers set: LayerSet, limits: FragmentLimits = .standard
  ) throws(ImagingError) -> (header: FragmentHeader, content: TileContent) {
    guard let samples else {
      let (header, fragment) = try decode(bytes, layers: set, limits: limits)
      return (header, .resolved(fragment))
    }
    let (header, first, sums) = try decodeSums(bytes, hits: set.needsHits, limits: limits)
    guard first == samples.lowerBound else {
      throw .mismatch(what: "first sample of a pass", expected: samples.lowerBound, found: first)
    }
    guard sums.sampleCount == samples.count else {
      throw .mismatch(what: "samples of a pass", expected: samples.count, found: sums.sampleCount)
    }
    return (header, .sums(sums, firstSample: first))
  }
}
