import FarmProtocol
import Foundation
import Settlement
import Synchronization

/// Where a worker stands, gathered from what its devices tell, from any thread.
public final class StatusBoard: Sendable {
  private struct Contents {
    var status: WorkerStatus
    var tally = EarningsTally()
  }

  private let contents: Mutex<Contents>

  /// Of a worker of this process.
  public init(name: String, url: String, home: WorkerHome) {
    let status = WorkerStatus(ofProcess: getpid(), name: name, url: url, home: home.folder.path)
    guard let status else { preconditionFailure("/proc does not have this process") }
    contents = Mutex(Contents(status: status))
  }

  /// Counts what concerns results; the rest is ignored.
  public func take(_ notice: WorkerNotice) { contents.withLock { $0.tally.add(notice) } }

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
