// swift-tools-version: 6.2
// No package dependencies: what a well-kept C library does, it does (docs/ARCHITECTURE.md, "Libraries").
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

/// One Swift room. Its dependencies are its doors: `./farm check` fails on an import that is not declared
/// here.
func room(_ name: String, _ doors: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: doors, exclude: exclude, swiftSettings: strict)
}

func program(_ name: String, _ doors: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: doors, swiftSettings: strict)
}

func tests(_ name: String, _ doors: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: doors + ["TestSupport"], swiftSettings: strict)
}

/// A C library of the system, with the inline shims that Swift needs to call it.
func library(_ name: String, links: String) -> Target {
  .target(name: name, linkerSettings: [.linkedLibrary(links)])
}

let package = Package(
  name: "render-farm",
  products: [
    .executable(name: "render", targets: ["RenderCLI"]),
    .executable(name: "render-coordinator", targets: ["CoordinatorCLI"]),
    .executable(name: "render-worker", targets: ["WorkerCLI"]),
    .executable(name: "farm-sim", targets: ["FarmSimulatorCLI"]),
  ],
  targets: [
    library("COpenCL", links: "OpenCL"),
    library("CPNG", links: "png16"),
    library("CZstd", links: "zstd"),
    library("COpenEXR", links: "OpenEXRCore-3_1"),
    library("CTurboJPEG", links: "turbojpeg"),
    library("CSQLite", links: "sqlite3"),
    library("CMicroHTTPD", links: "microhttpd"),
    library("CCurl", links: "curl"),
    library("CCrypto", links: "crypto"),

    .target(name: "CConfinement"),

    room("Cryptography", ["CCrypto"]),
    room("Confinement", ["CConfinement"]),
    room("Durability", ["Cryptography"]),
    room("Terminal"),
    room("SceneModel", ["Cryptography"]),
    room("Settlement", ["Cryptography"]),
    room("Imaging", ["CPNG", "CZstd", "COpenEXR", "CTurboJPEG"]),
    room("FarmProtocol", ["Imaging", "Settlement", "Cryptography"]),
    room("Transport", ["CMicroHTTPD", "CCurl", "FarmProtocol", "Imaging", "Settlement", "Cryptography"]),
    .target(name: "Kernels", path: "Sources/Render/Kernels"),
    room("Render", ["Kernels", "COpenCL", "SceneModel", "Imaging", "Cryptography"], exclude: ["Kernels"]),
    room(
      "Coordinator",
      [
        "FarmProtocol", "SceneModel", "Imaging", "Settlement", "Transport", "Durability", "Cryptography",
        "CSQLite",
      ]),
    room(
      "Worker",
      ["FarmProtocol", "SceneModel", "Imaging", "Settlement", "Transport", "Durability", "Cryptography"]),
    room(
      "FarmSimulator",
      [
        "Coordinator", "Worker", "FarmProtocol", "Imaging", "Settlement", "Durability", "Cryptography",
      ]),

    program(
      "RenderCLI",
      [
        "Render", "SceneModel", "Imaging", "FarmProtocol", "Settlement", "Transport", "Durability",
        "Cryptography", "Terminal",
      ]),
    program(
      "CoordinatorCLI",
      [
        "Coordinator", "Confinement", "Transport", "FarmProtocol", "Settlement", "Cryptography", "Terminal",
      ]),
    program(
      "WorkerCLI",
      [
        "Worker", "Render", "Confinement", "SceneModel", "Imaging", "FarmProtocol", "Settlement",
        "Transport", "Durability", "Cryptography", "Terminal",
      ]),
    program("FarmSimulatorCLI", ["FarmSimulator", "Terminal"]),

    .executableTarget(
      name: "RayBenchmark", dependencies: ["Render", "SceneModel"], path: "Benchmarks/RayBenchmark",
      swiftSettings: strict),

    .executableTarget(
      name: "DispatchBenchmark",
      dependencies: [
        "Coordinator", "FarmProtocol", "Imaging", "Settlement", "Transport", "Durability", "Cryptography",
      ], path: "Benchmarks/DispatchBenchmark", swiftSettings: strict),

    // What a renderer in a stranger's hands would try, confined and not.
    .target(name: "CAttempts", path: "Tests/CAttempts"),
    .executableTarget(
      name: "ConfinementProbe", dependencies: ["Confinement", "CAttempts"], path: "Tests/ConfinementProbe",
      swiftSettings: strict),
    tests("ConfinementTests", []),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    tests("CryptographyTests", ["Cryptography"]),
    tests("DurabilityTests", ["Durability", "Cryptography"]),
    tests("TerminalTests", ["Terminal"]),
    tests("SceneModelTests", ["SceneModel", "Cryptography"]),
    tests("SettlementTests", ["Settlement", "Cryptography"]),
    tests("ImagingTests", ["Imaging"]),
    tests("FarmProtocolTests", ["FarmProtocol", "Imaging", "Settlement", "Cryptography"]),
    tests("TransportTests", ["Transport", "FarmProtocol", "Imaging", "Settlement", "Cryptography"]),
    tests("RenderTests", ["Render", "Kernels", "SceneModel", "Imaging", "Cryptography", "COpenEXR"]),
    tests(
      "CoordinatorTests",
      [
        "Coordinator", "FarmProtocol", "SceneModel", "Imaging", "Settlement", "Transport", "Durability",
        "Cryptography",
      ]),
    .executableTarget(
      name: "CheatingWorker",
      dependencies: ["Worker", "FarmProtocol", "Settlement", "Imaging", "Transport", "Cryptography"],
      path: "Tests/CheatingWorker", swiftSettings: strict),
    tests(
      "WorkerTests",
      ["Worker", "FarmProtocol", "Imaging", "Settlement", "Transport", "Durability", "Cryptography"]),
    tests("FarmTests", ["FarmProtocol", "Imaging", "Settlement", "Transport", "Durability", "Cryptography"]),
    tests("SimulationTests", ["FarmSimulator"]),
    tests("TidyTests", []),
  ],
  cLanguageStandard: .c2x
)
