import Foundation
import Testing

private let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}
private let isRoot = geteuid() == 0

/// The benchmarks that break things, in their short form: each fails by itself when something is lost, paid
/// twice or out of balance.
@Suite(.serialized, .enabled(if: python != nil, "needs python3"))
struct BreakageTests {
  private func run(_ name: String, _ arguments: [String] = []) throws {
    let interpreter = URL(fileURLWithPath: try #require(python))
    let program = Programs.root.appendingPathComponent("Benchmarks/\(name).py").path
    let outcome = try Programs.run(interpreter, [program] + arguments)
    #expect(outcome.exit == 0, "\(outcome.output) \(outcome.notes)")
  }

  @Test func `killed coordinators and workers lose nothing and pay nothing twice`() throws {
    let state = FileManager.default.temporaryDirectory.appendingPathComponent("kills-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: state) }
    try run("kills", ["--coordinator", "4", "--workers", "4", "--seconds", "60", "--state", state.path])
  }

  @Test(.enabled(if: isRoot, "needs root for a file system of its own"))
  func `a disk without a byte left stops nothing for good`() throws { try run("full_disk") }

  @Test(
    .enabled(
      if: isRoot && FileManager.default.fileExists(atPath: "/dev/net/tun"),
      "needs root and /dev/net/tun"))
  func `a job outlives a cut between coordinator and workers`() throws { try run("network", ["cut5"]) }
}
