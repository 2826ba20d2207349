import CConfinement
import Foundation

/// Makes this process unable to do what a renderer has no need of, before it reads what a stranger wrote.
public enum Confinement {
  /// Confines this process, for good. Call it first of all: Linux binds the calling thread and those that it
  /// starts later. Nothing fails: the report tells what this system does not let a process give up.
  ///
  /// Closes every descriptor but the three standard ones, and erases the environment but for what drivers
  /// read.
  public static func enter(_ profile: ConfinementProfile) -> ConfinementReport {
    let threads = threadCount()
    precondition(threads == 1, "a process of \(threads) threads cannot be confined")
    // An older kernel without the call: our programs mark their descriptors as not to be inherited anyway.
    _ = farm_close_from(3)
    keepEnvironment()
    umask(0o077)
    let ownNetwork = farm_leave_network()
    let privileges = part("no privileges", farm_drop_privileges())
    let files = confineFiles(profile)
    let limits = limit(profile)
    // The last: it refuses most of the above. Drivers of graphics devices listen under names that nobody in
    // this network knows.
    let calls = farm_seccomp_enforce(profile.drivesDevices && ownNetwork == 0 ? 1 : 0)
    let network =
      ownNetwork != 0 && calls == 0
      ? .holds("network none (sockets refused)") : part("network none (a namespace of its own)", ownNetwork)
    return ConfinementReport(
      parts: [network, files, part("system calls filtered (seccomp)", calls), privileges, limits])
  }

  private static func part(_ name: String, _ code: Int32) -> ConfinementReport.Part {
    code == 0 ? .holds(name) : .lacks(name, reason: String(cString: strerror(code)))
  }

  private static func confineFiles(_ profile: ConfinementProfile) -> ConfinementReport.Part {
    let version = farm_landlock_version()
    guard version > 0 else { return .lacks("Landlock", reason: "this kernel has none, or it is off") }
    var rules: Int32 = -1
    var code = farm_landlock_open(version, &rules)
    let readable = SystemPaths.software + SystemPaths.kernel + profile.readable
    let uses =
      readable.map { ($0, FARM_MAY_READ) } + SystemPaths.streams.map { ($0, FARM_MAY_READ | FARM_MAY_WRITE) }
      + (profile.drivesDevices ? SystemPaths.devices().map { ($0, FARM_MAY_DRIVE) } : [])
    for (path, use) in uses where code == 0 {
      let refusal = farm_landlock_allow(rules, version, path, Int32(use))
      // What is not there, or not ours to look into, needs no permission.
      if ![0, ENOENT, ENOTDIR, EACCES].contains(refusal) { code = refusal }
    }
    if code == 0 { code = farm_landlock_enforce(rules) }
    return part("files read-only, and only scenes and libraries (Landlock v\(version))", code)
  }

  private static func limit(_ profile: ConfinementProfile) -> ConfinementReport.Part {
    var limits: [(resource: __rlimit_resource, value: UInt64)] = [
      (RLIMIT_CORE, 0), (RLIMIT_FSIZE, ConfinementProfile.fileBytesMax),
      (RLIMIT_NOFILE, ConfinementProfile.openFilesMax),
      (RLIMIT_DATA, profile.memoryBytesMax + ConfinementProfile.reservedBytes),
    ]
    if let bytes = profile.addressSpaceBytesMax { limits.append((RLIMIT_AS, bytes)) }
    if let seconds = profile.processorSecondsMax { limits.append((RLIMIT_CPU, seconds)) }
    var code: Int32 = 0
    for (resource, value) in limits where code == 0 {
      let number = __rlimit_resource_t(resource.rawValue)
      var limit = rlimit()
      if getrlimit(number, &limit) != 0 { code = errno }
      limit.rlim_max = min(limit.rlim_max, rlim_t(value))
      limit.rlim_cur = limit.rlim_max
      if code == 0, setrlimit(number, &limit) != 0 { code = errno }
    }
    return part("memory at most \(gigabytes(profile.memoryBytesMax)) GB", code)
  }

  private static func keepEnvironment() {
    let names = SystemPaths.variables.map { strdup($0) }
    defer { for name in names { free(name) } }
    let prefixes = names.map { UnsafePointer($0) }
    farm_keep_environment(prefixes, prefixes.count)
  }

  private static func threadCount() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task"))?.count ?? 1
  }

  /// With one decimal, rounded down.
  private static func gigabytes(_ bytes: UInt64) -> String {
    let tenths = bytes / 100_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
