import Foundation
import Testing

private let documents = SourceTree.files(".", endings: [".md"]).filter { !$0.path.contains("/.") }

@Test func `every relative link in a document leads to a file`() throws {
  let link = try Regex(#"\]\(([^)#]+)(#[^)]*)?\)"#)
  var broken: [String] = []
  for document in documents {
    let folder = SourceTree.root.appendingPathComponent(document.path).deletingLastPathComponent()
    for line in document.lines {
      for match in line.matches(of: link) {
        guard let target = match.output[1].substring, !target.contains("://") else { continue }
        let file = folder.appendingPathComponent(String(target))
        if !FileManager.default.fileExists(atPath: file.path) { broken.append("\(document.path): \(target)") }
      }
    }
  }
  #expect(broken == [])
}

@Test func `the documents that readers are promised exist`() {
  let promised =
    ["README.md"]
    + [
      "ARCHITECTURE", "PROTOCOL", "SETTLEMENT", "SCENES", "SECURITY", "TESTING", "OPERATIONS", "RELIABILITY",
    ].map { "docs/\($0).md" }
  for path in promised {
    #expect(
      FileManager.default.fileExists(atPath: SourceTree.root.appendingPathComponent(path).path), "\(path)")
  }
}

@Test func `every kernel file is part of the program`() throws {
  let kernels = SourceTree.files("Sources/Render/Kernels", endings: [".cl"])
  let list = SourceTree.files("Sources/Render/Kernels", endings: [".c", ".h"]).flatMap(\.lines).joined(
    separator: "\n")
  #expect(!kernels.isEmpty)
  for kernel in kernels {
    let name = try #require(kernel.path.split(separator: "/").last)
    #expect(list.contains(name), "\(kernel.path) is embedded nowhere")
  }
}
