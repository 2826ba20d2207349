/// One pixel as committed and probed: what a fragment stores for it, nothing derived.
public struct PixelRecord: Hashable, Sendable, Codable {
  /// Red, green, blue (linear, premultiplied), alpha: IEEE binary16 bit patterns. None in a pass.
  public var rgbaHalfBits: [UInt16]
  /// Of a pass, the exact sums over its samples, units of 2^-30: red, green, blue, alpha, then those of first
  /// hits where there are any. Absent on the wire when there are none.
  public var sums: [Int64]
  /// Rays traced for it.
  public var work: UInt32
  /// Bit patterns of the layers that the job asks for, one a channel; absent on the wire when there are none.
  public var layers: [UInt32]

  /// A pixel of a whole tile: four half bit patterns, a ray count and the words of the layers.
  public init(rgbaHalfBits: [UInt16], work: UInt32, layers: [UInt32] = []) {
    precondition(rgbaHalfBits.count == 4, "a pixel has 4 channels, not \(rgbaHalfBits.count)")
    self.rgbaHalfBits = rgbaHalfBits
    sums = []
    self.work = work
    self.layers = layers
  }

  /// A pixel of one pass: its sums, a ray count and the words of its first hit.
  public init(sums: [Int64], work: UInt32, layers: [UInt32] = []) {
    rgbaHalfBits = []
    self.sums = sums
    self.work = work
    self.layers = layers
  }

  private enum CodingKeys: String, CodingKey { case rgbaHalfBits, sums, work, layers }

  /// Reads a record; without `sums` or `layers` it has none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    rgbaHalfBits = try container.decode([UInt16].self, forKey: .rgbaHalfBits)
    sums = try container.decodeIfPresent([Int64].self, forKey: .sums) ?? []
    work = try container.decode(UInt32.self, forKey: .work)
    layers = try container.decodeIfPresent([UInt32].self, forKey: .layers) ?? []
  }

  /// Leaves `sums` and `layers` out when there are none.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rgbaHalfBits, forKey: .rgbaHalfBits)
    if !sums.isEmpty { try container.encode(sums, forKey: .sums) }
    try container.encode(work, forKey: .work)
    if !layers.isEmpty { try container.encode(layers, forKey: .layers) }
  }
}
