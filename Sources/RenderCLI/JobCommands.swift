import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Terminal
import Transport

private let jobArgument = Positional("JOB", "the job's name, or its first digits")
private let jsonFlag = Flag.toggle("--json", "as JSON")

/// `render jobs`: the caller's jobs.
let jobsCommand = Command(
  "jobs", "Lists your jobs, newest first.", flags: FarmFlags.access + [jsonFlag]
) { arguments in
  let list = try await FarmAccess(arguments).client.jobs()
  if arguments.has("--json") {
    try printJSON(list)
  } else {
    for job in list.jobs { Console.output.line(summary(job)) }
    if list.jobs.isEmpty { Console.notes.line("no jobs yet; 'render submit SCENE' makes one") }
  }
  return .done
}

/// `render status JOB`.
let statusCommand = Command(
  "status", "Says where a job stands.", positionals: [jobArgument], flags: FarmFlags.access + [jsonFlag]
) { arguments in
  let access = try FarmAccess(arguments)
  let job = try await access.client.job(findJob(arguments, access.client))
  if arguments.has("--json") { try printJSON(job) } else { Console.output.line(summary(job)) }
  return job.state == .failed || job.isHeld ? .failed : .done
}

/// `render watch JOB`: follows a job to its end.
let watchCommand = Command(
  "watch", "Follows a job to its end.", positionals: [jobArgument],
  flags: FarmFlags.access + [.toggle("--json", "a JSON line for each change")]
) { arguments in
  let access = try FarmAccess(arguments)
  let id = try await findJob(arguments, access.client)
  return try await follow(id, access.client, asJSON: arguments.has("--json"), into: nil)
}

/// `render fetch JOB -o DIR`: frames that are done and not there yet.
let fetchCommand = Command(
  "fetch",
  "Fetches a job's finished frames, and previews of others; frames already in the folder are left alone.",
  positionals: [jobArgument], flags: [.value("-o", "DIR", "folder for the frames")] + FarmFlags.access
) { arguments in
  let access = try FarmAccess(arguments)
  let job = try await access.client.job(findJob(arguments, access.client))
  let folder = URL(fileURLWithPath: try required(arguments, "-o"))
  var frames = FrameFolder(folder, access.client)
  let fetched = try await frames.fetch(job)
  Console.notes.line(
    "\(fetched) new frames in \(folder.relativePath), \(job.framesDone.count) of \(job.terms.frameCount) done"
  )
  return .done
}

/// `render cancel JOB`.
let cancelCommand = change(
  "cancel", "Ends a job; verified tiles stay paid, the rest of the budget comes back."
) { try await $0.cancel($1) }

/// `render pause JOB`.
let pauseCommand = change(
  "pause", "Gives out nothing more of a job until it is resumed; what is in work is taken and paid."
) { try await $0.pause($1) }

/// `render resume JOB`.
let resumeCommand = change("resume", "Lets a paused job go on.") { try await $0.resume($1) }

/// `render requeue JOB [--frame N]`.
let requeueCommand = Command(
  "requeue", "Lets every worker try again the tiles that failed; a job that was held for them goes on.",
  positionals: [jobArgument],
  flags: [.value("--frame", "N", "of this frame only", default: "all")] + FarmFlags.access + [jsonFlag]
) { arguments in
  let frame: UInt32? = try arguments.integer("--frame", in: 1...UInt32(Int32.max))
  let access = try FarmAccess(arguments)
  let job = try await access.client.requeue(
    findJob(arguments, access.client), RequeueRequest(frame: frame))
  if arguments.has("--json") { try printJSON(job) } else { Console.output.line(summary(job)) }
  return .done
}

/// A command that changes where a job stands, and shows it.
private func change(
  _ name: String, _ summaryLine: String,
  _ request: @escaping @Sendable (FarmClient, JobID) async throws -> JobStatus
) -> Command {
  Command(name, summaryLine, positionals: [jobArgument], flags: FarmFlags.access + [jsonFlag]) { arguments in
    let access = try FarmAccess(arguments)
    let job = try await request(access.client, findJob(arguments, access.client))
    if arguments.has("--json") { try printJSON(job) } else { Console.output.line(summary(job)) }
    return .done
  }
}

/// The job that the argument names, in full or by its first digits.
private func findJob(_ arguments: Arguments, _ client: FarmClient) async throws -> JobID {
  let text = arguments.positionals[0].lowercased()
  if let digest = Digest(hex: text) { return JobID(digest) }
  let matches = try await client.jobs().jobs.filter { $0.id.description.hasPrefix(text) }
  guard let only = matches.first, matches.count == 1 else {
    throw CommandFailure.usage("\(text) names \(matches.count) of your jobs", remedy: "see 'render jobs'")
  }
  return only.id
}

/// Shows progress until the job ends; frames go to `folder` as they are done.
func follow(_ id: JobID, _ client: FarmClient, asJSON: Bool, into folder: URL?) async throws -> ExitCode {
  var progress = Progress("job \(id.digest.short)")
  var last: JobStatus?
  var frames = folder.map { FrameFolder($0, client) }
  for try await status in client.watch(id) {
    last = status
    if asJSON {
      try printJSON(status)
    } else {
      progress.show(
        status.tilesVerified, of: status.tileCount,
        "tiles verified, \(status.framesDone.count)/\(status.terms.frameCount) frames, "
          + "\(status.spent.credits) credits"
      )
    }
    _ = try await frames?.fetch(status)
    if status.state.isOver || status.isHeld { break }
  }
  progress.finish()
  guard let last else { throw CommandFailure(.failed, "the farm said nothing about job \(id)") }
  Console.notes.line(summary(last))
  switch last.state {
  case .completed: return .done
  case .paused where last.isHeld:
    throw CommandFailure(
      .failed, "the farm holds the job: \(last.reason)",
      remedy: "'render requeue \(id.digest.short)' tries again, 'render cancel \(id.digest.short)' ends it")
  case .running, .paused:
    throw CommandFailure(.failed, "the farm stopped telling", remedy: "try 'render watch \(id.digest.short)'")
  case .cancelled, .failed: return .failed
  }
}

/// A job in a line.
func summary(_ job: JobStatus) -> String {
  let tiles = "\(job.tilesVerified)/\(job.tileCount) tiles verified"
  let seen = job.previews.map { $0.isEmpty ? "" : " and \($0.count) previews" } ?? ""
  let frames = "\(job.framesDone.count)/\(job.terms.frameCount) frames\(seen)"
  let money = "\(job.spent.credits) of \(job.budget.credits) credits"
  let voided = job.tilesVoided > 0 ? ", \(job.tilesVoided) tiles found wrong and rendered again" : ""
  let reason = job.reason.isEmpty ? "" : ": \(job.reason)"
  let quoted = job.quote.map { " (quoted \(Microcredits(Int64($0.price.likely)).credits))" } ?? ""
  let waiting = job.waiting.map { "; \($0)" } ?? ""
  return "\(job.id.digest.short)  \(job.state.rawValue)\(reason)  "
    + "\(tiles), \(frames), \(money)\(quoted)\(voided)\(waiting)"
}
