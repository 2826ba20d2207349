import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Synchronization
import Testing

/// Answers every probe alike, and counts.
private final class Answering: ProbeRendering {
  struct Broken: Error {}
  let work: UInt32?
  let asked = Mutex(0)
  let stopped = Mutex(false)
  init(work: UInt32?) { self.work = work }

  func kernelSet() async throws -> Digest { .zero }
  func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    asked.withLock { $0 += 1 }
    guard let work else { throw Broken() }
    let record = PixelRecord(rgbaHalfBits: [1, 2, 3, 4], work: work)
    return ProbeObservation(deviceScene: .zero, pixels: pixels.map { _ in record })
  }
  func stop() async { stopped.withLock { $0 = true } }
}

@Suite struct TwofoldVerifierTests {
  private let scene = RendererScene(terms: smallTerms(), frame: 1, files: [:])
  private let pixels = [PixelPosition(x: 0, y: 0)]

  @Test func `a second that agrees is asked every time`() async throws {
    let (usual, second) = (Answering(work: 7), Answering(work: 7))
    let verifier = TwofoldVerifier(usual) { _ in }
    await verifier.adopt(second)
    for _ in 0..<3 { #expect(try await verifier.probe(scene, pixels: pixels, pass: 0).pixels[0].work == 7) }
    #expect(second.asked.withLock { $0 } == 3)
    await verifier.stop()
    #expect(usual.stopped.withLock { $0 } && second.stopped.withLock { $0 })
  }

  @Test(arguments: [8, nil] as [UInt32?])
  func `a second that disagrees or fails is let go and nobody suffers`(work: UInt32?) async throws {
    let (usual, second) = (Answering(work: 7), Answering(work: work))
    let said = Mutex(0)
    let verifier = TwofoldVerifier(usual) { _ in said.withLock { $0 += 1 } }
    await verifier.adopt(second)
    for _ in 0..<3 { #expect(try await verifier.probe(scene, pixels: pixels, pass: 0).pixels[0].work == 7) }
    #expect(second.asked.withLock { $0 } == 1)
    #expect(second.stopped.withLock { $0 })
    #expect(said.withLock { $0 } == 1)
  }
}
