import Cryptography
import FarmProtocol
import Settlement
import Testing
import Worker

@Suite struct LeaseCheckTests {
  let check = LeaseCheck(
    coordinator: Samples.coordinator.publicKey, worker: Samples.worker.publicKey, kernelSet: Samples.kernelSet
  )

  static func refused(_ lease: Lease) -> Refusal.Code? {
    do throws(Refusal) {
      try LeaseCheckTests().check.check(lease)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `farm's own lease is taken`() {
    #expect(LeaseCheckTests.refused(Samples.lease(fence: 5, tiles: 0..<3)) == nil)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: Refusal.Code
    var change: @Sendable (inout Lease) -> Void
  }

  static let cases: [Case] = [
    Case(testDescription: "terms outside the limits", code: .badRequest) { $0.terms.widthPX = 0 },
    Case(testDescription: "another job's name", code: .conflict) { $0.terms.nonce = .zero },
    Case(testDescription: "another kernel set", code: .kernelMismatch) { lease in
      lease.terms.kernelSet = .zero
      lease.job = lease.terms.id
    },
    Case(testDescription: "another bundle", code: .bundleInvalid) { $0.manifest.files[0].bytes += 1 },
    Case(testDescription: "a path out of the bundle", code: .bundleInvalid) {
      $0.manifest.files[0].path = "../key"
    },
    Case(testDescription: "no tiles", code: .badRequest) { $0.assignments = [] },
    Case(testDescription: "too many tiles", code: .badRequest) { lease in
      lease.assignments = Array(repeating: lease.assignments[0], count: Limits.leaseTilesMax + 1)
    },
    Case(testDescription: "a tile twice", code: .badRequest) { $0.assignments.append($0.assignments[0]) },
    Case(testDescription: "another lease's tile", code: .wrongAssignment) { $0.fence += 1 },
    Case(testDescription: "another frame's tile", code: .wrongAssignment) { $0.frame += 1 },
    Case(testDescription: "another worker's tile", code: .wrongAssignment) { lease in
      lease.assignments = Samples.lease(fence: 5, tiles: 0..<1, worker: Samples.key(9)).assignments
    },
    Case(testDescription: "a tile beyond the job", code: .wrongAssignment) { lease in
      lease.assignments = [Signed(Samples.assignment(16, fence: 5), by: Samples.coordinator)]
    },
    Case(testDescription: "a promise that the farm did not sign", code: .wrongSignature) { lease in
      lease.assignments[0] = Signed(lease.assignments[0].record, by: Samples.key(9))
    },
    Case(testDescription: "a promise changed after signing", code: .wrongSignature) {
      $0.assignments[0].record.reservedAt += 1
    },
  ]

  @Test(arguments: cases) func `lease is refused for`(_ fault: Case) {
    var lease = Samples.lease(fence: 5, tiles: 0..<3)
    fault.change(&lease)
    #expect(LeaseCheckTests.refused(lease) == fault.code)
  }
}
