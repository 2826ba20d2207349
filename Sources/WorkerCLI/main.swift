import Foundation
import Terminal

let program = Program(
  "render-worker", "renders tiles for a farm and is paid for those that were checked",
  commands: [
    joinCommand, statusCommand, pauseCommand, resumeCommand, drainCommand, tileServerCommand,
    listDevicesCommand,
  ], explain: explain)

program.runToExit(Array(CommandLine.arguments.dropFirst()))
