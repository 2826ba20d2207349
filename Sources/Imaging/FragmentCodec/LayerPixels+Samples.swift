extension LayerPixels {
  /// The samples of the PNG files that `Layer.ofFragment` lists after beauty and work.
  var samples: [[UInt16]] {
    self.set.layers.flatMap { layer -> [[UInt16]] in
      let words = words(of: layer)
      guard layer.storage != .half else { return [words.map { UInt16(truncatingIfNeeded: $0) }] }
      let count = layer.channels.count
      return (0..<count).map { channel in
        Layer.split(stride(from: channel, to: words.count, by: count).map { words[$0] })
      }
    }
  }

  /// What `samples` gave, back.
  init(_ set: LayerSet, samples: [[UInt16]], pixelCount: Int) {
    var words = [UInt32](repeating: 0, count: set.wordCount * pixelCount)
    var files = samples.makeIterator()
    for layer in set.layers {
      let (first, count) = (set.firstWord(of: layer), layer.channels.count)
      if layer.storage == .half, let file = files.next() {
        for (i, half) in file.enumerated() {
          words[set.wordCount * (i / count) + first + i % count] = UInt32(half)
        }
        continue
      }
      for channel in 0..<count {
        guard let file = files.next() else { continue }
        for (pixel, value) in Layer.joinUInt32(file).enumerated() {
          words[set.wordCount * pixel + first + channel] = value
        }
      }
    }
    self.init(set, words: words)
  }

  /// Refuses values that no render gives.
  func check() throws(ImagingError) {
    for layer in set.layers {
      let count = layer.channels.count
      guard let i = words(of: layer).firstIndex(where: { !layer.allows($0) }) else { continue }
      throw .invalidSample(what: "layer \(layer.rawValue)", pixel: i / count, channel: i % count)
    }
  }
}

extension FrameLayer {
  /// Whether a render can give that bit pattern.
  fileprivate func allows(_ word: UInt32) -> Bool {
    switch self {
    case .albedo: word <= UInt32(Half.maxBits)
    case .normal: word & 0xFFFF_7FFF <= UInt32(Half.oneBits) && word != 0x8000
    case .depth: word <= Float.infinity.bitPattern
    case .position: Float(bitPattern: word).isFinite
    case .samples: word > 0
    }
  }
}
