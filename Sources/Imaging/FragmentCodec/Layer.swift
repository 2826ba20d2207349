/// One PNG of a fragment: what it holds, and how its 16-bit samples hold it.
struct Layer: Hashable {
  /// How values lie in 16-bit samples.
  enum Encoding: String {
    /// Red, green, blue, alpha: each sample is a binary16 bit pattern.
    case half4 = "half4"
    /// Red, green, blue: each sample is a binary16 bit pattern.
    case half3 = "half3"
    /// Gray and alpha: the high and the low half of an unsigned 32-bit value.
    case uint32 = "uint32"
    /// The same of a binary32 bit pattern.
    case float32 = "float32"
    /// Red to alpha: the four quarters of a signed 64-bit value, highest first.
    case int64 = "int64"

    var channels: Int {
      switch self {
      case .half4, .int64: 4
      case .half3: 3
      case .uint32, .float32: 2
      }
    }
  }

  let name: String
  let encoding: Encoding

  static let beauty = Layer(name: "beauty", encoding: .half4)
  static let work = Layer(name: "work", encoding: .uint32)
  /// The exact sums of one channel each.
  static let sums = ["beauty.R", "beauty.G", "beauty.B", "beauty.A"].map { Layer(name: $0, encoding: .int64) }

  /// The layers of a resolved fragment, in their order: three halves go together, wider values alone.
  static func ofFragment(_ set: LayerSet) -> [Layer] {
    [beauty, work]
      + set.layers.flatMap { layer in
        switch layer.storage {
        case .half: [Layer(name: layer.rawValue, encoding: .half3)]
        case .float: layer.channels.map { Layer(name: $0, encoding: .float32) }
        case .uint: layer.channels.map { Layer(name: $0, encoding: .uint32) }
        }
      }
  }
  /// The exact sums of first hits, one channel each.
  static let hitSums = (FrameLayer.albedo.channels + FrameLayer.normal.channels).map {
    Layer(name: $0, encoding: .int64)
  }
  /// The words of a pixel's first hit.
  static let hitPoints =
    [Layer(name: "hit", encoding: .uint32)]
    + (FrameLayer.depth.channels + FrameLayer.position.channels).map {
      Layer(name: $0, encoding: .float32)
    }
  /// The layers of a sample split, in their order; `hits`: with first hits.
  static func ofSums(hits: Bool) -> [Layer] { sums + [work] + (hits ? hitSums + hitPoints : []) }

  /// Samples of unsigned 32-bit values.
  static func split(_ values: [UInt32]) -> [UInt16] {
    var samples: [UInt16] = []
    samples.reserveCapacity(2 * values.count)
    for value in values {
      samples.append(UInt16(value >> 16))
      samples.append(UInt16(truncatingIfNeeded: value))
    }
    return samples
  }

  /// The values of `split`.
  static func joinUInt32(_ samples: [UInt16]) -> [UInt32] {
    (0..<samples.count / 2).map { i in UInt32(samples[2 * i]) << 16 | UInt32(samples[2 * i + 1]) }
  }

  /// Samples of one channel of interleaved 64-bit sums, `count` a pixel.
  static func split(channel: Int, of sums: [Int64], count: Int = 4) -> [UInt16] {
    var samples: [UInt16] = []
    samples.reserveCapacity(4 * sums.count / count)
    for pixel in 0..<sums.count / count {
      let value = UInt64(bitPattern: sums[count * pixel + channel])
      for shift: UInt64 in [48, 32, 16, 0] { samples.append(UInt16(truncatingIfNeeded: value >> shift)) }
    }
    return samples
  }

  /// The 64-bit values of one channel.
  static func joinInt64(_ samples: [UInt16]) -> [Int64] {
    (0..<samples.count / 4).map { i in
      Int64(bitPattern: (0..<4).reduce(0) { $0 << 16 | UInt64(samples[4 * i + $1]) })
    }
  }
}
