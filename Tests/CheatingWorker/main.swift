import Cryptography
import Foundation
import Transport
import Worker

// cheating-worker join URL --cheat KIND --home DIR [--renderer FILE] [--device ID] [--drain-after N]
// Joins like an honest worker and cheats consistently: only rendering its pixels again can find out.

@Sendable func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

var flags: [String: String] = [:]
let words = Array(CommandLine.arguments.dropFirst())
guard words.count >= 2, words[0] == "join", words.count.isMultiple(of: 2) else {
  say("usage: CheatingWorker join URL --cheat KIND --home DIR")
  exit(2)
}
for index in stride(from: 2, to: words.count, by: 2) { flags[words[index]] = words[index + 1] }
guard let cheat = Cheat(rawValue: flags["--cheat"] ?? ""), let folder = flags["--home"] else {
  say("--cheat KIND and --home DIR are needed")
  exit(2)
}

let programs = URL(
  fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
)
.deletingLastPathComponent()
let home = try WorkerHome(folder: folder)
let key = try home.identity().key
let honest = ChildRenderer(
  executable: flags["--renderer"] ?? programs.appendingPathComponent("render-worker").path,
  arguments: ["tile-server", "--scene-files", home.sceneFiles.path]
    + (flags["--device"].map { ["--device", $0] } ?? [])
) { say("renderer: \($0)") }
let worker = try Worker(
  name: "cheat \(cheat.rawValue)", home: home, link: FarmClientLink(try FarmClient(url: words[1], key: key)),
  renderer: CheatingRenderer(honest, cheat: cheat, seed: 1),
  terms: .init(drainAfterTiles: flags["--drain-after"].flatMap { Int($0) }), seed: 1
) { say("\($0)") }
let signals = TerminationSignals.stream()
let listener = Task {
  for await _ in signals { await worker.drain() }
}
let end = try await worker.run()
listener.cancel()
say("ended: \(end)")
exit(end == .drained ? 0 : 3)
