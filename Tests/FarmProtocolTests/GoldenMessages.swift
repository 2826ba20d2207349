import Cryptography
import FarmProtocol
import Imaging
import Settlement

/// One of each message of version 1, with fixed values.
enum GoldenMessages {
  static func farm() throws -> FarmInfo {
    FarmInfo(
      protocolVersion: 1, kernelSet: try Fixtures.digest(2), coordinator: try Fixtures.key(6).publicKey,
      logOrigin: "farm.example/log", logVerifierKey: "farm.example/log+12345678+AQID",
      pricePerRay: Microcredits(2),
      workersOnline: 3)
  }

  static let device = DeviceDescription(
    id: "0.0", name: "pthread-cpu", platform: "Portable Computing Language", driver: "3.1", computeUnits: 2)

  static func status() throws -> JobStatus {
    JobStatus(
      id: try Fixtures.terms().id, state: .running, reason: "", terms: try Fixtures.terms(),
      submittedMS: 1_800_000_000_000, tileCount: 24, tilesLeased: 4, tilesPending: 2, tilesVerified: 9,
      tilesVoided: 1, framesDone: [3], budget: Microcredits(10_000_000), spent: Microcredits(123), work: 456,
      probeWork: 7)
  }

  static func quote() throws -> Quote {
    Quote(
      job: JobID(try Fixtures.digest(4)), work: Estimate(low: 1, likely: 2, high: 3),
      price: Estimate(low: 4, likely: 5, high: 6), capPerTile: Microcredits(50),
      reservation: Microcredits(900), durationMS: Estimate(low: 7, likely: 8, high: 9), workersOnline: 3,
      framesSampled: 2, pixelsSampled: 300, issuedMS: 1_800_000_000_000, validUntilMS: 1_800_003_600_000)
  }

  static func lease() throws -> Lease {
    Lease(
      fence: 99, job: try Fixtures.terms().id, terms: try Fixtures.terms(), manifest: try Fixtures.manifest(),
      frame: 3, assignments: [Signed(try Fixtures.assignment(), by: try Fixtures.key(6))])
  }

  static func statement() throws -> AccountStatement {
    AccountStatement(
      key: try Fixtures.key(7).publicKey, balances: ["submitter": Microcredits(5)],
      pending: ["submitter": Microcredits(-1)],
      lines: [
        .init(
          logIndex: 4, timeMS: 1_800_000_000_000, debit: "custody", credit: "submitter",
          amount: Microcredits(5),
          state: "posted", cause: "deposit")
      ])
  }

  static func scene() throws -> RendererScene {
    RendererScene(terms: try Fixtures.terms(), frame: 3, files: ["scenes/walk.gltf": "/var/blobs/04"])
  }

  private static func pair(_ name: String, _ value: some Encodable) throws -> (String, String) {
    (name, String(decoding: try WireJSON.encode(value), as: UTF8.self))
  }

  /// Name and text of each message.
  static func all() throws -> [(String, String)] {
    let tile = TileRect(x: 32, y: 16, width: 32, height: 16)
    let record = PixelRecord(rgbaHalfBits: [1, 2, 3, 65_535], work: 9)
    return [
      try pair("FarmInfo", try farm()),
      try pair("JoinRequest", JoinRequest(protocolVersion: 1, name: "w", device: device, kernelSet: .zero)),
      try pair("JoinReply", JoinReply(farm: try farm(), heartbeatMS: 4_000, tilesVerified: 12)),
      try pair("LeaseRequest", LeaseRequest(residentJob: try Fixtures.terms().id, residentFrame: 3)),
      try pair("LeaseRequest.idle", LeaseRequest()),
      try pair(
        "LeaseRequest.offer",
        LeaseRequest(
          offer: WorkerOffer(
            device: "0.1", raysPerS: 7_000_000, memoryBytesMax: 8_000_000_000, pricePerRayMin: Microcredits(3)
          ))),
      try pair("LeaseReply", LeaseReply(lease: try lease(), retryAfterMS: 0)),
      try pair("LeaseReply.none", LeaseReply(lease: nil, retryAfterMS: 500)),
      try pair("Heartbeat", Heartbeat(fences: [99], released: [98])),
      try pair(
        "Heartbeat.failed",
        Heartbeat(fences: [99], released: [98], failures: [LeaseFailure(fence: 98, reason: "no space")])),
      try pair("HeartbeatReply", HeartbeatReply(lost: [97])),
      try pair(
        "HeartbeatReply.taken",
        HeartbeatReply(
          lost: [97], taken: [TakenTiles(fence: 96, tiles: [TileIndex(4), TileIndex(5)])])),
      try pair("Quote", try quote()),
      try pair("UploadStatus", UploadStatus(digest: .zero, bytes: 5, isStored: false)),
      try pair("ResultReceipt", ResultReceipt(logIndex: 5, alreadyAccepted: false)),
      try pair(
        "SubmitRequest",
        SubmitRequest(terms: try Fixtures.terms(), manifest: try Fixtures.manifest(), budget: Microcredits(9))
      ),
      try pair("JobStatus", try status()),
      try pair("JobList", JobList(jobs: [])),
      try pair("BlobList", BlobList(digests: [.zero])),
      try pair("AccountStatement", try statement()),
      try pair(
        "DepositRequest",
        DepositRequest(account: try Fixtures.key(7).publicKey, amount: Microcredits(5), reference: .zero)),
      try pair("Refusal", Refusal(.staleLease, "lease 4 is over", remedy: "ask for another")),
      try pair(
        "JobFilm",
        JobFilm(
          filter: .blackmanHarris, layers: 5, lens: .init(apertureRadius: 0.5, focusDistance: 3), view: .agx,
          exposureEV: -1.5)),
      try pair("JobFilm.plain", JobFilm()),
      try pair("RendererRequest.describe", RendererRequest.describe),
      try pair("RendererRequest.load", RendererRequest.load(try scene())),
      try pair(
        "RendererRequest.render",
        RendererRequest.render(tile: TileIndex(4), rect: tile, attempt: 1, ahead: TileIndex(5))),
      try pair("RendererRequest.probe", RendererRequest.probe(pixels: [PixelPosition(x: 1, y: 2)], pass: 0)),
      try pair("RendererRequest.benchmark", RendererRequest.benchmark),
      try pair("RendererRequest.unload", RendererRequest.unload),
      try pair("RendererReply.unloaded", RendererReply.unloaded),
      try pair("RendererReply.benchmarked", RendererReply.benchmarked(raysPerS: 7_000_000)),
      try pair("RendererReply.described", RendererReply.described(device: device, kernelSet: .zero)),
      try pair("RendererReply.loaded", RendererReply.loaded(deviceScene: .zero)),
      try pair("RendererReply.rendered", RendererReply.rendered(root: .zero, work: 9, pixelCount: 512)),
      try pair("RendererReply.probed", RendererReply.probed(pixels: [record])),
      try pair("RendererReply.failed", RendererReply.failed(Refusal(.sceneInvalid, "no camera"))),
    ]
  }
}
