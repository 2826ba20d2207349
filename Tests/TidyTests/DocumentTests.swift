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

@Test func `kernels use only the bit-exact subset`() {
  let forbidden = [
    "mad(", "dot(", "cross(", "normalize(", "length(", "mix(", "smoothstep(", "rsqrt(", "hypot(", "native_",
    "half_sqrt",
    " sin(", " cos(", " exp(", " log(", " pow(", "acos(", "atan2(", "fmin(", "fmax(", "read_image",
  ]
  // The larger and the smaller of two numbers are the same everywhere, but for the sign of zero.
  let exempt = ["#define SIDE_M", "BUILTIN float4 fm"]
  let found = SourceTree.files("Sources/Render/Kernels", endings: [".cl"]).flatMap { file in
    let lines = file.lines.enumerated().filter { _, line in !exempt.contains { line.hasPrefix($0) } }
    return lines.flatMap { index, line in
      forbidden.filter { word in
        let code = SourceTree.code(of: line)
        guard let range = code.range(of: word) else { return false }
        // A name of our own may end in a forbidden one: "exact_acos(".
        let before = range.lowerBound == code.startIndex ? " " : code[code.index(before: range.lowerBound)]
        return word.hasPrefix(" ") || !(before.isLetter || before == "_")
      }.map { "\(file.path):\(index + 1) \($0)" }
    }
  }
  #expect(found == [])
}
