import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Testing

struct JobTermsTests {
  @Test func `tiles are smaller when a job has few of them for the workers there are`() {
    let side = { (frames: Int, workers: Int) in
      JobTerms.fittedTileSidePX(widthPX: 480, heightPX: 270, frames: frames, workers: workers)
    }
    #expect(side(1, 0) == 128)
    #expect(side(1, 3) == 128)
    #expect(side(1, 4) == 64)
    #expect(side(1, 1_000) == 32)
    #expect(side(48, 100) == 128)
  }

  @Test func `good terms pass`() throws { try Fixtures.terms().validate() }

  @Test func `terms at every limit pass`() throws {
    var terms = try Fixtures.terms()
    (terms.widthPX, terms.heightPX, terms.tileSidePX) = (16_384, 16_384, 512)
    (terms.samplesPerPixel, terms.maxDepth, terms.framesPerSecond) = (65_536, 64, 1_000)
    (terms.firstFrame, terms.lastFrame) = (1, 976)
    (terms.pricePerRay, terms.capPerTile) = (.zero, Microcredits(Limits.tilePriceMax))
    terms.environmentStrength = nil
    terms.environmentFile = ""
    try terms.validate()
    #expect(terms.tileCount == 999_424)
  }

  /// Each change alone makes good terms bad; the refusal names the field.
  static let changes: [(String, @Sendable (inout JobTerms) -> Void)] = [
    ("widthPX is 0", { $0.widthPX = 0 }),
    ("widthPX is 16385", { $0.widthPX = 16_385 }),
    ("heightPX is 4294967295", { $0.heightPX = .max }),
    ("tileSidePX is 4,", { $0.tileSidePX = 4 }),
    ("tileSidePX is 516", { $0.tileSidePX = 516 }),
    ("multiple of 4", { $0.tileSidePX = 30 }),
    ("samplesPerPixel is 0", { $0.samplesPerPixel = 0 }),
    ("samplesPerPixel is 65537", { $0.samplesPerPixel = 65_537 }),
    ("maxDepth is 0", { $0.maxDepth = 0 }),
    ("maxDepth is 65", { $0.maxDepth = 65 }),
    ("framesPerSecond is 0", { $0.framesPerSecond = 0 }),
    ("frames 0-5", { $0.firstFrame = 0 }),
    ("frames 6-5", { $0.firstFrame = 6 }),
    ("frames 3-4294967295", { $0.lastFrame = .max }),
    ("frame count is 100001", { $0.lastFrame = 100_003 }),
    ("tiles, at most 1000000", { ($0.widthPX, $0.heightPX, $0.tileSidePX) = (16_384, 16_384, 8) }),
    ("sceneFile", { $0.sceneFile = "../x" }),
    ("environmentFile", { $0.environmentFile = "/x" }),
    ("camera has 513 bytes", { $0.camera = String(repeating: "c", count: 513) }),
    ("pricePerRay is -1", { $0.pricePerRay = Microcredits(-1) }),
    ("capPerTile is 1000000000001", { $0.capPerTile = Microcredits(1_000_000_000_001) }),
    ("environmentStrength is nan", { $0.environmentStrength = .nan }),
    ("environmentStrength is -1", { $0.environmentStrength = -1 }),
    ("environmentRotationDeg is inf", { $0.environmentRotationDeg = .infinity }),
    ("passes are []", { $0.passes = [] }), ("passes are [64]", { $0.passes = [64] }),
    ("passes are [4, 61]", { $0.passes = [4, 61] }), ("passes are [0, 64]", { $0.passes = [0, 64] }),
    ("tileSidePX of a job in passes is 512", { ($0.passes, $0.tileSidePX) = ([4, 60], 512) }),
    ("film.layers is 32", { $0.film = JobFilm(layers: 32) }),
    ("film.exposureEV is 21", { $0.film = JobFilm(exposureEV: 21) }),
    ("film.lens.focusDistance is 0", { $0.film = JobFilm(lens: .init(apertureRadius: 1, focusDistance: 0)) }),
    (
      "film.lens.apertureRadius is -1",
      {
        $0.film = JobFilm(lens: .init(apertureRadius: -1, focusDistance: 1))
      }
    ),
  ]

  @Test(arguments: changes.indices)
  func `terms outside a limit are refused by field`(index: Int) throws {
    var terms = try Fixtures.terms()
    JobTermsTests.changes[index].1(&terms)
    let changed = terms
    let refusal = try refusal { try changed.validate() }
    #expect(refusal.code == .badRequest)
    #expect(refusal.message.contains(JobTermsTests.changes[index].0), "\(refusal.message)")
  }

  @Test(arguments: [nil, [4, 60], [1, 2, 61]])
  func `tiles cover each frame's pixels once in every pass`(passes: [UInt32]?) throws {
    var terms = try Fixtures.terms()
    terms.passes = passes
    try terms.validate()
    #expect(terms.wholeTileCount == 4 * 2 * 3)
    #expect(terms.tileCount == 4 * 2 * 3 * terms.passCount)
    var covered: [FramePass: [Int]] = [:]
    for index in 0..<terms.tileCount {
      let place = terms.tile(TileIndex(UInt32(index)))
      let rect = place.rect
      for y in rect.y..<rect.y + rect.height {
        for x in rect.x..<rect.x + rect.width {
          covered[FramePass(frame: place.frame, pass: place.pass), default: []].append(y * 100 + x)
        }
      }
    }
    #expect(covered.count == 3 * terms.passCount)
    for pixels in covered.values { #expect(pixels.sorted() == Array(0..<5_000)) }
  }

  @Test func `a frame's tiles are those that name it, pass by pass`() throws {
    var terms = try Fixtures.terms()
    terms.passes = [4, 20, 40]
    for frame in terms.firstFrame...terms.lastFrame {
      let places = terms.tiles(ofFrame: frame).map { terms.tile($0) }
      #expect(places.allSatisfy { $0.frame == frame })
      #expect(places.map(\.pass) == (0..<3).flatMap { Array(repeating: $0, count: 8) })
      #expect(places.map(\.rect) == (0..<24).map { terms.grid.rect(at: $0 % 8) })
    }
  }

  @Test func `a job of many samples has a first pass, one of few tiles has its samples split`() {
    func passes(_ samples: Int, _ preview: Int? = nil, tiles: Int = 100, workers: Int = 2) -> [UInt32]? {
      JobTerms.fittedPasses(samples: samples, preview: preview, wholeTiles: tiles, workers: workers)
    }
    #expect(passes(64) == nil && passes(127) == nil)
    #expect(passes(128) == [4, 124] && passes(4096) == [128, 3968])
    #expect(passes(128, 0) == nil && passes(16, 1) == [1, 15] && passes(64, 63) == [63, 1])
    #expect(passes(1, 0) == nil && passes(100, workers: 0) == nil)
    // Four tiles and two workers: each tile twice; no part below 32 samples, no more than 64 passes.
    #expect(passes(64, 0, tiles: 4) == [32, 32] && passes(63, 0, tiles: 4) == nil)
    #expect(passes(256, 16, tiles: 1, workers: 1) == [16, 60, 60, 60, 60])
    #expect(passes(65_536, tiles: 1, workers: 100)?.count == JobTerms.passesMax)
    #expect(passes(65_536, tiles: 1, workers: 100)?.reduce(0, +) == 65_536)
  }

  @Test func `dearest job's cost fits its type`() {
    #expect(Int64(Limits.tilesPerJobMax) * Limits.tilePriceMax <= Limits.amountMax)
    #expect(!Limits.amountMax.multipliedReportingOverflow(by: 9).overflow)
  }

  @Test func `submission is checked as a whole`() throws {
    let manifest = try Fixtures.manifest()
    var terms = try Fixtures.terms()
    terms.bundle = manifest.digest
    let good = SubmitRequest(terms: terms, manifest: manifest, budget: Microcredits(1))
    try good.validate()
    var wrong = good
    wrong.terms.bundle = .zero
    #expect(try refusal { try wrong.validate() }.code == .bundleInvalid)
    wrong = good
    wrong.terms.sceneFile = "other.gltf"
    #expect(try refusal { try wrong.validate() }.message.contains("no file \"other.gltf\""))
    wrong = good
    wrong.budget = Microcredits(-1)
    #expect(try refusal { try wrong.validate() }.message.contains("budget is -1"))
  }

  @Test func `worker of another version is refused`() throws {
    let device = DeviceDescription(id: "0.0", name: "d", platform: "p", driver: "1", computeUnits: 1)
    var request = JoinRequest(protocolVersion: 1, name: "w", device: device, kernelSet: .zero)
    try request.validate()
    request.protocolVersion = 2
    #expect(try refusal { try request.validate() }.code == .unsupportedVersion)
    request.protocolVersion = 1
    request.name = "a\u{1b}[31m"
    #expect(try refusal { try request.validate() }.message.contains("control"))
  }
}
