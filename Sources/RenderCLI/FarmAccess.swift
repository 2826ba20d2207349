import Cryptography
import Durability
import FarmProtocol
import Foundation
import Terminal
import Transport

/// The flags of every command that talks to a coordinator.
enum FarmFlags {
  static let access: [Flag] = [
    .value(
      "--coordinator", "URL", "the farm, with its key if the farm printed one: https://HOST:PORT/#sha256-...",
      default: "$RENDER_COORDINATOR, or http://127.0.0.1:8080"),
    .value("--key", "FILE", "your account's key, made on first use", default: "~/.config/render-farm/key"),
    authorityFile,
  ]
  /// For farms whose certificate an authority of one's own has made.
  static let authorityFile = Flag.value(
    "--ca-file", "FILE", "certificate authorities to trust, PEM", default: "the system's")
}

/// The farm that the flags name, and the account that signs.
struct FarmAccess {
  let client: FarmClient
  let key: SigningKey

  init(_ arguments: Arguments) throws {
    let environment = ProcessInfo.processInfo.environment
    let url =
      arguments.string("--coordinator") ?? environment["RENDER_COORDINATOR"] ?? "http://127.0.0.1:8080"
    let folder =
      environment["XDG_CONFIG_HOME"].map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".config")
    let file =
      arguments.string("--key").map { URL(fileURLWithPath: $0) }
      ?? folder.appendingPathComponent("render-farm/key")
    let (key, isNew) = try KeyFile.loadOrCreate(file.path)
    if isNew {
      Console.notes.line("made your account's key: \(file.path); whoever has it is you, so keep a copy")
    }
    self.key = key
    client = try FarmClient(
      url: url, key: key, options: .init(authorityFile: arguments.string("--ca-file")))
  }
}
