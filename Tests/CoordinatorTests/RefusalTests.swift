import Coordinator
import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Testing

/// Each "no" of the coordinator, reached.
@Suite struct RefusalTests {
  private let submitter = TestFarm.submitter.publicKey

  private func code(_ body: () async throws -> Void) async -> Refusal.Code? {
    do {
      try await body()
      return nil
    } catch { return (error as? Refusal)?.code }
  }

  @Test func `a submission is refused with the reason`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let good = try test.submission(test.terms())
    let submit = { (request: SubmitRequest, signer: PublicKey, check: TestSceneCheck) in
      await code { _ = try await farm.submit(request, from: signer, checkedBy: check) }
    }
    #expect(await submit(good, worker(3), TestSceneCheck()) == .forbidden)
    #expect(await submit(good, submitter, TestSceneCheck()) == .insufficientFunds)
    _ = try await farm.deposit(TestFarm.deposit)
    #expect(await submit(good, submitter, TestSceneCheck()) == .blobMissing)
    try farm.blobs.put(test.sceneBytes)
    let broken = TestSceneCheck(refusal: Refusal(.sceneInvalid, "scene.gltf#/nodes/0: no"))
    #expect(await submit(good, submitter, broken) == .sceneInvalid)

    var request = good
    request.budget = good.budget - Microcredits(1)
    #expect(await submit(request, submitter, TestSceneCheck()) == .budgetTooLow)
    request = good
    request.terms.kernelSet = Digest(of: [99])
    #expect(await submit(request, submitter, TestSceneCheck()) == .kernelMismatch)
    request = good
    request.terms.pricePerRay = Microcredits(2)
    #expect(await submit(request, submitter, TestSceneCheck()) == .badRequest)
    request = good
    request.manifest.files[0].bytes += 1
    request.terms.bundle = request.manifest.digest
    #expect(await submit(request, submitter, TestSceneCheck()) == .bundleInvalid)

    let first = try await farm.submit(good, from: submitter, checkedBy: TestSceneCheck())
    let again = try await farm.submit(good, from: submitter, checkedBy: broken)
    #expect(first == again)
    #expect(try await farm.jobList(for: submitter).jobs.count == 1)
  }

  @Test func `jobs are seen by their submitter and the operator`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    #expect(await code { _ = try await farm.status(of: terms.id, for: worker(3)) } == .notFound)
    #expect(await code { _ = try await farm.cancel(terms.id, by: worker(3)) } == .notFound)
    #expect(try await farm.jobList(for: worker(3)).jobs.isEmpty)
    #expect(try await farm.status(of: terms.id, for: farm.keys.operator).id == terms.id)
    #expect(
      await code { _ = try await farm.framePath(terms.id, 3, format: "exr", for: submitter) } == .notFound)
  }

  @Test func `a deposit counts once, and its reference is its own`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    for _ in 0..<2 {
      let statement = try await farm.deposit(TestFarm.deposit)
      #expect(statement.balances["\(AccountID.submitter(submitter))"] == TestFarm.deposit.amount)
    }
    var other = TestFarm.deposit
    other.amount = Microcredits(1)
    #expect(await code { _ = try await farm.deposit(other) } == .conflict)
    other = DepositRequest(account: submitter, amount: .zero, reference: Digest(of: [78]))
    #expect(await code { _ = try await farm.deposit(other) } == .badRequest)
    #expect(await farm.faultReason == nil)
  }

  @Test func `a worker is refused with the reason`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let one = TestWorker(1)
    #expect(await code { _ = try await farm.lease(LeaseRequest(), for: one.name) } == .notFound)
    var joining = one.joining
    joining.kernelSet = Digest(of: [99])
    #expect(await code { _ = try await farm.join(joining, as: one.name) } == .kernelMismatch)
    joining = one.joining
    joining.protocolVersion += 1
    #expect(await code { _ = try await farm.join(joining, as: one.name) } == .unsupportedVersion)
    #expect(try await farm.join(one.joining, as: one.name).farm.workersOnline == 1)
    try await farm.ban(one.name)
    #expect(await code { _ = try await farm.join(one.joining, as: one.name) } == .banned)
    #expect(await code { _ = try await farm.lease(LeaseRequest(), for: one.name) } == .banned)
  }

  /// What is done to a result, and what is said about it.
  private typealias Make = @Sendable (TestWorker, Assignment, JobTerms) throws -> [UInt8]

  private static let badResults: [(name: String, code: Refusal.Code, make: Make)] =
    [
      ("no envelope", .badRequest, { _, _, _ in [1, 2, 3] }),
      ("another attempt in the header", .fragmentInvalid, { try $0.result($1, $2, attempt: 7) }),
      (
        "more work than the terms allow", .fragmentInvalid,
        { try $0.result($1, $2, change: { _, work in work[5] = 29 }) }
      ),
      ("another root", .commitmentMismatch, { try $0.result($1, $2, claim: { $0.root = Digest(of: []) }) }),
      (
        "more work than the pixels", .commitmentMismatch, { try $0.result($1, $2, claim: { $0.work += 1 }) }
      ),
      (
        "more pixels than the tile", .commitmentMismatch,
        { try $0.result($1, $2, claim: { $0.pixelCount += 1 }) }
      ),
      (
        "another fragment", .commitmentMismatch,
        { try $0.result($1, $2, claim: { $0.fragment = Digest(of: []) }) }
      ),
      (
        "another assignment", .commitmentMismatch,
        { try $0.result($1, $2, claim: { $0.assignment = Digest(of: []) }) }
      ),
      ("another's signature", .wrongSignature, { try TestWorker(7).result($1, $2) }),
      (
        "an assignment that was changed", .wrongAssignment,
        { worker, assignment, terms in
          var changed = assignment
          changed.deadlineMS += 1
          return try worker.result(changed, terms)
        }
      ),
      (
        "a lease that never was", .staleLease,
        { worker, assignment, terms in
          var changed = assignment
          changed.fence += 1
          return try worker.result(changed, terms)
        }
      ),
    ]

  @Test(arguments: badResults.indices)
  func `a wrong result is refused with the reason`(index: Int) async throws {
    let (name, expected, make) = RefusalTests.badResults[index]
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 1)
    let farm = try await test.openWithJob(terms)
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
    let body = try make(worker, lease.assignments[0].record, terms)
    #expect(await code { _ = try await farm.accept(body, from: worker.name) } == expected, "\(name)")
    #expect(try await farm.status(of: terms.id, for: submitter).tilesPending == 0)
  }

  @Test func `late, foreign and double results change nothing`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 1)
    let farm = try await test.openWithJob(terms)
    let (one, two) = (TestWorker(1), TestWorker(2))
    for worker in [one, two] { _ = try await farm.join(worker.joining, as: worker.name) }
    let lost = try #require(try await farm.lease(LeaseRequest(), for: one.name).lease)
    let late = try one.result(lost.assignments[0].record, terms)
    #expect(await code { _ = try await farm.accept(late, from: two.name) } == .wrongAssignment)
    test.clock.advance(Limits.workerSilenceMS + 1)
    try await farm.tick()
    #expect(await code { _ = try await farm.accept(late, from: one.name) } == .staleLease)
    let lease = try #require(try await farm.lease(LeaseRequest(), for: two.name).lease)
    let right = try two.result(lease.assignments[0].record, terms)
    let receipt = try await farm.accept(right, from: two.name)
    let again = try await farm.accept(right, from: two.name)
    #expect(again == ResultReceipt(logIndex: receipt.logIndex, alreadyAccepted: true))
    let other = try two.result(lease.assignments[0].record, terms, change: { halves, _ in halves[0] ^= 1 })
    #expect(await code { _ = try await farm.accept(other, from: two.name) } == .conflict)
    try await farm.settle()
    #expect(try await farm.accept(right, from: two.name).alreadyAccepted)
    #expect(await code { _ = try await farm.accept(late, from: one.name) } == .staleLease)
    let status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.tilesVerified == 1)
    #expect(try await farm.statement(of: one.name).balances.isEmpty)
    #expect(try await farm.audit().findings.isEmpty)
  }
}
