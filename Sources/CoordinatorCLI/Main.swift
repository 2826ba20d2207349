import Coordinator
import FarmProtocol
import Foundation
import Terminal

/// The program `render-coordinator`.
@main
struct Main {
  static func main() async {
    let program = Program(
      "render-coordinator", "runs a render farm: gives out tiles, checks what comes back, keeps the books",
      commands: [Serve.command, Operate.deposit, Operate.ban, Operate.audit, Operate.backup, checkScene],
      explain: explain)
    exit(await program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// The child that reads a submitted scene in the coordinator's stead.
  private static let checkScene = Command(
    "check-scene", "reads a scene given on standard input, with limits", hidden: true
  ) { _ in SceneCheck.runChild() == 0 ? .done : .failed }

  private static let explain: @Sendable (any Error) -> CommandFailure = { error in
    guard let refusal = error as? Refusal else { return CommandFailure(.failed, "\(error)") }
    return CommandFailure(.refused, refusal.message, remedy: refusal.remedy, code: refusal.code.rawValue)
  }
}
