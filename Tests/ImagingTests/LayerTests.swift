import Imaging
import TestSupport
import Testing

/// Layers on their way: sums, fragments, frames, files.
struct LayerTests {
  /// Values that a render can give, and their borders.
  static func words(_ set: LayerSet, pixelCount: Int, seed: UInt64) -> LayerPixels {
    var random = Seeded(seed: seed)
    let words = (0..<pixelCount).flatMap { _ in
      set.layers.flatMap { layer in
        layer.channels.map { _ -> UInt32 in
          switch layer {
          case .albedo: .random(in: 0...UInt32(Half.maxBits), using: &random)
          case .normal:
            .random(in: 1...UInt32(Half.oneBits), using: &random) | (Bool.random(using: &random) ? 0x8000 : 0)
          case .depth: .random(in: 0...Float.infinity.bitPattern, using: &random)
          case .position: Float.random(in: -1e30...1e30, using: &random).bitPattern
          case .samples: .random(in: 1...65_536, using: &random)
          }
        }
      }
    }
    return LayerPixels(set, words: words)
  }

  static func fragment(_ rect: TileRect, _ set: LayerSet, seed: UInt64) -> Fragment {
    let plain = randomFragment(rect, seed: seed)
    return Fragment(
      rect: rect, rgbaHalfBits: plain.rgbaHalfBits, work: plain.work,
      layers: words(set, pixelCount: rect.pixelCount, seed: seed))
  }

  static let sets: [LayerSet] =
    [[], .all] + FrameLayer.allCases.map { LayerSet([$0]) } + [LayerSet([.normal, .position])]

  @Test(arguments: sets)
  func `a fragment with layers comes back bit for bit, and is no other layers' fragment`(_ set: LayerSet)
    throws
  {
    let fragment = LayerTests.fragment(TileRect(x: 3, y: 4, width: 17, height: 9), set, seed: 90)
    let bytes = try FragmentCodec.encode(fragment, header: someHeader)
    #expect(try FragmentCodec.decode(bytes, layers: set).fragment == fragment)
    for other in LayerTests.sets where other != set {
      #expect(refusal { () throws(ImagingError) in try FragmentCodec.decode(bytes, layers: other) } != nil)
    }
  }

  @Test func `the sums of a sample split come back with their first hits, and not without`() throws {
    let rect = TileRect(x: 7, y: 8, width: 5, height: 3)
    let plain = randomSums(rect, sampleCount: 9, seed: 98)
    var random = Seeded(seed: 99)
    let hits = LayerSums(
      sums: (0..<6 * 15).map { .random(in: $0 % 6 < 3 ? 0...9 << 40 : -(9 << 30)...9 << 30, using: &random) },
      points: (0..<15).flatMap { pixel -> [UInt32] in
        let values = (0..<4).map { _ in Float.random(in: -1e9...1e9, using: &random).bitPattern }
        return pixel % 4 == 0 ? [0, 0, 0, 0, 0] : [UInt32(pixel)] + values
      })
    let sums = SampleSums(rect: rect, sampleCount: 9, rgba: plain.rgba, work: plain.work, layers: hits)
    let bytes = try FragmentCodec.encode(sums: sums, firstSample: 3, header: someHeader)
    #expect(try FragmentCodec.decodeSums(bytes, hits: true).sums == sums)
    #expect(refusal { () throws(ImagingError) in try FragmentCodec.decodeSums(bytes) } != nil)
    let without = try FragmentCodec.encode(sums: plain, firstSample: 3, header: someHeader)
    #expect(refusal { () throws(ImagingError) in try FragmentCodec.decodeSums(without, hits: true) } != nil)
    let wrong = SampleSums(
      rect: rect, sampleCount: 9, rgba: plain.rgba, work: plain.work,
      layers: LayerSums(sums: hits.sums.map { -$0 - 1 }, points: hits.points))
    #expect(
      refusal { () throws(ImagingError) in
        try FragmentCodec.encode(sums: wrong, firstSample: 3, header: someHeader)
      } == .invalidSample(what: "the sums of first hits", pixel: 0, channel: 0))
  }

  @Test func `the largest tile with every layer is within the limits`() throws {
    let fragment = LayerTests.fragment(TileRect(x: 0, y: 0, width: 512, height: 512), .all, seed: 91)
    let bytes = try FragmentCodec.encode(fragment, header: someHeader)
    #expect(try FragmentCodec.decode(bytes, layers: .all).fragment == fragment)
  }

  @Test(
    arguments: [
      (.albedo, 0x7C00), (.albedo, 0x8001), (.normal, 0x3C01), (.normal, 0x8000), (.depth, 0x7F80_0001),
      (.depth, 0x8000_0000), (.position, 0x7F80_0000), (.samples, 0),
    ] as [(FrameLayer, UInt32)])
  func `values that no render gives are refused`(layer: FrameLayer, word: UInt32) {
    let set = LayerSet([layer])
    var words = LayerTests.words(set, pixelCount: 4, seed: 92).words
    words[set.wordCount * 2] = word
    let plain = randomFragment(TileRect(x: 0, y: 0, width: 2, height: 2), seed: 93)
    let bad = Fragment(
      rect: plain.rect, rgbaHalfBits: plain.rgbaHalfBits, work: plain.work,
      layers: LayerPixels(set, words: words))
    let error = refusal { () throws(ImagingError) in try FragmentCodec.encode(bad, header: someHeader) }
    #expect(error == .invalidSample(what: "layer \(layer.rawValue)", pixel: 2, channel: 0))
  }

  @Test func `fragments in any order give the same frame, and those of other layers are refused`() throws {
    let whole = LayerTests.fragment(TileRect(x: 0, y: 0, width: 37, height: 23), .all, seed: 94)
    let complete = Frame(
      width: 37, height: 23, rgbaHalfBits: whole.rgbaHalfBits, work: whole.work, layers: whole.layers)
    let grid = TileGrid(width: 37, height: 23, side: 8)
    var frame = Frame(width: 37, height: 23, layers: .all)
    let other = randomFragment(grid.rect(at: 0), seed: 95)
    #expect(
      refusal { () throws(ImagingError) in try frame.place(other) }
        == .otherLayers(expected: .all, found: []))
    for index in (0..<grid.tileCount).reversed() {
      try frame.place(complete.fragment(at: grid.rect(at: index)))
    }
    #expect(frame == complete && frame.fragment(at: whole.rect) == whole)
  }

  @Test(arguments: sets)
  func `an EXR file has the layers' channels and comes back bit for bit`(_ set: LayerSet) throws {
    let whole = LayerTests.fragment(TileRect(x: 0, y: 0, width: 19, height: 40), set, seed: 96)
    let frame = Frame(
      width: 19, height: 40, rgbaHalfBits: whole.rgbaHalfBits, work: whole.work, layers: whole.layers)
    let bytes = try EXRWriter.encode(frame)
    #expect(try EXRReader.decode(bytes).frame == frame)
    for name in set.layers.flatMap(\.channels) {
      #expect(bytes.prefix(2048).contains(Array(name.utf8) + [0]), "\(name)")
    }
  }

  @Test func `sums of any split are the sums of the whole`() {
    var random = Seeded(seed: 97)
    func sums(_ samples: [UInt32]) -> LayerSums {
      var sum = LayerSums(sums: [0, 0, 0, 0, 0, 0], points: [0, 0, 0, 0, 0])
      for sample in samples {
        let values = (0..<6).map { Int64(sample) * Int64($0 - 3) }
        let point = [sample + 1, sample &* 7, sample &* 11, sample &* 13, sample &* 17]
        sum.add(LayerSums(sums: values, points: sample % 3 == 0 ? [0, 0, 0, 0, 0] : point))
      }
      return sum
    }
    let samples = (0..<20).map { UInt32($0) }
    let whole = sums(samples)
    #expect(whole.points.prefix(2) == [2, 7], "sample 0 met nothing, sample 1 did")
    for _ in 0..<20 { #expect(sums(samples.shuffled(using: &random)) == whole) }
  }

  @Test func `means of either sign round to the nearest half, and zero has one spelling`() {
    let one = Int64(1) << 30
    let sums = SampleSums(
      rect: TileRect(x: 0, y: 0, width: 1, height: 1), sampleCount: 3, rgba: [0, 0, 0, 0], work: [3],
      layers: LayerSums(
        sums: [one, 3 * one, 0, -one, -3 * one, -1],
        points: [2, Float(5).bitPattern, Float(-1).bitPattern, 0, Float(2).bitPattern]))
    let words = sums.resolved(.all).layers.words
    let third = UInt32(Half.bits(1.0 / 3))
    #expect(words.prefix(6) == [third, 0x3C00, 0, third | 0x8000, 0xBC00, 0])
    #expect(words.dropFirst(6).map { Float(bitPattern: $0) }.prefix(4) == [5, -1, 0, 2])
    #expect(words.last == 3)
  }
}
