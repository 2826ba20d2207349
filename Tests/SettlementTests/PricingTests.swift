import Settlement
import Testing

@Suite struct PricingTests {
  @Test func `pay is work times price up to the cap`() {
    let terms = TestFarm.terms(price: 3, cap: 1000)
    #expect(Pricing.tilePay(work: 0, terms: terms) == .zero)
    #expect(Pricing.tilePay(work: 5, terms: terms).value == 15)
    #expect(Pricing.tilePay(work: 333, terms: terms).value == 999)
    #expect(Pricing.tilePay(work: 334, terms: terms).value == 1000)
    #expect(Pricing.tilePay(work: .max, terms: terms).value == 1000)
    #expect(Pricing.tilePay(work: .max, terms: TestFarm.terms(price: .max, cap: .max)).value == .max)
    #expect(Pricing.tilePay(work: 5, terms: TestFarm.terms(price: -3, cap: 1000)) == .zero)
    #expect(Pricing.tilePay(work: 5, terms: TestFarm.terms(price: 3, cap: -1)) == .zero)
  }

  @Test func `fees are 2% and 1%, rounded down`() {
    #expect(Pricing.verifierFee(Microcredits(1049)).value == 20)
    #expect(Pricing.coordinatorFee(Microcredits(1099)).value == 10)
    #expect(Pricing.coordinatorFee(Microcredits(99)).value == 0)
    #expect(Pricing.verifierFee(Microcredits(.max)).value == .max / 50)
    #expect(Pricing.verifierFee(Microcredits(500), perMille: 1000).value == 500)
  }

  @Test func `a reservation covers every tile's cap and fees, or is refused`() {
    let terms = TestFarm.terms(price: 3, cap: 1000)
    #expect(Pricing.reservation(terms: terms, tileCount: 7) == Microcredits(7 * 1030))
    #expect(Pricing.reservation(terms: TestFarm.terms(price: 0, cap: 1000), tileCount: 7) == .zero)
    #expect(Pricing.reservation(terms: TestFarm.terms(price: 1, cap: .max), tileCount: 1) == nil)
    #expect(Pricing.reservation(terms: TestFarm.terms(price: 1, cap: .max / 2), tileCount: 2) == nil)
    #expect(Pricing.reservation(terms: TestFarm.terms(price: -1, cap: 1000), tileCount: 7) == nil)
    #expect(Pricing.reservation(terms: TestFarm.terms(price: 1, cap: -1), tileCount: 7) == nil)
  }

  @Test func `work is bounded by camera, shadow and path rays`() {
    var terms = TestFarm.terms(price: 1, cap: 1)
    (terms.samplesPerPixel, terms.maxDepth) = (64, 8)
    #expect(Pricing.workBound(terms: terms, pixelCount: 100) == 100 * 64 * 17)
    (terms.samplesPerPixel, terms.maxDepth) = (.max, .max)
    #expect(Pricing.workBound(terms: terms, pixelCount: .max) == .max)
  }

  @Test func `a pass is capped by its part of the samples, rounded up, and all of them cost the most`() {
    var terms = TestFarm.terms(price: 3, cap: 1000)
    terms.passes = [1, 5, 10]
    #expect(
      [1, 5, 10].map { Pricing.tilePay(work: .max, terms: terms, samples: $0).value } == [63, 313, 625])
    #expect(Pricing.tilePay(work: 7, terms: terms, samples: 1).value == 21)
    // 63 + 1 + 0, 313 + 6 + 3, 625 + 12 + 6.
    #expect(Pricing.reservation(terms: terms, tileCount: 2) == Microcredits(2 * 643))
    #expect(Pricing.worstCase(terms: terms, tileCount: 2) == Microcredits(2 * (64 + 322 + 643)))
    let vast = TestFarm.terms(price: .max, cap: .max)
    #expect(Pricing.tilePay(work: .max, terms: vast, samples: 15).value == .max / 16 * 15 + 15)
    #expect(Pricing.workBound(terms: terms, pixelCount: 100, samples: 5) == 100 * 5 * 9)
  }

  @Test func `a pass's tile is held and paid by its own samples`() throws {
    var terms = TestFarm.terms(price: 7, cap: 16_000)
    terms.passes = [4, 12]
    var farm = TestFarm(terms: terms)
    farm.open()
    // 12 tiles a frame and pass, two frames: tile 23 is of a first pass, tile 24 of a second.
    #expect(farm.render(23, work: 500)?.amount.value == 3500)
    #expect(farm.render(22, work: 700)?.amount.value == 4000)
    #expect(farm.render(24, work: 3000)?.amount.value == 12_000)
    #expect(farm.render(47, work: 1000)?.amount.value == 7000)
    #expect(LogAuditor.audit(farm.entries).isClean)
  }

  @Test func `tiles at the edges are cut, and all of them make the frame`() throws {
    let terms = TestFarm.terms(price: 1, cap: 1)
    let tiles = try #require(JobTiles(terms))
    #expect(tiles.count == 24)
    let perFrame = tiles.count / terms.frameCount
    for frame in 0..<terms.frameCount {
      let pixels = (0..<perFrame).map { tiles.pixelCount(of: TileIndex(UInt32(frame * perFrame + $0))) }
      #expect(pixels.reduce(0, +) == Int(terms.widthPX * terms.heightPX))
    }
    #expect(tiles.pixelCount(of: TileIndex(0)) == 64)
    #expect(tiles.pixelCount(of: TileIndex(23)) == 4 * 4)
    var inPasses = terms
    inPasses.passes = [2, 6, 8]
    let more = try #require(JobTiles(inPasses))
    #expect(more.count == 72)
    for tile in UInt32(0)..<72 {
      #expect(more.pixelCount(of: TileIndex(tile)) == tiles.pixelCount(of: TileIndex(tile % 12)))
    }
    #expect(inPasses.sampleCount(of: TileIndex(23)) == 2 && inPasses.sampleCount(of: TileIndex(24)) == 6)
  }

  @Test func `terms that describe no tiles have none`() {
    for change: (inout JobTerms) -> Void in [
      { $0.widthPX = 0 }, { $0.heightPX = 0 }, { $0.tileSidePX = 0 }, { $0.firstFrame = $0.lastFrame + 1 },
      { ($0.widthPX, $0.heightPX, $0.tileSidePX) = (.max, .max, 1) },
      { ($0.firstFrame, $0.lastFrame) = (0, .max) }, { $0.passes = [] }, { $0.passes = [16] },
      { $0.passes = [8, 0, 8] }, { $0.passes = [8, 9] }, { $0.passes = [.max, .max, 18] },
      { $0.passes = Array(repeating: 1, count: 65) + [.max] },
    ] {
      var terms = TestFarm.terms(price: 1, cap: 1)
      change(&terms)
      #expect(JobTiles(terms) == nil)
    }
  }
}
