/// A layer that a frame may have beside beauty, alpha and work. All but `samples` say what the camera rays
/// met first; a sample that met nothing adds zeros.
public enum FrameLayer: String, CaseIterable, Sendable {
  /// Mean base colour, linear Rec.709.
  case albedo
  /// Mean shading normal, world space, towards the viewer; shorter than 1 where samples disagree.
  case normal
  /// Distance along the camera's axis, metres, of the point in `position`; infinity where nothing was met.
  case depth
  /// The point that the lowest-numbered sample which met anything found, world space, metres: never a mean
  /// across an edge.
  case position
  /// Samples of the pixel.
  case samples

  /// How a channel's values are stored.
  public enum Storage: Sendable { case half, float, uint }

  /// Of each channel.
  public var storage: Storage {
    switch self {
    case .albedo, .normal: .half
    case .depth, .position: .float
    case .samples: .uint
    }
  }

  /// Names of its channels in an EXR file, in the order of a pixel's words.
  public var channels: [String] {
    switch self {
    case .albedo: ["albedo.R", "albedo.G", "albedo.B"]
    case .normal: ["normal.X", "normal.Y", "normal.Z"]
    case .depth: ["depth.Z"]
    case .position: ["position.X", "position.Y", "position.Z"]
    case .samples: ["samples"]
    }
  }
}

/// Layers, in the order of `FrameLayer`'s cases. The raw value is their bits in that order, lowest first.
public struct LayerSet: OptionSet, Hashable, Sendable {
  /// Bit i is the layer number i.
  public let rawValue: UInt16

  /// Bits beyond the last layer are dropped.
  public init(rawValue: UInt16) { self.rawValue = rawValue & (1 << UInt16(FrameLayer.allCases.count) - 1) }

  /// Those layers.
  public init(_ layers: some Sequence<FrameLayer>) {
    let wanted = Set(layers)
    let bits = FrameLayer.allCases.enumerated().map { wanted.contains($1) ? UInt16(1) << UInt16($0) : 0 }
    self.init(rawValue: bits.reduce(0, |))
  }

  /// Every layer.
  public static let all = LayerSet(FrameLayer.allCases)

  /// In order.
  public var layers: [FrameLayer] {
    FrameLayer.allCases.enumerated().filter { rawValue >> UInt16($0.offset) & 1 == 1 }.map(\.element)
  }
  /// Words of a pixel, one a channel.
  public var wordCount: Int { layers.reduce(0) { $0 + $1.channels.count } }
  /// Whether any of them says what the camera rays met.
  public var needsHits: Bool { !subtracting(LayerSet([.samples])).isEmpty }
}

/// The layers of some pixels as bit patterns.
public struct LayerPixels: Hashable, Sendable {
  /// Which layers.
  public let set: LayerSet
  /// Row-major; the words of a pixel together, in the order of layers, then of channels. A half lies in the
  /// low 16 bits.
  public private(set) var words: [UInt32]

  /// Takes finished words, whole pixels of them.
  public init(_ set: LayerSet, words: [UInt32]) {
    let wordCount = max(1, set.wordCount)
    precondition(
      set.isEmpty ? words.isEmpty : words.count.isMultiple(of: wordCount),
      "\(words.count) words, \(set.layers)")
    self.set = set
    self.words = words
  }

  /// Zeros for so many pixels.
  public init(_ set: LayerSet, pixelCount: Int) {
    self.init(set, words: [UInt32](repeating: 0, count: set.wordCount * pixelCount))
  }

  /// No layers.
  public static let none = LayerPixels([], words: [])

  /// How many pixels; nil without layers.
  public var pixelCount: Int? { self.set.isEmpty ? nil : words.count / set.wordCount }

  /// The words of one pixel.
  public func words(ofPixel index: Int) -> ArraySlice<UInt32> {
    words[set.wordCount * index..<set.wordCount * (index + 1)]
  }

  /// The words of one layer, its channels interleaved.
  func words(of layer: FrameLayer) -> [UInt32] {
    let (first, count, stride) = (set.firstWord(of: layer), layer.channels.count, set.wordCount)
    return (0..<words.count / stride).flatMap { words[stride * $0 + first..<stride * $0 + first + count] }
  }

  /// Replaces a run of pixels by another's of the same layers.
  mutating func replace(_ pixels: Range<Int>, by other: LayerPixels, from first: Int) {
    let count = set.wordCount
    for i in 0..<count * pixels.count {
      words[count * pixels.lowerBound + i] = other.words[count * first + i]
    }
  }
}

extension LayerSet {
  /// Place of a layer's first word in a pixel's; of the layers before it, if it is not there.
  func firstWord(of layer: FrameLayer) -> Int {
    layers.prefix { $0 != layer }.reduce(0) { $0 + $1.channels.count }
  }
}
