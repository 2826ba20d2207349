import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Worker

/// What a job's frames look like: a pure function of job, frame, pixel and sample, so that who renders
/// honestly has the same bits as everybody else, and who does not can be found out.
struct Picture: Sendable {
  private let word: UInt64
  private let samples: UInt64
  private let raysMax: UInt64

  /// The true picture of that job.
  init(of terms: JobTerms) { self.init(of: terms, salt: 0) }

  /// Another picture, for another `salt`; all who use the same one agree.
  init(of terms: JobTerms, salt: UInt64) {
    word = terms.id.digest.bytes.prefix(8).reduce(salt) { $0 << 8 ^ $0 >> 56 ^ UInt64($1) }
    samples = UInt64(terms.samplesPerPixel)
    raysMax = 2 * UInt64(terms.maxDepth) + 1
  }

  /// One pixel of a frame. An eighth of the pixels is sky: it costs nothing, so that work tells little.
  func pixel(frame: UInt32, x: Int, y: Int) -> PixelRecord {
    var place = SplitMix64(seed: word ^ UInt64(frame) << 40 ^ UInt64(y) << 20 ^ UInt64(x))
    let isSky = place.next() & 7 == 0
    var (colour, work): (UInt64, UInt64) = (0, 0)
    for _ in 0..<samples {
      let sample = place.next()
      colour &+= sample
      work += isSky ? 0 : 1 + (sample >> 32) % raysMax
    }
    // Halves below 1, of any bits.
    let halves = (0..<4).map { UInt16(truncatingIfNeeded: colour >> (16 * $0)) & 0x3BFF }
    return PixelRecord(rgbaHalfBits: halves, work: UInt32(min(work, samples * raysMax)))
  }

  func fragment(frame: UInt32, rect: TileRect) -> Fragment {
    var halves: [UInt16] = []
    halves.reserveCapacity(4 * rect.pixelCount)
    var work: [UInt32] = []
    work.reserveCapacity(rect.pixelCount)
    for y in rect.y..<rect.y + rect.height {
      for x in rect.x..<rect.x + rect.width {
        let pixel = pixel(frame: frame, x: x, y: y)
        halves += pixel.rgbaHalfBits
        work.append(pixel.work)
      }
    }
    return Fragment(rect: rect, rgbaHalfBits: halves, work: work)
  }

  /// Digest of the frame's device scene.
  func deviceScene(frame: UInt32) -> Digest {
    var writer = CanonicalWriter(type: "simulated-scene")
    writer.write(word)
    writer.write(frame)
    return Digest(of: writer.bytes)
  }
}
