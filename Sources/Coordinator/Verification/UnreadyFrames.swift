/// Frames that the verifier could not render, though it is well otherwise. Each is tried again after a pause
/// that doubles; after some tries it is given up. Pure.
struct UnreadyFrames: Sendable, Equatable {
  /// Tries of a frame, the first included.
  static let triesMax = 4
  /// The pause after the first.
  private static let pauseMS: UInt64 = 1_000

  private struct Wait: Equatable {
    var tries: Int
    var sinceMS: UInt64
    var pauseMS: UInt64
  }
  private var waits: [FrameOfJob: Wait] = [:]

  /// Frames not to be tried now. A clock that went back ends their pauses: it may have gone back by years.
  func waiting(nowMS: UInt64) -> Set<FrameOfJob> {
    Set(waits.filter { nowMS >= $0.value.sinceMS && nowMS - $0.value.sinceMS < $0.value.pauseMS }.map(\.key))
  }

  /// A try failed. Returns whether the frame is to be given up.
  mutating func failed(_ frame: FrameOfJob, nowMS: UInt64) -> Bool {
    let tries = (waits[frame]?.tries ?? 0) + 1
    guard tries < UnreadyFrames.triesMax else {
      waits[frame] = nil
      return true
    }
    waits[frame] = Wait(
      tries: tries, sinceMS: nowMS, pauseMS: UnreadyFrames.pauseMS << UInt64(tries - 1))
    return false
  }

  /// A try succeeded.
  mutating func succeeded(_ frame: FrameOfJob) { waits[frame] = nil }
}
