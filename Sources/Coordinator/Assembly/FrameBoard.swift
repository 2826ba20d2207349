import Settlement

/// Which frames are written, and which wait for it: finished ones, and previews of those whose first passes
/// are verified. Pure.
package struct FrameBoard: Sendable, Equatable {
  /// How much of a frame is in it.
  package struct Version: Sendable, Equatable {
    /// Passes, from the first.
    package let passes: Int
    /// Whether these are all.
    package let isDone: Bool
    package init(passes: Int, isDone: Bool) {
      self.passes = passes
      self.isDone = isDone
    }
  }

  private var written: [JobID: [UInt32: Version]] = [:]
  private var waiting: [JobID: [UInt32: Version]] = [:]

  /// Nothing waits, nothing is written.
  package init() {}

  /// A version of a frame could be written now. It is unless it is known already; a preview, only with twice
  /// the passes of the last: all previews of a frame together then read no more than two times its passes,
  /// however many a job has.
  package mutating func ready(_ version: Version, of frame: UInt32, _ job: JobID) {
    let known = max(waiting[job]?[frame]?.passes ?? 0, written[job]?[frame]?.passes ?? 0)
    let least = version.isDone ? known + 1 : max(1, 2 * known)
    if version.passes >= least { waiting[job, default: [:]][frame] = version }
  }

  /// Its files are on disk.
  package mutating func wrote(_ version: Version, of frame: UInt32, _ job: JobID) {
    written[job, default: [:]][frame] = version
    guard waiting[job]?[frame] == version else { return }
    waiting[job]?[frame] = nil
    if waiting[job]?.isEmpty ?? false { waiting[job] = nil }
  }

  /// What is to be written next: finished frames before previews, of the oldest job, the lowest number.
  package func next(age: (JobID) -> UInt64) -> (job: JobID, frame: UInt32, version: Version)? {
    var best: (job: JobID, frame: UInt32, version: Version)?
    var bestRank = (1, UInt64.max, UInt32.max)
    for (job, frames) in waiting {
      let age = age(job)
      for (frame, version) in frames {
        let rank = (version.isDone ? 0 : 1, age, frame)
        guard best == nil || rank < bestRank else { continue }
        (best, bestRank) = ((job, frame, version), rank)
      }
    }
    return best
  }

  /// Whether a frame of that job is not written yet that could be, or is being written.
  package func waits(_ job: JobID) -> Bool { waiting[job] != nil }

  /// Finished frames of a job whose files are written, ascending.
  package func done(_ job: JobID) -> [UInt32] {
    (written[job] ?? [:]).filter(\.value.isDone).keys.sorted()
  }

  /// Written previews of a job's other frames, ascending, and their passes.
  package func previews(_ job: JobID) -> [(frame: UInt32, passes: Int)] {
    (written[job] ?? [:]).filter { !$0.value.isDone }.map { ($0.key, $0.value.passes) }.sorted { $0.0 < $1.0 }
  }

  /// Whether a finished frame, or a preview of one that is not, is written.
  package func has(_ frame: UInt32, of job: JobID, isPreview: Bool) -> Bool {
    written[job]?[frame].map { $0.isDone != isPreview } ?? false
  }
}
