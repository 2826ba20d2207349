import Coordinator
import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Testing

/// Room on the disk, numbers, copies.
@Suite struct UpkeepTests {
  private let submitter = TestFarm.submitter.publicKey

  private func code(_ body: () async throws -> Void) async -> Refusal.Code? {
    do {
      try await body()
      return nil
    } catch { return (error as? Refusal)?.code }
  }

  @Test func `a farm whose disk is nearly full takes no new work and loses none`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
    test.freeBytes.withLock { $0 = Limits.diskReserveBytes - 1 }

    #expect(try await farm.lease(LeaseRequest(), for: worker.name).lease == nil)
    let other = try test.submission(test.terms(nonce: 2))
    #expect(
      await code { _ = try await farm.submit(other, from: submitter, checkedBy: TestSceneCheck()) } == .busy)
    #expect(await farm.readiness().reasons.count == 1)
    // What is out is taken, checked and paid.
    _ = try await farm.accept(worker.result(lease.assignments[0].record, terms), from: worker.name)
    try await farm.settle()
    #expect(try await farm.status(of: terms.id, for: submitter).tilesVerified == 1)

    test.freeBytes.withLock { $0 = 1 << 40 }
    #expect(await farm.readiness().reasons.isEmpty)
    try await TestFarm.work(worker, at: farm)
    try await farm.settle()
    #expect(try await farm.status(of: terms.id, for: submitter).state == .completed)
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `the numbers are those of the farm, in the format that Prometheus reads`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    try await TestFarm.work(TestWorker(1), at: farm)
    try await farm.settle()
    let text = try await farm.metrics()
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.contains("farm_tiles_verified_total 4"))
    #expect(lines.contains("farm_jobs{state=\"completed\"} 1"))
    #expect(lines.contains("farm_workers_online 1"))
    let sample = try Regex(#"[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9]+"#)
    for line in lines where !line.hasPrefix("# HELP ") && !line.hasPrefix("# TYPE ") {
      #expect(line.wholeMatch(of: sample) != nil, "\(line)")
    }
    let names = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
    #expect(Set(names).count == names.count, "each metric once")
  }

  @Test func `labels are escaped`() {
    var metrics = MetricsText()
    metrics.add(.gauge, "a", "b", by: "c", [("x\"\\\n", 1)])
    #expect(metrics.text.hasSuffix("a{c=\"x\\\"\\\\\\n\"} 1\n"))
  }

  @Test func `a copy made beside a working farm opens as that farm`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    try await TestFarm.work(TestWorker(1), at: farm)
    let copy = TestFarm()
    try FileManager.default.createDirectory(atPath: copy.root, withIntermediateDirectories: true)
    let report = try FarmOperation(root: test.root).backup(to: "\(copy.root)/farm.sqlite")
    #expect(report.jobs == 1)
    let mode = try FileManager.default.attributesOfItem(atPath: "\(copy.root)/farm.sqlite")[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(throws: FileFault.self) {
      try FarmOperation(root: test.root).backup(to: "\(copy.root)/farm.sqlite")
    }
    // The farm goes on; the copy, with keys and blobs beside it, goes on from where it was made.
    try await farm.settle()
    for name in ["coordinator.key", "verifier.key", "operator.key", "blobs"] {
      try FileManager.default.copyItem(atPath: "\(test.root)/\(name)", toPath: "\(copy.root)/\(name)")
    }
    let again = try await copy.open()
    #expect(try await again.status(of: terms.id, for: submitter).tilesPending == 4)
    try await again.settle()
    #expect(try await again.status(of: terms.id, for: submitter).state == .completed)
    #expect(try await again.statement(of: submitter).balances == farm.statement(of: submitter).balances)
  }

  @Test func `a store of a newer program is refused`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    _ = try await farm.deposit(TestFarm.deposit)
    let newer = TestFarm()
    try FileManager.default.createDirectory(atPath: newer.root, withIntermediateDirectories: true)
    let path = "\(newer.root)/farm.sqlite"
    _ = try FarmOperation(root: test.root).backup(to: path)
    // user_version is a big-endian word at byte 60 of the file (SQLite file format, section 1.3).
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: 60)
    try file.write(contentsOf: Data([0, 0, 0, 99]))
    try file.close()
    await #expect {
      _ = try await newer.open()
    } throws: {
      "\($0)".contains("schema 99")
    }
  }
}
