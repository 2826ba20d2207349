import Cryptography
import Kernels

/// The digests that a device must reproduce: Sources/Render/Kernels/conformance.txt, built into the program.
/// Lines of "operation" or "render", the digest in hex, and the name.
package struct ConformanceDigests: Hashable, Sendable {
  /// By the operation's name.
  package var operations: [String: Digest]
  /// By the canonical scene's name.
  package var renders: [String: Digest]

  /// Those of this release.
  package static let release = ConformanceDigests(text: String(cString: kernel_conformance_digests()))

  /// None yet.
  package init() {
    operations = [:]
    renders = [:]
  }

  /// Reads the file; lines that are no digest are left out, and then missed by the check.
  package init(text: String) {
    self.init()
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count == 3, let digest = Digest(hex: words[1]) else { continue }
      switch words[0] {
      case "operation": operations[String(words[2])] = digest
      case "render": renders[String(words[2])] = digest
      default: break
      }
    }
  }

  /// The file, operations and renders in the order of their tables.
  package var text: String {
    let operationLines = ConformanceOperation.all.map { ("operation", operations[$0.name], $0.name) }
    let renderLines = CanonicalScene.all.map { ("render", renders[$0.name], $0.name) }
    return (operationLines + renderLines).map { kind, digest, name in
      "\(kind) \((digest ?? .zero).hex) \(name)\n"
    }.joined()
  }

  /// Names the table: a device that passed this one need not be asked again.
  var digest: Digest { Digest(of: Array(text.utf8)) }
}
