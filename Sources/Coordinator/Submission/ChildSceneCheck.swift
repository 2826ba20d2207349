import FarmProtocol
import Foundation
import Settlement
import Synchronization

/// Checks a scene in a child process with limits: what crashes or hangs a parser is a refusal, not a fall.
public struct ChildSceneCheck: SceneChecking {
  /// A program and the arguments that make it a checking child.
  private let executable: String
  private let arguments: [String]
  /// Longest wait for an answer.
  private let timeoutMS: Int
  /// Each child may take gigabytes: a few at a time.
  private let turns = Turns(Limits.sceneChecksMax)

  /// `executable` is an absolute path.
  public init(executable: String, arguments: [String] = ["check-scene"], timeoutMS: Int = 180_000) {
    self.executable = executable
    self.arguments = arguments
    self.timeoutMS = timeoutMS
  }

  /// Refuses (`sceneInvalid`) what the child refuses, and what ends the child.
  public func check(_ terms: JobTerms, files: [String: String]) async throws {
    let request = try WireJSON.encode(SceneCheckRequest(terms: terms, files: files))
    await turns.enter()
    let result = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(returning: Result { try run(request) })
      }
    }
    await turns.leave()
    let outcome = try result.get()
    guard outcome.status == 0,
      let reply: SceneCheckReply = try? WireJSON.decode(
        from: outcome.output, bytesMax: Limits.sceneCheckBytesMax)
    else {
      throw Refusal(
        .sceneInvalid, "\(terms.sceneFile): reading it \(outcome.ending)",
        remedy: "make the scene smaller, or check it with render frame")
    }
    if let refusal = reply.refusal { throw refusal }
  }

  /// Whether the alarm went off; shared with it.
  private final class Lateness: Sendable {
    let flag = Atomic(false)
  }

  private struct Outcome {
    var status: Int32
    var ending: String
    var output: [UInt8]
  }

  /// All that the child says, but no more than an answer may have: it may be in a stranger's hands.
  private static func answer(_ pipe: FileHandle) -> Data {
    var answer = Data()
    while answer.count <= Limits.sceneCheckBytesMax,
      let piece = try? pipe.read(upToCount: 64 << 10), !piece.isEmpty
    {
      answer.append(piece)
    }
    // Whoever says more than that finds nobody listening.
    try? pipe.close()
    return answer
  }

  /// Starts the child, writes the request, reads the answer; ends the child when it takes too long.
  private func run(_ request: [UInt8]) throws -> Outcome {
    // A child that dies before it has read everything must not end this process.
    signal(SIGPIPE, SIG_IGN)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw Refusal(.internalFault, "cannot start the scene check \(executable): \(error)")
    }
    // Killed, not asked: a child of this thread starts with most signals blocked.
    let isLate = Lateness()
    let alarm = DispatchWorkItem {
      isLate.flag.store(true, ordering: .relaxed)
      kill(process.processIdentifier, SIGKILL)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(timeoutMS), execute: alarm)
    Thread.detachNewThread {
      // A child that died reads nothing; its status says so.
      try? input.fileHandleForWriting.write(contentsOf: Data(request))
      try? input.fileHandleForWriting.close()
    }
    let answer = ChildSceneCheck.answer(output.fileHandleForReading)
    process.waitUntilExit()
    alarm.cancel()
    let status = process.terminationStatus
    let late = isLate.flag.load(ordering: .relaxed)
    let ending =
      switch process.terminationReason {
      case .uncaughtSignal where late: "took more than \(timeoutMS / 1000) s"
      case .uncaughtSignal: "was ended by signal \(status), as when memory or time runs out"
      default: "failed with status \(status)"
      }
    return Outcome(
      status: process.terminationReason == .exit ? status : -1, ending: ending, output: Array(answer))
  }
}
