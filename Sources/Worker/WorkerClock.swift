/// Time as a worker sees it: milliseconds that never run backwards, and waiting.
public struct WorkerClock: Sendable {
  /// Now.
  public let nowMS: @Sendable () -> UInt64
  /// Waits until then; returns early only when the task is cancelled.
  public let sleep: @Sendable (_ untilMS: UInt64) async -> Void

  /// Time made elsewhere.
  public init(
    nowMS: @escaping @Sendable () -> UInt64, sleep: @escaping @Sendable (_ untilMS: UInt64) async -> Void
  ) {
    self.nowMS = nowMS
    self.sleep = sleep
  }

  /// The machine's own time.
  public static var continuous: WorkerClock {
    let clock = ContinuousClock()
    let start = clock.now
    return WorkerClock(
      nowMS: {
        let (seconds, attoseconds) = start.duration(to: clock.now).components
        return UInt64(seconds) * 1000 + UInt64(attoseconds / 1_000_000_000_000_000)
      },
      // A millisecond more, for `nowMS` rounds down.
      sleep: { try? await clock.sleep(until: start + .milliseconds(Int64(clamping: $0) + 1)) })
  }
}
