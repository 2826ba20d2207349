/// What the private chunk in each layer's PNG says. Big-endian, fixed order; a fragment's layers agree in all
/// but `layer` and `encoding`.
struct LayerHeader: Hashable {
  /// Ancillary, private, safe to copy (PNG, section 5.4).
  static let chunkName = "faRm"
  static let version: UInt16 = 1

  var fragment: FragmentHeader
  var rect: TileRect
  /// The first sample of a sample split, and how many; both 0 in a resolved fragment.
  var firstSample: Int
  var sampleCount: Int
  var layer: Layer

  var bytes: [UInt8] {
    var out: [UInt8] = []
    append(LayerHeader.version, to: &out)
    out += fragment.job
    append(fragment.tile, to: &out)
    append(fragment.attempt, to: &out)
    for value in [rect.x, rect.y, rect.width, rect.height, firstSample, sampleCount] {
      append(UInt32(value), to: &out)
    }
    for name in [layer.name, layer.encoding.rawValue] {
      out.append(UInt8(name.utf8.count))
      out += Array(name.utf8)
    }
    return out
  }

  private func append(_ value: some FixedWidthInteger, to out: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { out.append(contentsOf: $0) }
  }

  init(fragment: FragmentHeader, rect: TileRect, firstSample: Int, sampleCount: Int, layer: Layer) {
    self.fragment = fragment
    self.rect = rect
    self.firstSample = firstSample
    self.sampleCount = sampleCount
    self.layer = layer
  }

  /// Reads a chunk; `what` names the layer for errors. The layer is not checked to be a known one.
  init(_ bytes: [UInt8], limits: FragmentLimits, what: String) throws(ImagingError) {
    var reader = Reader(bytes: bytes, what: what)
    let version = try reader.integer(UInt16.self)
    guard version == LayerHeader.version else {
      throw .unsupported(what: what, feature: "version \(version) of the header")
    }
    let job = try reader.take(32)
    fragment = FragmentHeader(job: job, tile: try reader.integer(), attempt: try reader.integer())
    let x = try reader.count()
    let y = try reader.count()
    let width = try reader.count()
    let height = try reader.count()
    let side = max(width, height)
    guard side <= limits.tileSidePXMax else {
      throw .overLimit(what: "\(what): tile side", found: side, limit: limits.tileSidePXMax)
    }
    guard min(width, height) > 0 else { throw .malformed(what: what, reason: "the tile is empty") }
    guard max(x + width, y + height) <= limits.imageSidePXMax else {
      throw .overLimit(
        what: "\(what): tile's far edge", found: max(x + width, y + height), limit: limits.imageSidePXMax)
    }
    rect = TileRect(x: x, y: y, width: width, height: height)
    firstSample = try reader.count()
    sampleCount = try reader.count()
    guard firstSample + sampleCount <= SampleSums.sampleCountMax else {
      throw .overLimit(
        what: "\(what): samples", found: firstSample + sampleCount, limit: SampleSums.sampleCountMax)
    }
    let name = try reader.text()
    let encodingName = try reader.text()
    guard let encoding = Layer.Encoding(rawValue: encodingName) else {
      throw .unsupported(what: what, feature: "layer encoding '\(encodingName)'")
    }
    layer = Layer(name: name, encoding: encoding)
    try reader.finish()
  }

  /// Reads fields in turn; each checks that it is there.
  private struct Reader {
    let bytes: [UInt8]
    let what: String
    var offset = 0

    mutating func take(_ count: Int) throws(ImagingError) -> [UInt8] {
      guard count <= bytes.count - offset else {
        throw .malformed(what: what, reason: "its header ends at byte \(bytes.count)")
      }
      defer { offset += count }
      return Array(bytes[offset..<offset + count])
    }
    mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(ImagingError) -> T {
      try take(T.bitWidth / 8).reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }
    mutating func count() throws(ImagingError) -> Int { Int(try integer(UInt32.self)) }
    mutating func text() throws(ImagingError) -> String {
      let count: UInt8 = try integer()
      return String(decoding: try take(Int(count)), as: UTF8.self)
    }
    func finish() throws(ImagingError) {
      guard offset == bytes.count else {
        throw .trailing(what: "\(what): header", bytes: bytes.count - offset)
      }
    }
  }
}
