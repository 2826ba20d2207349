import Coordinator
import Foundation
import Testing
import Transport

/// The farm's own renderer, which is started again when it died.
@Suite struct HouseVerifierTests {
  @Test func `a renderer that follows a dead one stays with the checked kernels`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "verifier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Notes its flags, and dies.
    let (program, notes) = (folder.appending(path: "dies").path, folder.appending(path: "flags").path)
    try Data("#!/bin/sh\necho \"$*\" >>\(notes)\n".utf8).write(to: URL(fileURLWithPath: program))
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
    let verifier = HouseVerifier(executable: program, arguments: ["-x"], device: "1.0") { _ in }
    for _ in 0..<3 {
      await #expect(throws: TransportError.self) { try await verifier.describe() }
    }
    let first = "tile-server -x --device 1.0"
    let flags = try String(contentsOfFile: notes, encoding: .utf8).split(separator: "\n")
    #expect(flags == [first[...], "\(first) --no-fitting", "\(first) --no-fitting"])
  }
}
