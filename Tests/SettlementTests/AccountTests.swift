import Cryptography
import Foundation
import Settlement
import Testing

@Suite struct AccountTests {
  @Test func `account names go both ways`() throws {
    for account in LedgerTests.accounts {
      #expect(AccountID(account.description) == account)
      let json = try JSONEncoder().encode([account])
      #expect(String(decoding: json, as: UTF8.self) == "[\"\(account)\"]")
      #expect(try JSONDecoder().decode([AccountID].self, from: json) == [account])
    }
    #expect(AccountID.custody.description == "custody")
    #expect(AccountID.fee.description == "fee")
    let key = signingKey(1).publicKey
    #expect(AccountID.holdback(key).description == "holdback:\(key.hex)")
  }

  @Test(arguments: [
    "", "Custody", "custody:", "fee:00", "submitter", "submitter:", "submitter:00", "escrow:zz", "a:b:c",
  ])
  func `a name of no account is refused`(text: String) { #expect(AccountID(text) == nil) }

  @Test func `accounts are ordered by class, then by owner`() {
    let sorted = LedgerTests.accounts.sorted()
    #expect(sorted.first == .custody)
    #expect(sorted.last == .fee)
    for (a, b) in zip(sorted, sorted.dropFirst()) {
      #expect(a < b)
      #expect(!(b < a))
    }
  }

  @Test func `a transfer's name differs with its cause and its rule`() {
    let job = JobID(digest(1))
    let causes: [Transfer.Cause] = [
      .deposit(reference: digest(1)), .reserve(job), .refund(job), .tile(job, TileIndex(1), attempt: 0),
      .tile(job, TileIndex(1), attempt: 1), .tile(job, TileIndex(2), attempt: 0),
      .verification(job, TileIndex(1), attempt: 0), .holdbackRelease(job, TileIndex(1)),
    ]
    let names = causes.flatMap { cause in Transfer.Rule.allCases.map { Transfer.id(cause, $0) } }
    #expect(Set(names).count == causes.count * Transfer.Rule.allCases.count)
  }

  @Test func `credits have six decimals`() {
    #expect(Microcredits(-1_250_000).credits == "-1.250000")
    #expect(Microcredits(7).credits == "0.000007")
    #expect(Microcredits(.min).credits == "-9223372036854.775808")
  }
}
