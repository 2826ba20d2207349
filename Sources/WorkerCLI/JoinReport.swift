import Cryptography
import FarmProtocol
import Settlement
import Synchronization
import Terminal
import Worker

/// What `join` says: one line for each thing that happens, or one JSON object.
struct JoinReport: Sendable {
  /// What all devices have earned.
  private final class Earnings: Sendable {
    let tally = Mutex(EarningsTally())
  }

  private let url: String
  private let isJSON: Bool
  private let earnings = Earnings()
  /// Of which of several devices it tells; nil for the only one, and for all.
  private var device: String?

  init(url: String, isJSON: Bool) {
    self.url = url
    self.isJSON = isJSON
  }

  /// The same, of one device.
  func on(_ device: String?) -> JoinReport {
    var report = self
    report.device = device
    return report
  }

  /// Who is paid. Said with what it is for only once, when the key is made.
  func account(_ key: PublicKey, keyFile: String, isNew: Bool) {
    let text =
      isNew
      ? "new account \(key): what this worker earns is paid to it; its secret is in \(keyFile), keep a copy"
      : "account \(key.short)"
    say("account", text, JoinLine(account: key))
  }

  /// One line for what concerns a person.
  func take(_ notice: WorkerNotice) {
    earnings.tally.withLock { $0.add(notice) }
    switch notice {
    case .device(let it, let raysPerS):
      let device = it.device
      let speed = raysPerS.map { ", benchmark \($0 / 1000) thousand rays/s" } ?? ""
      let kernels = "kernels \(it.kernelSet.short)"
      var line = JoinLine(device: device.name)
      line.raysPerS = raysPerS
      say(
        "device", "device \(device.id): \(device.name), \(device.computeUnits) units\(speed); \(kernels)",
        line)
    case .joined(let reply):
      let farm = reply.farm
      say(
        "joined",
        "joined \(url) (\(farm.logOrigin)): \(counted(farm.pricePerRay.value, "microcredit")) a ray, "
          + "\(counted(farm.workersOnline, "worker")) online, "
          + "\(reply.tilesVerified) of your tiles verified so far",
        JoinLine())
    case .delivered(let entry, let receipt): delivered(entry, receipt)
    case .undeliverable(let entry, let reason):
      say("refused", "\(name(entry)): not taken: \(reason)", line(entry, reason: reason))
    case .leased(let job, let frame, let tiles):
      say(
        "leased", "frame \(frame) of job \(job.digest.short): \(tiles) tiles",
        JoinLine(job: job, frame: frame))
    case .leaseLost(let job, let left):
      say("lease_lost", "job \(job.digest.short): \(left) tiles went to others", JoinLine(job: job))
    case .leaseReleased(let job, let reason):
      say(
        "released", "job \(job.digest.short): tiles given back: \(reason)", JoinLine(job: job, reason: reason)
      )
    default: takeRest(notice)
    }
  }

  private func takeRest(_ notice: WorkerNotice) {
    switch notice {
    case .leaseUnusable(let refusal):
      say("lease_unusable", "tiles given back: \(refusal)", JoinLine(reason: refusal.message))
    case .retrying(let what, let reason, let afterMS):
      let text = "\(what): \(reason); trying again in \(tenths(afterMS)) s"
      say("retrying", text, JoinLine(reason: reason))
    case .farmIsBack: say("back", "\(url) answers again", JoinLine())
    case .resending(let count): say("resending", "delivering \(count) results of an earlier run", JoinLine())
    case .setAside(let paths):
      let text = "set aside, no results: \(paths.joined(separator: ", "))"
      say("set_aside", text, JoinLine(reason: text))
    case .draining(let released):
      let rest = released > 0 ? ", giving \(released) tiles back" : ""
      let text = "ending after the tile at hand\(rest); Ctrl-C again ends at once"
      say("draining", text, JoinLine())
    default: takeControls(notice)
    }
  }

  /// What the owner's wishes bring about.
  private func takeControls(_ notice: WorkerNotice) {
    switch notice {
    case .resting(let reasons):
      let text = reasons.map(\.text).joined(separator: "; ")
      say("resting", "resting: \(text)", JoinLine(reason: text))
    case .working: say("working", "working again", JoinLine())
    case .finishing: say("finishing", "taking no more tiles, ending with those in hand", JoinLine())
    case .gaveBack(let tiles, let isCut):
      let why = isCut ? "the one in work took too long" : "for others to render"
      say("gave_back", "\(tiles) tiles given back, \(why)", JoinLine(reason: why))
    case .deviceFailed(let reason): say("device_failed", reason, JoinLine(reason: reason))
    default: break
    }
  }

  private func delivered(_ entry: OutboxEntry, _ receipt: ResultReceipt) {
    let time = entry.renderMS.map { "\($0) ms" } ?? "earlier run"
    say(
      "tile", "\(name(entry)): \(entry.work) rays, \(time), accepted (log entry \(receipt.logIndex))",
      line(entry, reason: nil, logIndex: receipt.logIndex))
  }

  /// The summary.
  func end(_ stop: WorkerStop, account: AccountStatement?) {
    let sum = earnings.tally.withLock { $0 }
    var text =
      "\(sum.tilesAccepted) tiles accepted, \(sum.rays) rays, \(sum.pay.credits) credits once verified"
    if sum.tilesRefused > 0 { text += "; \(sum.tilesRefused) not taken" }
    for (name, amount) in (account?.balances ?? [:]).sorted(by: { $0.key < $1.key }) {
      text += "; \(name.prefix { $0 != ":" }) \(amount.credits)"
    }
    if stop == .quit { text += "; what was not delivered waits for the next join" }
    var line = JoinLine()
    line.tiles = sum.tilesAccepted
    line.refused = sum.tilesRefused
    line.rays = sum.rays
    line.pay = sum.pay
    line.balances = account?.balances
    say("end", text, line)
  }

  private func name(_ entry: OutboxEntry) -> String {
    "tile \(entry.tile.value) of job \(entry.job.digest.short)"
  }

  private func line(_ entry: OutboxEntry, reason: String?, logIndex: UInt64? = nil) -> JoinLine {
    var line = JoinLine(job: entry.job, reason: reason)
    line.tile = entry.tile
    line.rays = entry.work
    line.ms = entry.renderMS
    line.pay = entry.price
    line.accepted = reason == nil
    line.logIndex = logIndex
    return line
  }

  private func say(_ event: String, _ text: String, _ line: JoinLine) {
    guard isJSON else { return Console.output.line(device.map { "\($0): \(text)" } ?? text) }
    var line = line
    line.on = device
    line.event = event
    line.message = text
    if let bytes = try? WireJSON.encode(line) { Console.output.line(String(decoding: bytes, as: UTF8.self)) }
  }

  private func tenths(_ milliseconds: UInt64) -> String {
    let tenths = (milliseconds + 99) / 100
    return "\(tenths / 10).\(tenths % 10)"
  }
}

/// One line of `--json`; what does not apply is left out.
struct JoinLine: Encodable {
  var event = ""
  var message = ""
  var account: PublicKey?
  var device: String?
  /// Of which of several devices it is.
  var on: String?
  /// The device's benchmark.
  var raysPerS: UInt64?
  var job: JobID?
  var frame: UInt32?
  var tile: TileIndex?
  var rays: UInt64?
  var ms: UInt64?
  /// Microcredits, once verified.
  var pay: Microcredits?
  var accepted: Bool?
  /// The commitment's entry in the public log.
  var logIndex: UInt64?
  var reason: String?
  var tiles: Int?
  var refused: Int?
  /// Microcredits by account.
  var balances: [String: Microcredits]?
}
