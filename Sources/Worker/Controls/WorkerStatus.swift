import FarmProtocol
import Foundation
import Settlement

/// Where a worker stands, as it tells it to other processes of its owner.
public struct WorkerStatus: Hashable, Sendable, Codable {
  /// What it does, in a word.
  public enum State: String, Hashable, Sendable, Codable {
    /// Its devices are being prepared.
    case starting
    /// It takes work.
    case working
    /// It takes none for a while; `reasons` says why.
    case resting
    /// It finishes what it has, and ends.
    case finishing
  }

  /// One device of it.
  public struct Device: Hashable, Sendable, Codable {
    /// As 'render devices' lists it; empty until it is known.
    public var id = ""
    /// The device's own name.
    public var name = ""
    /// Rays a second of its benchmark; nil when it was not measured.
    public var raysPerS: UInt64?
    /// What it does: joining, idle, fetching, rendering, uploading, resting, draining, stopped.
    public var state = "starting"
    /// The job in hand.
    public var job: JobID?
    /// Its frame.
    public var frame: UInt32?
    /// Tiles in hand that are not rendered.
    public var tilesInHand = 0
    /// Results on their way to the farm.
    public var resultsWaiting = 0
    /// One that is not known yet.
    public init() {}
  }

  /// For people.
  public var name: String
  /// The farm.
  public var url: String
  /// Its folder.
  public var home: String
  /// Its process.
  public var processID: Int32
  /// When its process started, clock ticks after the machine: with `processID` its name among processes.
  public var startTicks: UInt64
  /// What it does.
  public var state = State.starting
  /// Why it rests; empty when it does not.
  public var reasons: [RestReason] = []
  /// When its schedule opens or closes next, milliseconds since 1970; nil without one.
  public var scheduleChangesMS: UInt64?
  /// Tiles of this run that the farm has taken.
  public var tilesAccepted = 0
  /// Tiles that it never will.
  public var tilesRefused = 0
  /// Rays in the tiles taken.
  public var rays: UInt64 = 0
  /// Pay of this run's tiles, once verified.
  public var pay = Microcredits.zero
  /// One or more.
  public var devices: [Device] = []
  /// When this was written, milliseconds since 1970.
  public var updatedMS: UInt64 = 0

  /// Of a worker that starts in that process; nil when there is no such process.
  package init?(ofProcess processID: Int32, name: String = "", url: String = "", home: String = "") {
    guard let startTicks = SystemReadings().processLine(processID)?.startTicks else { return nil }
    self.name = name
    self.url = url
    self.home = home
    self.processID = processID
    self.startTicks = startTicks
  }

  /// Whether the process that wrote it still runs; its number may be another's by now.
  public var isRunning: Bool { SystemReadings().processLine(processID)?.startTicks == startTicks }

  /// Names one run of a worker.
  package var run: String { "\(processID)-\(startTicks)" }

  /// For people, a line and one for each device.
  public var text: String {
    var line = "\(name): \(state.rawValue)"
    if !reasons.isEmpty { line += ", " + reasons.map(\.text).joined(separator: "; ") }
    if let changesMS = scheduleChangesMS {
      line +=
        "; its schedule \(reasons.contains(.outsideSchedule) ? "opens" : "closes") "
        + WorkerStatus.local(changesMS)
    }
    line += "; \(tilesAccepted) tiles accepted, \(pay.credits) credits once verified; \(url)"
    for device in devices {
      line += "\n  \(device.id)  \(device.name): \(device.state)"
      if let raysPerS = device.raysPerS { line += ", benchmark \(raysPerS / 1000) thousand rays/s" }
      if let job = device.job, let frame = device.frame {
        line += ", frame \(frame) of job \(job.digest.short), \(device.tilesInHand) tiles in hand"
      }
      if device.resultsWaiting > 0 { line += ", \(device.resultsWaiting) results on their way" }
    }
    return line
  }

  private static func local(_ timeMS: UInt64) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "EEE HH:mm"
    return format.string(from: Date(timeIntervalSince1970: Double(timeMS) / 1000))
  }
}
