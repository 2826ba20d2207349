import Cryptography
import Foundation
import Settlement
import Testing

@Suite struct StatementTests {
  /// A farm with everything in it: paid, void, and one tile still pending.
  static let entries: [LogEntry] = {
    var farm = TestFarm()
    farm.open()
    farm.render(0)
    farm.render(1, .mismatch)
    let assignment = farm.assignment(2)
    farm.add(.commitment(assignment, Signed(farm.commitment(assignment, work: 2000), by: farm.worker(2))))
    if let hold = Transfer.hold(farm.terms, assignment, work: 2000) { farm.add(.transfer(hold)) }
    return farm.entries
  }()

  @Test func `a statement of all has every movement and balance`() {
    let statement = Statement(of: Self.entries)
    let report = LogAuditor.audit(Self.entries)
    #expect(statement.lines.count == 9)
    for line in statement.lines {
      let entry = Self.entries[Int(line.logIndex)]
      #expect(entry.body == .transfer(line.transfer))
      #expect(line.leafHash == MerkleTree.leafHash(entry.canonicalBytes))
    }
    let balances = Dictionary(uniqueKeysWithValues: statement.closings.map { ($0.account, $0.balance) })
    #expect(balances.filter { $0.value != .zero } == report.balances)
    #expect(statement.lines.map(\.state).filter { $0 == "pending" }.count == 3)
    #expect(statement.lines.map(\.state).filter { $0 == "void" }.count == 1)
  }

  @Test func `a key's statement has its own accounts and its jobs' escrows`() {
    let submitter = Statement(of: Self.entries, for: TestFarm.submitter.publicKey)
    #expect(submitter.lines.count == 9)
    #expect(submitter.closings.count == 2)
    let worker = Statement(of: Self.entries, for: TestFarm.workers[1].publicKey)
    #expect(worker.lines.map(\.state) == ["pending", "void"])
    #expect(worker.closings.map(\.account) == [.holdback(TestFarm.workers[1].publicKey)])
    #expect(worker.closings.allSatisfy { $0.balance == .zero && $0.pendingCredits == .zero })
    let nobody = Statement(of: Self.entries, for: signingKey(77).publicKey)
    #expect(nobody.lines.isEmpty && nobody.closings.isEmpty)
  }

  @Test func `text and JSON lines name time, entry, state, amount and cause`() throws {
    let statement = Statement(of: Self.entries)
    let text = statement.text
    #expect(text.contains("2026-11-18 11:06:40  #0  posted  10.000000  custody -> submitter:"))
    #expect(text.contains("  pending out 0.014000"))
    let objects = try statement.jsonLines.split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.count == statement.lines.count + statement.closings.count)
    #expect(objects[0]["amount"] as? Int == 10_000_000)
    #expect(objects[0]["state"] as? String == "posted")
    #expect(objects[0]["leaf"] as? String == statement.lines[0].leafHash.hex)
    #expect(objects.last?["account"] as? String == "fee")
  }

  @Test func `dates are right around leap days and years`() throws {
    // (seconds since 1970, date) by `date -u`.
    let dates: [(UInt64, String)] = [
      (0, "1970-01-01 00:00:00"), (951_782_399, "2000-02-28 23:59:59"), (951_782_400, "2000-02-29 00:00:00"),
      (951_868_800, "2000-03-01 00:00:00"), (1_735_689_599, "2024-12-31 23:59:59"),
      (1_735_689_600, "2025-01-01 00:00:00"), (4_107_542_400, "2100-03-01 00:00:00"),
    ]
    for (seconds, date) in dates {
      let deposit = Transfer.deposit(
        to: signingKey(1).publicKey, amount: Microcredits(1), reference: digest(Int(seconds)))
      let text = Statement(of: [LogEntry(timeMS: 1000 * seconds + 999, body: .transfer(deposit))]).text
      #expect(text.contains("\n\(date)  #0"))
    }
  }

  /// Reads the postings back: each transaction sums to zero, each balance is what its account adds up to.
  @Test func `beancount columns add up to the closing balances`() throws {
    for key in [nil, TestFarm.submitter.publicKey, TestFarm.workers[0].publicKey] {
      let file = Statement(of: Self.entries, for: key).beancount
      var sums: [String: Int] = [:]
      var transaction = 0
      var balances = 0
      for line in file.split(separator: "\n") {
        let words = line.split(separator: " ")
        if line.hasPrefix("  "), words.last == "CREDIT" {
          let amount = try #require(Int(words[1].replacing(".", with: "")))
          sums[String(words[0]), default: 0] += amount
          transaction += amount
        } else {
          #expect(transaction == 0 || line.contains("leaf"))
          if words.contains("balance") {
            let amount = try #require(Int(words[3].replacing(".", with: "")))
            #expect(sums[String(words[2])] == amount, "\(line)")
            balances += 1
          }
        }
      }
      #expect(transaction == 0)
      #expect(balances >= 2)
      #expect(file.contains("! \"tile 2 of job"))
      #expect(file.contains("^seq-0") == (key != TestFarm.workers[0].publicKey))
    }
  }

  @Test(.enabled(if: Tool.exists("bean-check"), "bean-check (Debian: beancount) is not installed"))
  func `bean-check accepts the export and finds one unit too much`() throws {
    for key in [nil, TestFarm.submitter.publicKey, TestFarm.workers[0].publicKey] {
      let file = Statement(of: Self.entries, for: key).beancount
      let right = try Tool.run("bean-check", [try Tool.file(named: "right.beancount", file)])
      #expect(right.status == 0, "\(right.output)")
      let forged = file.replacing("14000 CREDIT", with: "14001 CREDIT", maxReplacements: 1)
        .replacing("-0.014000 CREDIT", with: "-0.014001 CREDIT", maxReplacements: 1)
      #expect(forged != file)
      let wrong = try Tool.run("bean-check", [try Tool.file(named: "wrong.beancount", forged)])
      #expect(wrong.status != 0)
    }
  }
}
