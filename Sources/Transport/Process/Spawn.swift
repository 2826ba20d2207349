import Foundation

/// A child process with its three pipes.
struct Spawned: Sendable {
  let processID: Int32
  /// Its standard input, output and error, our ends.
  let input: Int32
  let output: Int32
  let errors: Int32
}

/// Starts a program in a process group of its own, with nothing of ours open in it but the pipes, and with
/// the signals that we ignore back at their defaults. It learns of our death by the end of its standard
/// input.
func spawn(executable: String, arguments: [String]) throws(TransportError) -> Spawned {
  guard let input = pipePair(), let output = pipePair(), let errors = pipePair() else {
    throw .rendererUnavailable(executable: executable, reason: systemErrorText(errno))
  }
  defer { for descriptor in [input.read, output.write, errors.write] { close(descriptor) } }

  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, input.read, 0)
  posix_spawn_file_actions_adddup2(&actions, output.write, 1)
  posix_spawn_file_actions_adddup2(&actions, errors.write, 2)

  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var defaults = sigset_t()
  sigemptyset(&defaults)
  for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, signal) }
  var blocked = sigset_t()
  sigemptyset(&blocked)
  posix_spawnattr_setsigdefault(&attributes, &defaults)
  posix_spawnattr_setsigmask(&attributes, &blocked)
  posix_spawnattr_setpgroup(&attributes, 0)
  posix_spawnattr_setflags(
    &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

  var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  var processID: pid_t = 0
  let code = posix_spawn(&processID, executable, &actions, &attributes, &words, environ)
  guard code == 0 else {
    for descriptor in [input.write, output.read, errors.read] { close(descriptor) }
    throw .rendererUnavailable(executable: executable, reason: systemErrorText(code))
  }
  return Spawned(processID: processID, input: input.write, output: output.read, errors: errors.read)
}

/// A pipe that no other child inherits; nil with `errno` set.
private func pipePair() -> (read: Int32, write: Int32)? {
  var ends: [Int32] = [-1, -1]
  guard pipe(&ends) == 0 else { return nil }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}
