import FarmProtocol
import Foundation
import Transport

/// A folder that a job's frames are fetched into as they are done, and previews of the others before that.
struct FrameFolder {
  let folder: URL
  private let client: FarmClient
  /// Samples of the previews fetched so far, by frame.
  private var previewed: [UInt32: UInt32] = [:]

  init(_ folder: URL, _ client: FarmClient) {
    self.folder = folder
    self.client = client
  }

  /// Fetches what is there and not in the folder; a preview goes when its frame comes.
  /// - Returns: how many frames came.
  mutating func fetch(_ job: JobStatus) async throws -> Int {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var fetched = 0
    for number in job.framesDone {
      for format in ["exr", "png"] {
        let file = folder.appendingPathComponent(frameFileName(number, format))
        guard !FileManager.default.fileExists(atPath: file.path) else { continue }
        try await client.frame(job.id, number, format: format, to: file.path)
        fetched += format == "exr" ? 1 : 0
      }
      if job.terms.passes != nil { try? FileManager.default.removeItem(at: preview(number)) }
    }
    for seen in job.previews ?? [] where previewed[seen.frame] != seen.samples {
      do {
        try await client.preview(job.id, seen.frame, format: "png", to: preview(seen.frame).path)
        previewed[seen.frame] = seen.samples
      } catch let refusal as Refusal where refusal.code == .notFound {
        // Its frame was finished meanwhile.
        continue
      }
    }
    return fetched
  }

  private func preview(_ number: UInt32) -> URL {
    folder.appendingPathComponent("preview-" + frameFileName(number, "png"))
  }
}
