import Cryptography
import Foundation
import Settlement
import Testing

/// One byte string for every record, and one record for every byte string.
@Suite struct CanonicalTests {
  /// Reads back what was written; then every cut is refused, and every changed byte is refused or read as
  /// another record that has exactly those bytes.
  func check<Record: CanonicalRecord & Hashable>(_ record: Record) throws {
    let bytes = record.canonicalBytes
    #expect(try Record(canonicalBytes: bytes) == record)
    #expect(throws: CanonicalError.self) { try Record(canonicalBytes: bytes + [0]) }
    for i in bytes.indices {
      #expect(throws: CanonicalError.self) { try Record(canonicalBytes: Array(bytes[..<i])) }
      for change in [UInt8(1), 0x80, 0xFF] {
        var wrong = bytes
        wrong[i] ^= change
        guard let read = try? Record(canonicalBytes: wrong) else { continue }
        #expect(read != record, "byte \(i) does not count")
        #expect(read.canonicalBytes == wrong, "byte \(i) has two spellings")
      }
    }
  }

  @Test func `job terms have one spelling`() throws {
    var terms = TestFarm.terms(price: 7, cap: 9)
    try check(terms)
    terms.environmentStrength = nil
    try check(terms)
    terms.film = JobFilm()
    try check(terms)
    terms.film = JobFilm(
      filter: .blackmanHarris, layers: 5, lens: .init(apertureRadius: 0.01, focusDistance: 3), view: .agx,
      exposureEV: -1.5)
    try check(terms)
    terms.passes = [4, 12]
    try check(terms)
    terms.film = nil
    try check(terms)
    terms.passes = nil
    terms.environmentRotationDeg = -0.0
    var other = terms
    other.environmentRotationDeg = 0
    #expect(terms == other)
    #expect(terms.digest == other.digest)
  }

  @Test func `terms with a float that is no number are refused`() {
    var terms = TestFarm.terms(price: 7, cap: 9)
    for value in [Float.nan, .infinity, -.infinity] {
      terms.environmentRotationDeg = value
      #expect(throws: CanonicalError.invalid(field: "environmentRotationDeg")) {
        try JobTerms(canonicalBytes: terms.canonicalBytes)
      }
    }
  }

  @Test func `assignments, commitments and verdicts have one spelling`() throws {
    let farm = TestFarm()
    let assignment = farm.assignment(3, attempt: 2)
    try check(assignment)
    try check(farm.commitment(assignment))
    try check(farm.verdict(farm.commitment(assignment), .equal))
    try check(farm.verdict(farm.commitment(assignment), .mismatch))
  }

  @Test func `every kind of log entry and transfer has one spelling`() throws {
    let farm = TestFarm.whole()
    var kinds: Set<String> = []
    for entry in farm.entries {
      var kind = String(describing: entry.body).prefix { $0 != "(" }.description
      if case .transfer(let transfer) = entry.body {
        let accounts = [transfer.debit, transfer.credit].map { $0.description.prefix { $0 != ":" } }
        kind += " \(String(describing: transfer.kind).prefix { $0 != "(" }) \(accounts)"
      }
      guard kinds.insert(kind).inserted else { continue }
      try check(entry)
      if case .transfer(let transfer) = entry.body { try check(transfer) }
    }
    #expect(kinds.count == 14, "\(kinds.sorted())")
  }

  @Test func `entries go through JSON`() throws {
    let entries = TestFarm.whole().entries
    let json = try JSONEncoder().encode(entries)
    #expect(try JSONDecoder().decode([LogEntry].self, from: json) == entries)
  }

  @Test func `bytes of one type are not read as another`() {
    let assignment = TestFarm().assignment(3)
    #expect(throws: CanonicalError.wrongType(expected: "commitment")) {
      try Commitment(canonicalBytes: assignment.canonicalBytes)
    }
  }
}
