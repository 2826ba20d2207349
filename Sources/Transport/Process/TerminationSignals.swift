import Dispatch
import Foundation

/// SIGINT and SIGTERM as values: a program ends in its own order, not in the middle of a write.
public enum TerminationSignals {
  /// Each SIGINT or SIGTERM from now on, by number. The process ignores their usual effect from now on, and
  /// that of SIGPIPE, for good.
  public static func stream() -> AsyncStream<Int32> {
    signal(SIGPIPE, SIG_IGN)
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield(number) }
      source.resume()
      return source
    }
    // Dispatch's sources may be cancelled from any thread.
    nonisolated(unsafe) let kept = sources
    continuation.onTermination = { _ in for source in kept { source.cancel() } }
    return stream
  }
}
