import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Transport

/// What an operator does beside serving. Talks to the running coordinator when there is one, else opens the
/// data folder itself.
public struct FarmOperation: Sendable {
  private let root: String

  /// On a data folder.
  public init(root: String) { self.root = root }

  /// Credits an account. The statement afterwards.
  public func deposit(_ request: DepositRequest) async throws -> AccountStatement {
    if let coordinator = try opened() {
      let statement = try await coordinator.deposit(request)
      try await coordinator.close()
      return statement
    }
    return try await client().deposit(request)
  }

  /// A worker's key gets no more work.
  public func ban(_ key: PublicKey) async throws {
    if let coordinator = try opened() {
      try await coordinator.ban(key)
      try await coordinator.close()
    } else {
      _ = try await client().ban(BanRequest(key: key))
    }
  }

  /// Copies the store as it is at this moment into one new file, readable by its owner only, and replays the
  /// copy's log. Works beside a running coordinator, which goes on meanwhile.
  /// - Returns: what the copy's log adds up to; the copy is good when nothing was found.
  public func backup(to file: String) throws -> AuditReport {
    guard let verifier = try KeyFile.load("\(root)/verifier.key") else {
      throw FileFault(what: "find a farm in", path: root, code: ENOENT)
    }
    guard !FileManager.default.fileExists(atPath: file) else {
      throw FileFault(what: "write over", path: file, code: EEXIST)
    }
    let usual = umask(0o077)
    defer { umask(usual) }
    do {
      try Store(path: "\(root)/farm.sqlite").copy(to: file)
      return try Treasury(replaying: Store(path: file), verifier: verifier.publicKey).report
    } catch {
      // Half a copy must not be taken for one.
      unlink(file)
      throw error
    }
  }

  /// Replays the log by the public rules and compares it with what the store and the published files say.
  /// Works beside a running coordinator.
  /// - Returns: the report, and differences beyond it, one line each.
  public func audit() throws -> (report: AuditReport, differences: [String]) {
    guard FileManager.default.fileExists(atPath: "\(root)/farm.sqlite"),
      let verifier = try KeyFile.load("\(root)/verifier.key"),
      let coordinator = try KeyFile.load("\(root)/coordinator.key")
    else { throw FileFault(what: "find a farm in", path: root, code: ENOENT) }
    // Before the store is read: a running coordinator goes on publishing.
    let published = try DurableFile.read("\(root)/log/checkpoint")
    let store = try Store(path: "\(root)/farm.sqlite")
    try store.database.script("BEGIN")
    defer { store.database.rollBack() }
    var log = TransparencyLog()
    var auditor = LogAuditor(
      rules: AuditRules(
        workProbesMin: UInt32(Limits.probesStandard), holdbackTiles: UInt64(Limits.holdbackTiles),
        holdbackMS: Limits.holdbackMS, verifiers: [verifier.publicKey]))
    for entry in try store.entries(from: 0, to: UInt64(Int64.max)) {
      auditor.replay(entry)
      log.append(entry)
    }
    let report = auditor.report
    var differences: [String] = []
    let verified = try store.jobs().reduce(0) { sum, job in
      sum + (try store.tiles(of: job.id).count { $0.state == .verified })
    }
    if verified != report.tilesVerified {
      differences.append("the store has \(verified) verified tiles, the log \(report.tilesVerified)")
    }
    differences += checkPublished(published, log, by: coordinator)
    return (report, differences)
  }

  private func checkPublished(
    _ bytes: [UInt8]?, _ log: TransparencyLog, by key: SigningKey
  ) -> [String] {
    let path = "\(root)/log/checkpoint"
    guard let bytes else { return ["\(path) is missing"] }
    let origin = LogFiles.origin(of: key.publicKey)
    guard let verifier = VerifierKey(name: origin, publicKey: key.publicKey) else { return [] }
    do {
      let checkpoint = try Checkpoint(signedNote: bytes, key: verifier)
      guard checkpoint.size <= log.size, checkpoint.root == log.root(at: checkpoint.size) else {
        return ["\(path) signs \(checkpoint.size) entries with another root than the store's"]
      }
      return []
    } catch { return ["\(path): \(error)"] }
  }

  /// The coordinator, opened here; nil when another process has it.
  private func opened() throws -> FarmCoordinator? {
    do {
      return try FarmCoordinator(.init(root: root, pricePerRay: .zero, kernelSet: .zero), verifier: nil)
    } catch DataFolderError.locked { return nil }
  }

  private func client() throws -> FarmClient {
    guard let key = try KeyFile.load("\(root)/operator.key"),
      let address = try DurableFile.read("\(root)/address")
    else {
      throw Refusal(.busy, "the coordinator of \(root) does not listen yet", remedy: "try again in a moment")
    }
    let url = String(decoding: address, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return try FarmClient(url: url, key: key)
  }
}
