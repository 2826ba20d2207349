import Confinement
import Coordinator
import FarmProtocol
import Foundation
import Terminal

/// The program `render-coordinator`.
@main
struct Main {
  static func main() {
    let program = Program(
      "render-coordinator", "runs a render farm: gives out tiles, checks what comes back, keeps the books",
      commands: [Serve.command, Operate.deposit, Operate.ban, Operate.audit, Operate.backup, checkScene],
      explain: explain)
    program.runToExit(Array(CommandLine.arguments.dropFirst()))
  }

  /// The child that reads a submitted scene in the coordinator's stead.
  private static let checkScene = Command(
    "check-scene", "reads a scene given on standard input, confined",
    flags: [.value("--scene-files", "DIR", "the only folder whose files it may read"), Serve.requireSandbox],
    hidden: true,
    first: { arguments in
      guard let folder = arguments.string("--scene-files") else {
        throw CommandFailure.usage("--scene-files DIR is missing")
      }
      let report = Confinement.enter(.sceneCheck(sceneFiles: folder))
      guard report.isComplete || !arguments.has(Serve.requireSandbox.name) else {
        throw CommandFailure(.failed, "this system cannot confine it: \(report)")
      }
    }
  ) { _ in SceneCheck.runChild() == 0 ? .done : .failed }

  private static let explain: @Sendable (any Error) -> CommandFailure = { error in
    guard let refusal = error as? Refusal else { return CommandFailure(.failed, "\(error)") }
    return CommandFailure(.refused, refusal.message, remedy: refusal.remedy, code: refusal.code.rawValue)
  }
}
