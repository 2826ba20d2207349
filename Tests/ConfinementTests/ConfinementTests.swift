import Foundation
import TestSupport
import Testing

/// What a renderer in a stranger's hands tries: each works for a free process, and not for a confined one.
@Suite(.serialized) struct ConfinementTests {
  let scenes: ProbeFolder
  let outside: ProbeFolder
  let victim: Victim

  init() throws {
    (scenes, outside, victim) = (try ProbeFolder(), try ProbeFolder(), try Victim())
  }

  /// Without Landlock files and signals are open; the report says so.
  private static let hasLandlock: Bool = {
    guard let folder = try? ProbeFolder(),
      let report = try? Probe(folder: folder.url).run("threads", "0", confined: true).report
    else { return false }
    return report.contains("Landlock v")
  }()

  private func expect(
    _ attempt: String, _ argument: String, confined expected: [Probe.End], users: [Probe.User] = Probe.users,
    before: String = "", memoryMB: Int = 2_000, seconds: Int = 60, line: Int = #line
  ) throws {
    let probe = Probe(folder: scenes.url, memoryMB: memoryMB, seconds: seconds)
    let place = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
    for user in users {
      let free = try probe.run(attempt, argument, confined: false, as: user, before: before).end
      #expect(free == .code(0), "\(attempt), free, \(user)", sourceLocation: place)
      let (end, report) = try probe.run(attempt, argument, confined: true, as: user, before: before)
      #expect(
        expected.contains(end), "\(attempt), confined, \(user): \(end); \(report)", sourceLocation: place)
    }
  }

  @Test func `the report names every part, for any user`() throws {
    for user in Probe.users {
      let report = try Probe(folder: scenes.url).run("threads", "1", confined: true, as: user).report
      for part in ["network none", "system calls filtered", "no privileges", "memory at most 2.0 GB"] {
        #expect(report.contains(part), "\(user): \(report)")
      }
      #expect(report.contains("Landlock"), "\(user): there, or missing and said: \(report)")
    }
  }

  @Test func `no network`() throws {
    let (stream, datagram) = (try BoundSocket(SOCK_STREAM), try BoundSocket(SOCK_DGRAM))
    let path = scenes.url.appendingPathComponent("socket").path
    let local = try PathListener(path: path)
    defer { withExtendedLifetime((stream, datagram, local)) {} }
    try expect("tcp", "\(stream.port)", confined: [.code(EPERM)])
    try expect("udp", "\(datagram.port)", confined: [.code(EPERM)])
    try expect("unix", path, confined: [.code(EPERM)])
  }

  @Test(.enabled(if: hasLandlock, "this kernel has no Landlock"))
  func `only scenes are read, and nothing is written`() throws {
    let (key, scene) = (try outside.file("worker.key"), try scenes.file("scene.gltf"))
    let denied = [Probe.End.code(EACCES)]
    try expect("read", key, confined: denied)
    try expect("list", outside.url.path, confined: denied)
    try expect("read", "/proc/\(victim.id)/environ", confined: denied, users: [.oneself])
    try expect("truncate", key, confined: denied)
    try expect("truncate", scene, confined: denied)
    for folder in [scenes, outside] {
      for user in Probe.users {
        try expect(
          "make", folder.url.appendingPathComponent("\(user)").path, confined: denied, users: [user])
      }
    }
    // Freed by the free attempt, hence there is none for the confined one.
    try expect("remove", try scenes.file("old"), confined: [.code(ENOENT)], users: [.oneself])
    let kept = try scenes.file("kept")
    #expect(try Probe(folder: scenes.url).run("remove", kept, confined: true).end == .code(EACCES))
    if getuid() == 0 { try expect("read", "/etc/shadow", confined: denied, users: [.oneself]) }
    try expect("read", scene, confined: [.code(0)])
    try expect("list", scenes.url.path, confined: [.code(0)])
  }

  @Test func `what files say about themselves stays`() throws {
    try expect("chmod", try scenes.file("scene.gltf"), confined: [.code(EPERM)], users: [.oneself])
  }

  @Test func `no other program and no other process`() throws {
    try expect("execute", "/bin/sh", confined: [.code(EPERM)])
    try expect("fork", "", confined: [.code(EPERM)])
    try expect("signal", victim.id, confined: [.code(EPERM)], users: [.oneself])
    // Out of its group it would outlive its parent's patience.
    #expect(try Probe(folder: scenes.url).run("setpgid", "", confined: true).end == .code(EPERM))
    try expect("threads", "8", confined: [.code(0)])
  }

  @Test func `whoever reaches into another process is ended`() throws {
    for attempt in ["trace", "peek"] where getuid() == 0 {
      try expect(attempt, victim.id, confined: [.signal(SIGSYS)], users: [.oneself])
    }
    for attempt in ["bpf", "userfaultfd", "delete_module"] {
      #expect(try Probe(folder: scenes.url).run(attempt, "", confined: true).end == .signal(SIGSYS))
    }
  }

  @Test func `system calls of another kind are not a way around`() throws {
    let probe = Probe(folder: scenes.url)
    guard try probe.run("int80", "", confined: false).end == .code(0) else { return }
    #expect(try probe.run("int80", "", confined: true).end == .signal(SIGSYS))
  }

  @Test func `a process may still end itself`() throws {
    #expect(try Probe(folder: scenes.url).run("abort", "", confined: true).end == .signal(SIGABRT))
  }

  @Test(arguments: [
    "unshare", "setns", "add_key", "keyctl", "io_uring_setup", "perf_event_open", "shmget", "msgget",
    "mq_open", "personality", "pidfd_open", "vmsplice", "chroot", "mount", "fsopen", "fchmod", "capset",
    "utimensat", "sethostname", "newest",
  ])
  func `system calls that no renderer needs are refused`(call: String) throws {
    let expected = call == "newest" ? ENOSYS : EPERM
    for user in Probe.users {
      #expect(try Probe(folder: scenes.url).run(call, "", confined: true, as: user).end == .code(expected))
    }
  }

  @Test func `the filter is what refuses them`() throws {
    // As the system's administrator none of these is EPERM by itself.
    guard getuid() == 0 else { return }
    for call in ["unshare", "setns", "shmget", "personality", "vmsplice", "chroot", "mount", "fchmod"] {
      let end = try Probe(folder: scenes.url).run(call, "", confined: false).end
      #expect(end != .code(EPERM), "\(call)")
    }
  }

  @Test func `memory, threads, files and time have an end`() throws {
    try expect("allocate", "512", confined: [.code(ENOMEM)], memoryMB: 128)
    try expect("allocate", "128", confined: [.code(0)], memoryMB: 128)
    // A thread's stack is memory.
    try expect("threads", "100", confined: [.code(EAGAIN)], memoryMB: 128)
    try expect("open", "600", confined: [.code(EMFILE)], before: "ulimit -n 1024;")
    try expect("spin", "3", confined: [.signal(SIGKILL), .signal(SIGXCPU)], users: [.oneself], seconds: 1)
  }

  @Test func `secrets and files of its parent are gone`() throws {
    try expect("environment", "FARM_PROBE_SECRET", confined: [.code(ENOENT)])
    try expect("descriptor", "7", confined: [.code(EBADF)], before: "exec 7</etc/passwd;")
  }
}
