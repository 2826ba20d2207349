import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Synchronization

/// A clock that stands until it is moved.
final class TestClock: Sendable {
  private let ms = Mutex<UInt64>(1_000_000)
  var nowMS: UInt64 { ms.withLock { $0 } }
  func advance(_ byMS: UInt64) { ms.withLock { $0 += byMS } }
  func goBack(_ byMS: UInt64) { ms.withLock { $0 -= byMS } }
}

/// A picture that everyone computes alike: each pixel's bits follow from job, frame and place.
enum TestRender {
  static func pixel(_ job: JobID, frame: UInt32, x: Int, y: Int) -> PixelRecord {
    var writer = CanonicalWriter(type: "test-pixel")
    writer.write(job.digest)
    writer.write(frame)
    writer.write(UInt32(x))
    writer.write(UInt32(y))
    let bytes = Digest(of: writer.bytes).bytes
    let halves = (0..<4).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
    return PixelRecord(rgbaHalfBits: halves.map { $0 & 0x3BFF }, work: UInt32(bytes[9]) % 28)
  }

  static func deviceScene(_ job: JobID, frame: UInt32) -> Digest {
    var writer = CanonicalWriter(type: "test-scene")
    writer.write(job.digest)
    writer.write(frame)
    return Digest(of: writer.bytes)
  }

  /// One pass of a tile: sums below one a sample, that follow from job, frame, pass and place.
  static func sums(_ terms: JobTerms, _ place: TilePlace) -> SampleSums {
    var (rgba, work): ([Int64], [UInt32]) = ([], [])
    let samples = terms.samples(ofPass: place.pass).count
    for y in place.rect.y..<place.rect.y + place.rect.height {
      for x in place.rect.x..<place.rect.x + place.rect.width {
        var writer = CanonicalWriter(type: "test-sums-\(place.pass)")
        for value in [place.frame, UInt32(x), UInt32(y)] { writer.write(value) }
        writer.write(terms.id.digest)
        let bytes = Digest(of: writer.bytes).bytes
        for channel in 0..<4 {
          let bits = bytes[4 * channel..<4 * channel + 4].reduce(Int64(0)) { $0 << 8 | Int64($1) }
          rgba.append(bits >> 2 * Int64(samples))
        }
        work.append(UInt32(bytes[20]) % UInt32(7 * samples))
      }
    }
    return SampleSums(rect: place.rect, sampleCount: samples, rgba: rgba, work: work)
  }

  static func content(_ terms: JobTerms, _ tile: TileIndex) -> TileContent {
    guard terms.passes != nil else { return .resolved(fragment(terms, tile)) }
    let place = terms.tile(tile)
    return terms.content(sums(terms, place), ofPass: place.pass)
  }

  static func fragment(_ terms: JobTerms, _ tile: TileIndex) -> Fragment {
    let (frame, rect) = (terms.tile(tile).frame, terms.tile(tile).rect)
    var halves: [UInt16] = []
    var work: [UInt32] = []
    for y in rect.y..<rect.y + rect.height {
      for x in rect.x..<rect.x + rect.width {
        let pixel = pixel(terms.id, frame: frame, x: x, y: y)
        halves += pixel.rgbaHalfBits
        work.append(pixel.work)
      }
    }
    return Fragment(rect: rect, rgbaHalfBits: halves, work: work)
  }
}

/// A verifier that computes the test picture.
struct TestVerifier: ProbeRendering {
  /// Rays of every pixel; nil for the picture's own.
  var work: UInt32?
  /// Memory that each frame takes, bytes.
  var peakBytes: UInt64?
  func kernelSet() async throws -> Digest { Digest(of: [2]) }
  func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    let terms = scene.terms
    return ProbeObservation(
      deviceScene: TestRender.deviceScene(terms.id, frame: scene.frame),
      pixels: pixels.map { position in
        guard terms.passes == nil else {
          let rect = TileRect(x: position.x, y: position.y, width: 1, height: 1)
          let sums = TestRender.sums(terms, TilePlace(frame: scene.frame, pass: pass, rect: rect))
          return terms.content(sums, ofPass: pass).record(atPixel: 0)
        }
        let pixel = TestRender.pixel(terms.id, frame: scene.frame, x: position.x, y: position.y)
        return PixelRecord(rgbaHalfBits: pixel.rgbaHalfBits, work: work ?? pixel.work)
      }, peakBytes: peakBytes)
  }
  func stop() async {}
}

/// A scene check that lets everything through, or refuses with one sentence.
struct TestSceneCheck: SceneChecking {
  var refusal: Refusal?
  func check(_ terms: JobTerms, files: [String: String]) async throws {
    if let refusal { throw refusal }
  }
}

/// A worker without a network: asks, renders, signs.
struct TestWorker: Sendable {
  let key: SigningKey
  var name: PublicKey { key.publicKey }

  init(_ number: UInt8) { key = CoordinatorTests.key(number) }

  var joining: JoinRequest {
    JoinRequest(
      protocolVersion: Limits.protocolVersion, name: "test",
      device: DeviceDescription(id: "0.0", name: "d", platform: "p", driver: "1", computeUnits: 1),
      kernelSet: Digest(of: [2]))
  }

  /// The body of a result; `change` falsifies the pixels before they are committed to.
  func result(
    _ assignment: Assignment, _ terms: JobTerms, attempt: UInt32? = nil,
    change: (inout [UInt16], inout [UInt32]) -> Void = { _, _ in },
    claim: (inout Commitment) -> Void = { _ in }
  ) throws -> [UInt8] {
    var content = TestRender.content(terms, assignment.tile)
    if case .resolved(let right) = content {
      var (halves, work) = (right.rgbaHalfBits, right.work)
      change(&halves, &work)
      content = .resolved(Fragment(rect: right.rect, rgbaHalfBits: halves, work: work))
    }
    return try result(assignment, content, terms, attempt: attempt, claim: claim)
  }

  /// The body of a result with that content.
  func result(
    _ assignment: Assignment, _ content: TileContent, _ terms: JobTerms, attempt: UInt32? = nil,
    claim: (inout Commitment) -> Void = { _ in }
  ) throws -> [UInt8] {
    let bytes = try FragmentCodec.encode(
      content,
      header: FragmentHeader(
        job: assignment.job.digest.bytes, tile: assignment.tile.value, attempt: attempt ?? assignment.attempt)
    )
    var commitment = Commitment(
      assignment: assignment.digest, root: content.commitmentRoot(),
      pixelCount: UInt32(content.rect.pixelCount), work: content.totalWork, fragment: Digest(of: bytes),
      deviceScene: TestRender.deviceScene(assignment.job, frame: terms.tile(assignment.tile).frame),
      device: Digest(of: [3]))
    claim(&commitment)
    return ResultEnvelope(
      assignment: assignment, commitment: Signed(commitment, by: key), fragment: bytes
    ).encoded()
  }
}

/// A farm in a folder of its own, with everything outside the coordinator faked.
final class TestFarm: Sendable {
  static let submitter = key(200)
  let root: String
  let clock = TestClock()
  /// Room on its disk, bytes.
  let freeBytes = Mutex<UInt64>(1 << 40)
  let sceneBytes: [UInt8] = Array("scene".utf8)

  init() { root = NSTemporaryDirectory() + "farm-\(UInt64.random(in: 0 ... .max))" }
  deinit { try? FileManager.default.removeItem(atPath: root) }

  var manifest: BundleManifest {
    BundleManifest(files: [
      .init(path: "scene.gltf", digest: Digest(of: sceneBytes), bytes: UInt64(sceneBytes.count))
    ])
  }

  func terms(columns: UInt32 = 2, frames: UInt32 = 2, nonce: UInt8 = 1, price: Int64 = 3) -> JobTerms {
    smallTerms(
      columns: columns, frames: frames, nonce: nonce, submitter: TestFarm.submitter.publicKey, price: price,
      bundle: manifest.digest)
  }

  /// Opens the coordinator; waits for one that was just let go to leave the folder.
  func open(
    verifier: (any ProbeRendering)? = TestVerifier(), quoter: (any ProbeRendering)? = nil,
    quotaBytes: UInt64 = .max, step: @escaping StepProbe = { _ in }
  ) async throws -> FarmCoordinator {
    var configuration = FarmCoordinator.Configuration(
      root: root, pricePerRay: Microcredits(3), kernelSet: Digest(of: [2])
    ) { [clock] in clock.nowMS }
    configuration.step = step
    configuration.quotaBytes = quotaBytes
    configuration.freeBytes = { [self] in freeBytes.withLock { $0 } }
    while true {
      do {
        return try FarmCoordinator(configuration, verifier: verifier, quoter: quoter)
      } catch DataFolderError.locked {
        try await Task.sleep(for: .milliseconds(2))
      }
    }
  }

  func submission(_ terms: JobTerms) throws -> SubmitRequest {
    let needed = Pricing.worstCase(terms: terms, tileCount: terms.wholeTileCount) ?? .zero
    return SubmitRequest(terms: terms, manifest: manifest, budget: needed)
  }

  static let deposit = DepositRequest(
    account: submitter.publicKey, amount: Microcredits(10_000_000), reference: Digest(of: [77]))

  /// A farm with money and one job.
  func openWithJob(
    _ terms: JobTerms, verifier: (any ProbeRendering)? = TestVerifier(), quotaBytes: UInt64 = .max
  ) async throws -> FarmCoordinator {
    let farm = try await open(verifier: verifier, quotaBytes: quotaBytes)
    _ = try await farm.deposit(TestFarm.deposit)
    try farm.blobs.put(sceneBytes)
    _ = try await farm.submit(
      submission(terms), from: TestFarm.submitter.publicKey, checkedBy: TestSceneCheck())
    return farm
  }

  /// Leases and returns tiles until the farm has none for this worker.
  static func work(
    _ worker: TestWorker, at farm: FarmCoordinator,
    change: (inout [UInt16], inout [UInt32]) -> Void = { _, _ in }
  ) async throws {
    _ = try await farm.join(worker.joining, as: worker.name)
    while let lease = try await farm.lease(LeaseRequest(), for: worker.name).lease {
      for assignment in lease.assignments {
        _ = try await farm.accept(
          worker.result(assignment.record, lease.terms, change: change), from: worker.name)
      }
    }
  }
}
