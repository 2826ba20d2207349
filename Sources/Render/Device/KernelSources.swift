import Cryptography
import Kernels

/// The kernels' text, as it is compiled: one program of all files in order.
public enum KernelSources {
  /// Names, for build logs and tests.
  package static let names: [String] = (0..<kernel_source_count()).map {
    String(cString: kernel_source_name($0))
  }

  /// All files in order, each behind a `#line` that makes the compiler name it.
  public static let text: String = text(without: [])

  // Entry points of one lane.
  private static let shading: Set = ["stage_shade.cl"]
  private static let otherStages: Set = ["stage_paths.cl", "stage_rays.cl"]

  /// The stages of one lane in two texts, each about as long to compile: shading, and all others.
  static let halves = [text(without: otherStages), text(without: shading)]

  /// Everything but the entry points.
  static let functions = text(without: shading.union(otherStages).union(["entry.cl"]))

  /// All files but some.
  private static func text(without left: Set<String>) -> String {
    zip(names, parts).filter { !left.contains($0.0) }.map { "#line 1 \"\($0)\"\n\($1)\n" }.joined()
  }

  /// SHA-256 over count, names and texts: two machines with the same value compute the same function.
  public static let kernelSet: Digest = {
    var writer = CanonicalWriter(type: "kernels")
    writer.write(UInt64(parts.count))
    for (name, part) in zip(names, parts) {
      writer.write(name)
      writer.write(part)
    }
    return Digest(of: writer.bytes)
  }()

  private static let parts: [String] = (0..<kernel_source_count()).map {
    String(cString: kernel_source_text($0))
  }
}
