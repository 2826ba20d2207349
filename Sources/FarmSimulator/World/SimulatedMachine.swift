import Durability
import Foundation
import Synchronization

/// Time that stands until it is moved. The coordinator's clock is off by a skew that may jump.
final class SimulatedClock: Sendable {
  /// 2100: later than any file of this run, so that no file's real time of change matters.
  static let startMS: UInt64 = 4_102_444_800_000
  private let state = Mutex((nowMS: SimulatedClock.startMS, skewMS: Int64(0)))

  /// Since the start of the simulation, and a fixed time before.
  var nowMS: UInt64 { state.withLock { $0.nowMS } }
  /// As the coordinator sees it.
  var coordinatorMS: UInt64 { state.withLock { UInt64(Int64($0.nowMS) + $0.skewMS) } }

  func advance(toMS timeMS: UInt64) { state.withLock { $0.nowMS = max($0.nowMS, timeMS) } }
  func jump(byMS: Int64) { state.withLock { $0.skewMS += byMS } }
}

/// Ends a process at one of its durable steps.
final class Fuse: Sendable {
  struct Blown: Error {}
  private let left = Mutex<Int?>(nil)

  /// Blows at the `count`-th step from now.
  func arm(_ count: Int) { left.withLock { $0 = count } }
  func disarm() { left.withLock { $0 = nil } }
  var isBlown: Bool { left.withLock { $0.map { $0 <= 0 } ?? false } }

  func step() throws {
    try left.withLock {
      guard let count = $0 else { return }
      $0 = count - 1
      if count <= 1 { throw Blown() }
    }
  }
}

/// Randomness of the coordinator's process.
final class SecretSource: Sendable {
  private let random: Mutex<Chance>
  init(seed: UInt64) { random = Mutex(Chance(seed: seed, stream: 2)) }
  func draw(_ count: Int) -> [UInt8] { random.withLock { $0.bytes(count) } }
}

/// Room on the coordinator's disk.
final class DiskRoom: Sendable {
  private let free = Mutex<UInt64>(1 << 40)

  /// Bytes; with none every write fails.
  var bytes: UInt64 {
    get { free.withLock { $0 } }
    set { free.withLock { $0 = newValue } }
  }

  func step() throws(FileFault) {
    guard bytes > 0 else { throw FileFault(what: "write", path: "the simulated disk", code: ENOSPC) }
  }
}
