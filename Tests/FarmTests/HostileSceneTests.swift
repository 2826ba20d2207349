import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import TestSupport
import Testing
import Transport

/// A scene that attacks, and what its refusal must name.
private struct Attack: CustomTestStringConvertible {
  let testDescription: String
  let scene: HostileScene
  let names: String

  init(_ name: String, _ scene: HostileScene, names: String) {
    (testDescription, self.scene, self.names) = (name, scene, names)
  }

  static func all(_ whole: HostileScene) -> [Attack] {
    let pngHeader = whole.files["a.png"].map { Array($0.prefix(16)) } ?? []
    let deep = String(repeating: "[", count: 200_000)
    return [
      Attack("no JSON", whole.with("scene.gltf", Array("{".utf8)), names: "scene.gltf"),
      Attack("depth", whole.with("scene.gltf", Array(deep.utf8)), names: "scene.gltf"),
      Attack(
        "a ring of nodes", whole.replacing(#""mesh": 0, "skin""#, by: #""children": [0], "skin""#),
        names: "nodes"),
      Attack("counts", whole.replacing(#""count": 6"#, by: #""count": 4294967295"#), names: "accessors/5"),
      Attack("another's file", whole.replacing("a.png", by: "../../../etc/passwd"), names: "images/0"),
      Attack("an absolute file", whole.replacing("scene.bin", by: "/proc/self/environ"), names: "buffers/0"),
      Attack("half a picture", whole.with("a.png", pngHeader), names: "a.png"),
      Attack(
        "a picture of a terapixel",
        whole.with("a.png", pngHeader + [0, 15, 255, 255, 0, 15, 255, 255, 8, 6, 0, 0]),
        names: "a.png"),
      Attack(
        "a sky of a terapixel",
        whole.with("sky.hdr", Array("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 999999 +X 999999\n".utf8)),
        names: "sky.hdr"),
      Attack("an empty file", whole.with("scene.bin", []), names: "buffers/0"),
    ]
  }
}

extension WholeFarmTests {
  private func request(
    _ scene: HostileScene, _ farm: Farm, _ info: FarmInfo, _ nonce: UInt64
  ) async throws -> QuoteRequest {
    let paths = scene.files.keys.sorted()
    let blobs = paths.map { scene.files[$0] ?? [] }
    _ = try await farm.animator.uploadBatch(BlobBatch(blobs))
    let manifest = BundleManifest(
      files: zip(paths, blobs).map { .init(path: $0, digest: Digest(of: $1), bytes: UInt64($1.count)) })
    let key = try #require(try KeyFile.load(farm.animatorKey))
    let terms = JobTerms(
      bundle: manifest.digest, sceneFile: scene.main, kernelSet: info.kernelSet, widthPX: 16, heightPX: 16,
      tileSidePX: 16, samplesPerPixel: 2, maxDepth: 4, background: .environment, camera: "",
      environmentFile: "", environmentStrength: nil, environmentRotationDeg: 0, firstFrame: 1, lastFrame: 2,
      framesPerSecond: 24, pricePerRay: info.pricePerRay, capPerTile: .zero, submitter: key.publicKey,
      nonce: Digest(of: withUnsafeBytes(of: nonce) { Array($0) }))
    return QuoteRequest(terms: terms, manifest: manifest)
  }

  @Test func `scenes that attack are refused with their place, and the honest job beside them is done`()
    async throws
  {
    let farm = try await Farm()
    let worker = try farm.join("anna")
    let honest = try farm.submit("cornell/cornell.gltf", smallJob + ["--frames", "1-6"])
    let info = try await farm.animator.farmInfo()
    let whole = try HostileScene.whole(repository: Programs.root)
    for (index, attack) in Attack.all(whole).enumerated() {
      let request = try await request(attack.scene, farm, info, UInt64(index))
      let refusal = await #expect(throws: Refusal.self, "\(attack.testDescription)") {
        try await farm.animator.quote(request)
      }
      #expect(refusal?.code == .sceneInvalid, "\(attack.testDescription): \(String(describing: refusal))")
      #expect(
        refusal?.message.contains(attack.names) ?? false,
        "\(attack.testDescription): \(String(describing: refusal))")
    }
    let done = try await farm.completion(of: honest.id)
    #expect(done.state == .completed && done.tilesVoided == 0, "\(done.reason)")
    #expect(worker.isRunning && farm.coordinator.isRunning)
    worker.stop()
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", smallLook)
    try farm.expectBooksBalance()
  }

  @Test func `damaged scenes are refused, or rendered and paid like others`() async throws {
    let farm = try await Farm()
    let worker = try farm.join("anna")
    let info = try await farm.animator.farmInfo()
    let whole = try HostileScene.whole(repository: Programs.root)
    var random = Seeded(seed: 3)
    var jobs: [JobID] = []
    var refused = 0
    for (index, part) in (HostileScene.Part.allCases + HostileScene.Part.allCases).enumerated() {
      var request = try await request(whole.damaged(part, &random), farm, info, UInt64(1_000 + index))
      do {
        let quote = try await farm.animator.quote(request).record
        request.terms.capPerTile = quote.capPerTile
        let submission = SubmitRequest(
          terms: request.terms, manifest: request.manifest, budget: quote.reservation)
        jobs.append(try await farm.animator.submit(submission).id)
      } catch let refusal as Refusal {
        #expect(refusal.code == .sceneInvalid, "\(part): \(refusal)")
        refused += 1
      }
    }
    for job in jobs {
      let done = try await farm.completion(of: job)
      #expect(done.state == .completed, "\(done.reason)")
    }
    #expect(!jobs.isEmpty && refused > 0, "\(jobs.count) rendered, \(refused) refused")
    worker.stop()
    try farm.expectBooksBalance()
  }
}
