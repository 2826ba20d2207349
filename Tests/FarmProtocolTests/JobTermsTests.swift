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

  @Test func `tiles cover each frame's pixels once`() throws {
    let terms = try Fixtures.terms()
    #expect(terms.tileCount == 4 * 2 * 3)
    var covered: [UInt32: [Int]] = [:]
    for index in 0..<terms.tileCount {
      let (frame, rect) = terms.tile(TileIndex(UInt32(index)))
      for y in rect.y..<rect.y + rect.height {
        for x in rect.x..<rect.x + rect.width { covered[frame, default: []].append(y * 100 + x) }
      }
    }
    #expect(covered.keys.sorted() == [3, 4, 5])
    for pixels in covered.values { #expect(pixels.sorted() == Array(0..<5_000)) }
  }

  @Test func `first tile of a frame is the first that names it`() throws {
    let terms = try Fixtures.terms()
    for frame in terms.firstFrame...terms.lastFrame {
      let first = terms.firstTile(ofFrame: frame)
      #expect(terms.tile(first).frame == frame)
      #expect(terms.tile(first).rect.x == 0 && terms.tile(first).rect.y == 0)
    }
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
