import Foundation
import Render
import Terminal

/// Checks and compiles what a confined renderer then only loads: it may start no linker, and keep nothing.
func rehearse(device id: String?) throws {
  let isKept: Bool
  do {
    isKept = try Conformance.rehearse(try DeviceCatalog.choose(id: id))
  } catch {
    throw CommandFailure(.failed, "\(error)", code: "device")
  }
  guard isKept else {
    throw CommandFailure(
      .failed, "compiled kernels cannot be kept in \(ProgramCache.standard.folder.path)",
      remedy: "let XDG_CACHE_HOME name a folder that can be written", code: "cache")
  }
}

/// The same in a process of its own, before this one is confined. Ends this process when that fails: the
/// reason has been said.
func rehearseInChild(device: String?) throws {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  // Standard output is for answers.
  posix_spawn_file_actions_adddup2(&actions, 2, 1)
  let text = ["render-worker", "tile-server", "--rehearse"] + (device.map { ["--device", $0] } ?? [])
  var words: [UnsafeMutablePointer<CChar>?] = text.map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  var child: pid_t = 0
  let code = posix_spawn(&child, "/proc/self/exe", &actions, nil, &words, environ)
  guard code == 0 else {
    throw CommandFailure(.failed, "cannot start the compiler's process: \(String(cString: strerror(code)))")
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0, errno == EINTR {}
  let signal = status & 0x7f
  guard signal == 0 else {
    throw CommandFailure(
      .failed, "the device's driver was ended by signal \(signal) over the kernels",
      remedy: "update it, or use another device", code: "device")
  }
  if status != 0 { exit(status >> 8 & 0xff) }
}
