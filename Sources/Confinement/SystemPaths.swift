import Foundation

/// What a confined process may read besides what it is for: libraries, what the kernel says about the
/// machine, devices. None of it is somebody's.
enum SystemPaths {
  /// Libraries and data of installed software, names of users and time zones.
  static let software = [
    "/usr", "/lib", "/lib64", "/opt", "/nix/store", "/gnu/store", "/run/opengl-driver", "/etc/OpenCL",
    "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
  ]

  /// The machine and its processes: libdispatch looks its threads up under /proc/PID, whose inodes come and
  /// go. What others keep in memory, environment and files stays closed: Landlock lets nobody trace them.
  static let kernel = [
    "/proc", "/sys/devices", "/sys/class", "/sys/bus", "/sys/dev", "/sys/module", "/sys/fs/cgroup",
    "/sys/kernel/mm",
  ]

  /// May be written, too.
  static let streams = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]

  /// Device nodes of graphics drivers.
  static func devices() -> [String] {
    let nodes = (try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []
    return ["/dev/dri", "/dev/kfd"] + nodes.filter { $0.hasPrefix("nvidia") }.sorted().map { "/dev/\($0)" }
  }

  /// Where our programs and OpenCL implementations keep what they compiled.
  static func caches(_ environment: [String: String]) -> [String] {
    let home = environment["HOME"] ?? NSHomeDirectory()
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/.cache"
    let usual = ["render-farm", "pocl", "neo_compiler_cache", "mesa_shader_cache"].map { "\(cache)/\($0)" }
    let named = ["POCL_CACHE_DIR", "CUDA_CACHE_PATH", "NEO_CACHE_DIR"].compactMap { environment[$0] }
    return usual + ["\(home)/.nv"] + named
  }

  /// OpenCL implementations that are installed elsewhere: the loader's folder of names, the libraries that it
  /// names, and where the linker looks.
  static func implementations(_ environment: [String: String]) -> [String] {
    let folder = environment["OCL_ICD_VENDORS"] ?? "/etc/OpenCL/vendors"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let libraries = names.filter { $0.hasSuffix(".icd") }.sorted().compactMap { name -> String? in
      let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      return text?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let folders = libraries.filter { $0.hasPrefix("/") }.map { ($0 as NSString).deletingLastPathComponent }
    let searched = (environment["LD_LIBRARY_PATH"] ?? "").split(separator: ":").map(String.init)
    return [folder] + folders + searched
  }

  /// Variables that libraries and drivers read, by the start of their names. All others may hold secrets.
  static let variables = [
    "PATH=", "HOME=", "LANG=", "LC_", "TZ=", "TMPDIR=", "XDG_CACHE_HOME=", "LD_LIBRARY_PATH=", "OCL_",
    "OPENCL_", "POCL_", "CL_CONFIG_", "CUDA_", "NVIDIA_", "GPU_", "AMD_", "ROC_", "ROCR_", "HSA_", "HIP_",
    "MESA_", "RUSTICL_", "LP_", "NEO_", "IGC_", "ZE_", "TBB_", "OMP_", "SWIFT_", "LIBDISPATCH_", "MALLOC_",
    "GLIBC_TUNABLES=",
  ]
}
