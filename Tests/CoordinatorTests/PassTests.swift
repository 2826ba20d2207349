import Coordinator
import Cryptography
import Durability
import FarmProtocol
import Imaging
import Settlement
import Testing

/// Jobs whose samples are taken in passes.
@Suite struct PassTests {
  private let submitter = TestFarm.submitter.publicKey

  /// Two frames of two tiles, four samples in three passes.
  private func terms(_ test: TestFarm) -> JobTerms {
    var terms = test.terms()
    terms.passes = [1, 2, 1]
    return terms
  }

  private func plan(passes: [UInt32] = [1, 2, 1]) -> JobPlan {
    var terms = smallTerms()
    terms.passes = passes
    return JobPlan(id: terms.id, terms: terms, reservedAt: 7, expectedWork: 400)
  }

  private func take(_ plan: inout JobPlan, _ frame: UInt32, _ limit: Int = 9) -> [UInt32] {
    plan.take(frame: frame, limit: limit, fence: 1, worker: worker(1), others: []).map(\.tile.value)
  }

  @Test func `first passes are given out first, then frame by frame the others, one pass a lease`() {
    var plan = plan()
    var order: [[UInt32]] = []
    while let frame = plan.nextFrame(for: worker(1), preferred: 4, others: []) {
      order.append(take(&plan, frame))
    }
    // The frame that the worker holds is preferred, but not before other frames' first passes.
    #expect(order == [[2, 3], [0, 1], [8, 9], [10, 11], [4, 5], [6, 7]])
    #expect(plan.leasedCount == 12 && plan.queuedCount == 0)
  }

  @Test func `what a tile takes is expected by its samples`() {
    var plan = plan(passes: [1, 3])
    #expect(plan.meanWork == 100 && plan.remainingWork == 1600 && plan.remainingTiles == 4)
    let first = take(&plan, 3) + take(&plan, 4)
    #expect(plan.meanWork == 300 && plan.remainingWork == 1600)
    for tile in first {
      let pending = JobPlan.Pending(worker: worker(1), attempt: 0, commitment: Digest(of: [9]), logIndex: 4)
      plan.returned(TileIndex(tile), pending, work: 50)
    }
    #expect(plan.meanWork == 150 && plan.remainingWork == 600 && plan.remainingTiles == 3)
    plan.unverifiable(TileIndex(0))
    #expect(plan.meanWork == 50 && plan.remainingWork == 650)
  }

  /// Renders so many tiles and has them judged.
  private func work(_ count: Int, at farm: FarmCoordinator, _ terms: JobTerms) async throws {
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    var left = count
    while left > 0, let lease = try await farm.lease(LeaseRequest(), for: worker.name).lease {
      for assignment in lease.assignments {
        _ = try await farm.accept(worker.result(assignment.record, lease.terms), from: worker.name)
      }
      left -= lease.assignments.count
    }
    try await farm.settle()
  }

  private func picture(
    _ terms: JobTerms, _ number: UInt32, at farm: FarmCoordinator, isPreview: Bool
  ) async throws -> Frame {
    let path = try await farm.framePath(
      terms.id, number, format: "exr", isPreview: isPreview, for: submitter)
    return try EXRReader.decode(try #require(try DurableFile.read(path))).frame
  }

  /// What the first passes of a tile show, by plain addition.
  private func sum(_ terms: JobTerms, frame: UInt32, passes: Int, _ rect: TileRect) -> Fragment {
    var total = TestRender.sums(terms, TilePlace(frame: frame, pass: 0, rect: rect))
    for pass in 1..<max(1, passes) {
      total.add(TestRender.sums(terms, TilePlace(frame: frame, pass: pass, rect: rect)))
    }
    return total.resolved()
  }

  private func expect(_ frame: Frame, of terms: JobTerms, _ number: UInt32, passes: Int) {
    for tile in 0..<terms.grid.tileCount {
      let rect = terms.grid.rect(at: tile)
      let truth = sum(terms, frame: number, passes: passes, rect)
      // Work is for the bill, and in no file.
      #expect(frame.fragment(at: rect).rgbaHalfBits == truth.rgbaHalfBits)
    }
  }

  @Test func `previews come with the first passes, and the frames are the sums of all`() async throws {
    let test = TestFarm()
    let terms = terms(test)
    do {
      let farm = try await test.openWithJob(terms)
      try await work(4, at: farm, terms)
      let status = try await farm.status(of: terms.id, for: submitter)
      #expect(status.previews == [3, 4].map { FramePreview(frame: $0, samples: 1) })
      #expect(status.framesDone.isEmpty && status.tilesVerified == 4 && status.tileCount == 12)
      for number in [3, 4] as [UInt32] {
        let seen = try await picture(terms, number, at: farm, isPreview: true)
        expect(seen, of: terms, number, passes: 1)
      }
      try await work(4, at: farm, terms)
      let later = try await farm.status(of: terms.id, for: submitter)
      #expect(later.framesDone == [3] && later.previews == [FramePreview(frame: 4, samples: 1)])
    }
    // A start finds what was there.
    let farm = try await test.open()
    try await farm.settle()
    let again = try await farm.status(of: terms.id, for: submitter)
    #expect(again.framesDone == [3] && again.previews == [FramePreview(frame: 4, samples: 1)])
    try await work(2, at: farm, terms)
    #expect(try await farm.status(of: terms.id, for: submitter).previews?.first?.samples == 3)
    expect(try await picture(terms, 4, at: farm, isPreview: true), of: terms, 4, passes: 2)
    try await work(2, at: farm, terms)

    let done = try await farm.status(of: terms.id, for: submitter)
    #expect(done.state == .completed && done.framesDone == [3, 4] && done.previews == [])
    for number in [3, 4] as [UInt32] {
      expect(try await picture(terms, number, at: farm, isPreview: false), of: terms, number, passes: 3)
      await #expect(throws: Refusal.self) {
        try await farm.framePath(terms.id, number, format: "png", isPreview: true, for: submitter)
      }
      #expect(DurableFile.byteCount("\(test.root)/frames/\(terms.id)/preview.000\(number).png") == nil)
    }
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `sums that are wrong are found out`() async throws {
    let test = TestFarm()
    let terms = terms(test)
    let farm = try await test.openWithJob(terms)
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
    let assignment = lease.assignments[0].record
    let right = TestRender.sums(terms, terms.tile(assignment.tile))
    // One unit of 2^-30, which no half shows.
    let wrong = SampleSums(
      rect: right.rect, sampleCount: right.sampleCount, rgba: right.rgba.map { $0 + 1 }, work: right.work)
    _ = try await farm.accept(
      worker.result(assignment, .sums(wrong, firstSample: 0), terms), from: worker.name)
    try await farm.settle()
    let status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.tilesVoided == 1 && status.tilesVerified == 0)
  }

  @Test func `another pass's sums, and resolved pixels, are no fragments of the tile`() async throws {
    let test = TestFarm()
    let terms = terms(test)
    let worker = TestWorker(1)
    let right = TestRender.sums(terms, TilePlace(frame: 3, pass: 0, rect: terms.grid.rect(at: 0)))
    let more = TestRender.sums(terms, TilePlace(frame: 3, pass: 1, rect: right.rect))
    for content in [.sums(right, firstSample: 1), .sums(more, firstSample: 0), .resolved(right.resolved())]
      as [TileContent]
    {
      let farm = try await TestFarm().openWithJob(terms)
      _ = try await farm.join(worker.joining, as: worker.name)
      let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
      let body = try worker.result(lease.assignments[0].record, content, terms)
      do {
        _ = try await farm.accept(body, from: worker.name)
        Issue.record("\(content) was accepted")
      } catch let refusal as Refusal { #expect(refusal.code == .fragmentInvalid) }
    }
  }
}
