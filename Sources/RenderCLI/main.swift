import Foundation
import Terminal

let program = Program(
  "render", "renders glTF scenes here or on a farm",
  commands: [
    frameCommand, sequenceCommand, devicesCommand, checkDeviceCommand, compileShadingCommand,
    quoteCommand, submitCommand, jobsCommand, statusCommand, watchCommand, fetchCommand,
    pauseCommand, resumeCommand, requeueCommand, cancelCommand,
    accountCommand, tokenCreateCommand, tokenListCommand, tokenRevokeCommand, statementCommand,
    ledgerVerifyCommand, sheetCommand,
  ],
  explain: explain)

program.runToExit(Array(CommandLine.arguments.dropFirst()))
