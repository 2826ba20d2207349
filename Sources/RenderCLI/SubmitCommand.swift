import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Terminal
import Transport

/// The flags that say what goes to the farm and what it may cost.
private let jobFlags: [Flag] =
  [
    .value("--frames", "A-B", "first and last frame", default: "1"),
    .value(
      "--tile-side", "N", "side of a tile, pixels, a multiple of 4", default: "32 to 128, by the workers"),
    .value(
      "--preview-samples", "N", "samples of a first pass over all frames, shown as previews; 0 for none",
      default: "a 32nd of 128 and more"),
    .value("--budget", "C", "most it may cost, credits; dearer is refused"),
    .value("--deadline", "T", "when it must be done: 90m, 8h or 2026-11-26T08:00:00Z; later is refused"),
  ] + SceneFlags.look

/// `render quote`: what would it cost, and when would it be done?
let quoteCommand = Command(
  "quote", "Asks a farm what a scene would cost and when it would be done; nothing is paid.",
  positionals: [Positional("SCENE", "a .gltf or .glb file; what it refers to is found and sent too")],
  flags: jobFlags + FarmFlags.access + [.toggle("--json", "as JSON")]
) { arguments in
  let access = try FarmAccess(arguments)
  let submission = try await Submission(arguments, access)
  try await submission.upload(to: access.client)
  let quote = try await submission.quote(arguments, access)
  if arguments.has("--json") {
    try printJSON(quote)
  } else {
    for line in lines(quote.record) { Console.output.line(line) }
  }
  return .done
}

/// `render submit`: a scene goes to the farm.
let submitCommand = Command(
  "submit", "Sends a scene to a farm and has it rendered.",
  positionals: [Positional("SCENE", "a .gltf or .glb file; what it refers to is found and sent too")],
  flags: jobFlags + [
    .value("--priority", "N", "0 to 9: which of your jobs goes first, the higher", default: "5"),
    .toggle("--no-quote", "reserve the most it can cost instead of what a quote says"),
    .toggle("--wait", "follow the job to its end"),
    .value("-o", "DIR", "with --wait: folder for the frames"),
  ] + FarmFlags.access + [.toggle("--json", "as JSON")]
) { arguments in
  let access = try FarmAccess(arguments)
  let submission = try await Submission(arguments, access)
  let unquoted = arguments.has("--no-quote") ? try submission.worstCase(arguments) : nil
  try await submission.upload(to: access.client)
  let request =
    if let unquoted { unquoted } else { try await submission.quoted(arguments, access) }
  let job = try await access.client.submit(request)
  if arguments.has("--json") { try printJSON(job) } else { Console.output.line("job \(job.id)") }
  guard arguments.has("--wait") else {
    Console.notes.line("'render watch \(job.id.digest.short)' follows it")
    return .done
  }
  let folder = arguments.string("-o").map { URL(fileURLWithPath: $0) }
  return try await follow(job.id, access.client, asJSON: arguments.has("--json"), into: folder)
}

extension Submission {
  /// Asks for a quote, with the budget and the deadline that were given; checks who signed it.
  func quote(_ arguments: Arguments, _ access: FarmAccess) async throws -> Signed<Quote> {
    let request = QuoteRequest(
      terms: terms, manifest: manifest, budget: try arguments.credits("--budget"),
      deadlineMS: try arguments.deadlineMS("--deadline"))
    let quote = try await access.client.quote(request)
    var capped = terms
    capped.capPerTile = quote.record.capPerTile
    guard quote.isSigned(by: farm.coordinator), quote.record.job == capped.id else {
      throw CommandFailure(.failed, "the farm's quote is for another job, or not signed by the farm")
    }
    return quote
  }

  /// What to hand in under a fresh quote, which is shown.
  func quoted(_ arguments: Arguments, _ access: FarmAccess) async throws -> SubmitRequest {
    let quote = try await quote(arguments, access).record
    for line in lines(quote) { Console.notes.line(line) }
    var terms = terms
    terms.capPerTile = quote.capPerTile
    // A budget that covers the dearest bill is enough, if with fewer tiles in work at once.
    let budget = try arguments.credits("--budget").map { min($0, quote.reservation) } ?? quote.reservation
    return SubmitRequest(
      terms: terms, manifest: manifest, budget: budget, deadlineMS: try arguments.deadlineMS("--deadline"),
      priority: try arguments.integer("--priority", in: Limits.priorities))
  }

  /// What to hand in without a quote: the cap per tile and the budget follow from the most rays that a tile
  /// can take, or from `--budget`.
  func worstCase(_ arguments: Arguments) throws -> SubmitRequest {
    var capped = terms
    let pixels = Int(min(terms.tileSidePX, terms.widthPX) * min(terms.tileSidePX, terms.heightPX))
    let bound = Pricing.workBound(terms: terms, pixelCount: pixels)
    let (worst, overflow) = Int64(clamping: bound).multipliedReportingOverflow(by: terms.pricePerRay.value)
    capped.capPerTile = Microcredits(overflow ? Int64.max : worst)
    if let amount = try arguments.credits("--budget") {
      // A tile's fees are at most the two shares of its cap, hence the smaller cap when a budget is given.
      let withFees = 1_000 + Pricing.verifierFeePerMille + Pricing.coordinatorFeePerMille
      let share = (amount.value / Int64(terms.wholeTileCount)).multipliedFullWidth(by: 1_000)
      // Each pass rounds its part of the cap up.
      let most = withFees.dividingFullWidth(share).quotient - (terms.passes.map { Int64($0.count) } ?? 0)
      capped.capPerTile = min(capped.capPerTile, Microcredits(max(0, most)))
      guard capped.capPerTile > .zero else {
        throw CommandFailure.usage(
          "--budget \(amount.credits): nothing is left for each of \(terms.wholeTileCount) tiles")
      }
    }
    try capped.validate()
    guard let total = Pricing.worstCase(terms: capped, tileCount: terms.wholeTileCount) else {
      throw CommandFailure.usage("the job is too large to be priced", remedy: "give --budget, or split it")
    }
    return SubmitRequest(
      terms: capped, manifest: manifest, budget: total, deadlineMS: try arguments.deadlineMS("--deadline"),
      priority: try arguments.integer("--priority", in: Limits.priorities))
  }
}

/// A quote for people.
private func lines(_ quote: Quote) -> [String] {
  let credits = { (amount: UInt64) in Microcredits(Int64(amount)).credits }
  let (price, work) = (quote.price, quote.work)
  let time =
    quote.durationMS.map { duration in
      "done in about \(span(duration.likely)) (\(span(duration.low)) to \(span(duration.high))) with "
        + counted(quote.workersOnline, "worker")
    } ?? "no worker is online; it starts when one joins"
  return [
    "quote \(quote.digest.short): \(credits(price.likely)) credits "
      + "(\(credits(price.low)) to \(credits(price.high))) for \(work.likely) rays, from "
      + "\(counted(quote.pixelsSampled, "pixel")) of \(counted(quote.framesSampled, "frame"))",
    "  a tile costs at most \(quote.capPerTile.credits); reserved are \(quote.reservation.credits), "
      + "what is not spent comes back",
    "  \(time)",
  ]
}

/// A time for people: seconds below two minutes, minutes below two hours, else hours.
private func span(_ milliseconds: UInt64) -> String {
  let seconds = (milliseconds + 999) / 1000
  if seconds < 120 { return "\(seconds) s" }
  return seconds < 7_200 ? "\((seconds + 30) / 60) min" : "\((seconds + 1_800) / 3_600) h"
}

extension Arguments {
  /// The flag's value as an amount of credits with up to six decimals, more than none.
  func credits(_ name: String) throws(CommandFailure) -> Microcredits? {
    guard let text = string(name) else { return nil }
    guard let amount = Microcredits(credits: text), amount > .zero else {
      throw .usage("\(name) \(text): expected credits, more than none, like 12 or 0.5")
    }
    return amount
  }

  /// The flag's value as a time: from now, as "90m" or "8h", or an instant of ISO 8601. Milliseconds since
  /// 1970.
  func deadlineMS(_ name: String) throws(CommandFailure) -> UInt64? {
    guard let text = string(name) else { return nil }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    let now = Date().timeIntervalSince1970
    if let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()), count > 0,
      count * unit < 1e9
    {
      return UInt64((now + count * unit) * 1000)
    }
    guard let instant = ISO8601DateFormatter().date(from: text), instant.timeIntervalSince1970 > now else {
      throw .usage("\(name) \(text): expected a time to come, like 90m, 8h or 2027-01-31T08:00:00Z")
    }
    return UInt64(instant.timeIntervalSince1970 * 1000)
  }
}
