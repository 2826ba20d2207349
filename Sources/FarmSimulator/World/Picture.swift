import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Worker

/// What a job's frames look like: a pure function of job, frame, pixel and sample, so that who renders
/// honestly has the same bits as everybody else, and who does not can be found out.
struct Picture: Sendable {
  private let word: UInt64
  private let terms: JobTerms
  private let raysMax: UInt64

  /// The true picture of that job.
  init(of terms: JobTerms) { self.init(of: terms, salt: 0) }

  /// Another picture, for another `salt`; all who use the same one agree.
  init(of terms: JobTerms, salt: UInt64) {
    word = terms.id.digest.bytes.prefix(8).reduce(salt) { $0 << 8 ^ $0 >> 56 ^ UInt64($1) }
    self.terms = terms
    raysMax = 2 * UInt64(terms.maxDepth) + 1
  }

  /// One pixel of a pass of a frame, as it is committed to.
  func pixel(frame: UInt32, pass: Int, x: Int, y: Int) -> PixelRecord {
    let place = TilePlace(frame: frame, pass: pass, rect: TileRect(x: x, y: y, width: 1, height: 1))
    return content(place).record(atPixel: 0)
  }

  /// A tile of the job, as it is committed to.
  func content(_ place: TilePlace) -> TileContent {
    terms.content(
      sums(frame: place.frame, rect: place.rect, samples: terms.samples(ofPass: place.pass)),
      ofPass: place.pass)
  }

  /// All samples of some pixels, resolved.
  func fragment(frame: UInt32, rect: TileRect) -> Fragment {
    sums(frame: frame, rect: rect, samples: 0..<Int(terms.samplesPerPixel)).resolved()
  }

  private func sums(frame: UInt32, rect: TileRect, samples: Range<Int>) -> SampleSums {
    var rgba: [Int64] = []
    rgba.reserveCapacity(4 * rect.pixelCount)
    var work: [UInt32] = []
    work.reserveCapacity(rect.pixelCount)
    for y in rect.y..<rect.y + rect.height {
      for x in rect.x..<rect.x + rect.width {
        let pixel = sum(frame: frame, x: x, y: y, samples: samples)
        for channel in 0..<4 { rgba.append(pixel.rgba[channel]) }
        work.append(pixel.work)
      }
    }
    return SampleSums(rect: rect, sampleCount: samples.count, rgba: rgba, work: work)
  }

  /// An eighth of the pixels is sky: it costs nothing, so that work tells little. Samples are below 1, of any
  /// 16 bits.
  private func sum(
    frame: UInt32, x: Int, y: Int, samples: Range<Int>
  ) -> (rgba: SIMD4<Int64>, work: UInt32) {
    var place = SplitMix64(seed: word ^ UInt64(frame) << 40 ^ UInt64(y) << 20 ^ UInt64(x))
    let isSky = place.next() & 7 == 0
    var (rgba, work) = (SIMD4<Int64>.zero, UInt32(0))
    for number in 0..<samples.upperBound {
      let sample = place.next()
      guard number >= samples.lowerBound else { continue }
      for channel in 0..<4 { rgba[channel] += Int64(sample >> UInt64(16 * channel) & 0xFFFF) << 14 }
      work += isSky ? 0 : UInt32(1 + (sample >> 32) % raysMax)
    }
    return (rgba, work)
  }

  /// Digest of the frame's device scene.
  func deviceScene(frame: UInt32) -> Digest {
    var writer = CanonicalWriter(type: "simulated-scene")
    writer.write(word)
    writer.write(frame)
    return Digest(of: writer.bytes)
  }
}
