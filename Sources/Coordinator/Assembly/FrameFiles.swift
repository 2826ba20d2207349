import Durability
import Foundation
import Imaging
import Settlement

/// Frames on disk: `JOB/frame.0001.exr` and `.png`, before that `preview.0001.exr` and `.png`. Made from
/// durable fragments: one that is missing when the coordinator starts is made again.
package struct FrameFiles: Sendable {
  /// What a frame is written as.
  package enum Format: String, Sendable, CaseIterable {
    case exr, png

    /// Its media type.
    package var type: String { self == .exr ? "image/x-exr" : "image/png" }
  }

  private let root: String

  /// Uses or makes the folder.
  package init(root: String) throws {
    self.root = root
    try DurableFile.makeFolder(root)
  }

  /// Where a frame lies, or would.
  package func path(
    _ job: JobID, _ number: UInt32, _ format: Format, isPreview: Bool = false
  ) -> String {
    let digits = String(number)
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return "\(root)/\(job)/\(isPreview ? "preview" : "frame").\(padded).\(format.rawValue)"
  }

  /// Whether both files are there and not empty.
  package func isWritten(_ job: JobID, _ number: UInt32) -> Bool {
    Format.allCases.allSatisfy { (DurableFile.byteCount(path(job, number, $0)) ?? 0) > 0 }
  }

  /// Writes a frame, or its preview; writing it again gives the same bytes.
  package func write(_ assembly: Assembly) async throws {
    async let png = PNGWriter.encode(
      assembly.frame, view: assembly.display.view, exposureEV: assembly.display.exposureEV)
    let exr = try EXRWriter.encode(
      assembly.frame, attributes: ["job": assembly.job.description, "frame": "\(assembly.number)"])
    try DurableFile.makeFolder("\(root)/\(assembly.job)")
    try DurableFile.write(exr, to: path(assembly, .exr))
    try DurableFile.write(try await png, to: path(assembly, .png))
  }

  /// Deletes the preview of a frame that is finished. One that stays is in nobody's way.
  package func removePreview(_ job: JobID, _ number: UInt32) {
    for format in Format.allCases { unlink(path(job, number, format, isPreview: true)) }
  }

  private func path(_ assembly: Assembly, _ format: Format) -> String {
    path(assembly.job, assembly.number, format, isPreview: assembly.isPreview)
  }
}
