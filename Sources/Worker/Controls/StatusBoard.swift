import FarmProtocol
import Foundation
import Settlement
import Synchronization

/// Where a worker stands, gathered from what its devices tell, from any thread.
public final class StatusBoard: Sendable {
  private struct Contents {
    var status: WorkerStatus
    var tally = EarningsTally()
    /// By device.
    var rendered: [Int]
  }

  /// Tiles that each device has rendered, told with every tile.
  let rendered: AsyncStream<[Int]>
  private let renderedEnd: AsyncStream<[Int]>.Continuation
  private let contents: Mutex<Contents>

  /// Of a worker of this process, with so many devices.
  public init(name: String, url: String, home: WorkerHome, deviceCount: Int) {
    let status = WorkerStatus(ofProcess: getpid(), name: name, url: url, home: home.folder.path)
    guard let status else { preconditionFailure("/proc does not have this process") }
    contents = Mutex(Contents(status: status, rendered: Array(repeating: 0, count: deviceCount)))
    (rendered, renderedEnd) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Counts what concerns tiles; the rest is ignored. `device` counts from 0.
  public func take(_ notice: WorkerNotice, of device: Int) {
    let counts = contents.withLock { contents -> [Int]? in
      contents.tally.add(notice)
      guard case .rendered = notice else { return nil }
      contents.rendered[device] += 1
      return contents.rendered
    }
    if let counts { renderedEnd.yield(counts) }
  }

  /// Changes the status and returns it, what was earned included.
  @discardableResult
  func update(_ change: (inout WorkerStatus) -> Void) -> WorkerStatus {
    contents.withLock { contents in
      change(&contents.status)
      contents.status.tilesAccepted = contents.tally.tilesAccepted
      contents.status.tilesRefused = contents.tally.tilesRefused
      contents.status.rays = contents.tally.rays
      contents.status.pay = contents.tally.pay
      return contents.status
    }
  }
}
