import Foundation
import Testing

/// Who may import whom: the house's one-way doors (docs/ARCHITECTURE.md). Foundation and the standard
/// library's own modules are open to all.
private let doors: [String: Set<String>] = [
  "Cryptography": ["CCrypto"],
  "Confinement": ["CConfinement"],
  "Durability": ["Cryptography"],
  "Terminal": [],
  "SceneModel": ["Cryptography"],
  "Settlement": ["Cryptography"],
  "Imaging": ["CPNG", "CZstd", "COpenEXR", "CTurboJPEG"],
  "FarmProtocol": ["Imaging", "Settlement", "Cryptography"],
  "Transport": ["CMicroHTTPD", "CCurl", "FarmProtocol", "Imaging", "Settlement", "Cryptography"],
  "Render": ["Kernels", "COpenCL", "SceneModel", "Imaging", "Cryptography"],
  "Coordinator": [
    "FarmProtocol", "SceneModel", "Imaging", "Settlement", "Transport", "Durability", "Cryptography",
    "CSQLite",
  ],
  "Worker": [
    "FarmProtocol", "SceneModel", "Imaging", "Settlement", "Transport", "Durability", "Cryptography",
  ],
  "FarmSimulator": [
    "Coordinator", "Worker", "FarmProtocol", "Imaging", "Settlement", "Durability", "Cryptography",
  ],
]
private let open: Set<String> = ["Foundation", "Synchronization", "Dispatch", "Glibc"]

/// Each C library has one owner: the only folder whose files import it.
private let owners: [String: String] = [
  "CCrypto": "Sources/Cryptography/", "COpenCL": "Sources/Render/Device/", "CPNG": "Sources/Imaging/PNG/",
  "CZstd": "Sources/Imaging/", "COpenEXR": "Sources/Imaging/EXR/", "CTurboJPEG": "Sources/Imaging/",
  "CSQLite": "Sources/Coordinator/Store/", "CMicroHTTPD": "Sources/Transport/Server/",
  "CCurl": "Sources/Transport/Client/", "CConfinement": "Sources/Confinement/",
]

private func imports(_ file: SourceTree.File) -> [String] {
  file.lines.compactMap { line in
    let words = line.split(separator: " ").filter { !$0.hasPrefix("@") && $0 != "public" && $0 != "package" }
    guard words.count >= 2, words[0] == "import" else { return nil }
    return String(words[1].split(separator: ".").first ?? "")
  }
}

@Test func `every room imports only what its doors allow`() {
  let trespasses = SourceTree.swift.flatMap { file -> [String] in
    guard let allowed = doors[file.room] else { return [] }
    return imports(file).filter { !allowed.contains($0) && !open.contains($0) }.map {
      "\(file.path) imports \($0)"
    }
  }
  #expect(trespasses == [])
}

@Test func `every C library has one owner`() {
  let strays = SourceTree.swift.flatMap { file in
    imports(file).filter { name in owners[name].map { !file.path.hasPrefix($0) } ?? false }
      .map { "\(file.path) imports \($0)" }
  }
  #expect(strays == [])
}

@Test func `coordinator and worker never reach a device`() {
  let rooms = ["Coordinator", "Worker", "FarmSimulator", "CoordinatorCLI"]
  for file in SourceTree.swift where rooms.contains(file.room) {
    #expect(!imports(file).contains("Render"), "\(file.path)")
    #expect(!imports(file).contains("COpenCL"), "\(file.path)")
  }
}
