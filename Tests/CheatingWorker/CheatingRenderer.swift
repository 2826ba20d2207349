import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Worker

/// Ways to be paid for what was not rendered.
enum Cheat: String, CaseIterable {
  /// Plausible noise; nothing is rendered.
  case garbage
  /// Half the samples, billed as all.
  case halfSamples = "half-samples"
  /// Every twentieth pixel made up.
  case partial
  /// True pixels, more rays than were traced.
  case inflateWork = "inflate-work"
}

/// An honest renderer's dishonest face: what it returns is well-formed and agrees with itself.
actor CheatingRenderer: TileRendering {
  private let honest: ChildRenderer
  private let cheat: Cheat
  private var random: SplitMix64
  private var terms: JobTerms?

  init(_ honest: ChildRenderer, cheat: Cheat, seed: UInt64) {
    self.honest = honest
    self.cheat = cheat
    random = SplitMix64(seed: seed)
  }

  func describe() async throws -> RendererDescription { try await honest.describe() }

  func load(_ scene: RendererScene) async throws -> Digest {
    terms = scene.terms
    var loaded = scene
    if cheat == .halfSamples { loaded.terms.samplesPerPixel = max(1, scene.terms.samplesPerPixel / 2) }
    return try await honest.load(loaded)
  }

  func render(
    _ tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex?
  ) async throws -> RenderedTile {
    guard let terms else { throw Refusal(.conflict, "no frame is loaded") }
    let fake: Fragment
    if cheat == .garbage {
      fake = garbage(rect, samples: terms.samplesPerPixel)
    } else {
      let done = try await honest.render(tile, rect: rect, attempt: attempt, ahead: ahead)
      fake = falsified(try FragmentCodec.decode(done.fragment, layers: terms.layers).fragment)
    }
    let header = FragmentHeader(job: terms.id.digest.bytes, tile: tile.value, attempt: attempt)
    return RenderedTile(
      fragment: try FragmentCodec.encode(fake, header: header), root: fake.commitmentRoot(),
      work: fake.totalWork, pixelCount: UInt32(rect.pixelCount))
  }

  func benchmark() async throws -> UInt64 { try await honest.benchmark() }

  func memoryBytes() async -> UInt64? { await honest.memoryBytes() }

  func stop() async { await honest.stop() }

  /// Halves below 1.0 (0x3C00), opaque, about three rays a sample.
  private func garbage(_ rect: TileRect, samples: UInt32) -> Fragment {
    var halves: [UInt16] = []
    for _ in 0..<rect.pixelCount {
      for _ in 0..<3 { halves.append(UInt16(random.next() % 0x3C00)) }
      halves.append(0x3C00)
    }
    return Fragment(
      rect: rect, rgbaHalfBits: halves, work: [UInt32](repeating: 3 * samples, count: rect.pixelCount))
  }

  private func falsified(_ honestly: Fragment) -> Fragment {
    var halves = honestly.rgbaHalfBits
    var work = honestly.work
    switch cheat {
    case .garbage: break
    case .halfSamples: work = work.map { $0 * 2 }
    case .inflateWork: work = work.map { $0 + max(1, $0 / 4) }
    case .partial:
      // A pixel of twenty is its neighbour's, one bit off: as if it had been interpolated.
      for pixel in stride(from: Int(random.next() % 20), to: work.count, by: 20) {
        for channel in 0..<3 {
          halves[4 * pixel + channel] = halves[4 * (pixel == 0 ? 1 : pixel - 1) + channel] ^ 1
        }
      }
    }
    return Fragment(rect: honestly.rect, rgbaHalfBits: halves, work: work, layers: honestly.layers)
  }
}
