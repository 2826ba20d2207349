import Foundation

/// What a process that reads strangers' files may still do. Whatever is not named it may not.
public struct ConfinementProfile: Hashable, Sendable {
  /// Files and folders it may read, with all below them; absolute. What does not exist is left out.
  public var readable: [String]
  /// Whether it drives a graphics device.
  public var drivesDevices: Bool
  /// Most memory of its own, bytes; not the address space, which drivers reserve without measure.
  public var memoryBytesMax: UInt64
  /// Most address space, bytes; nil for any.
  public var addressSpaceBytesMax: UInt64?
  /// Processor time of its whole life, seconds; nil for any.
  public var processorSecondsMax: UInt64?

  /// Most open files, pipes and devices.
  static let openFilesMax: UInt64 = 512
  /// Beside the memory that a process uses: what it has reserved to be written to, which the limit counts;
  /// stacks of two threads a core for instance.
  static var reservedBytes: UInt64 { 256 << 20 + UInt64(ProcessInfo.processInfo.processorCount) * 16 << 20 }
  /// Largest file: what a driver may keep in memory as one.
  static let fileBytesMax: UInt64 = 1 << 30

  /// A renderer that drives a device: reads scene files below one folder and what was compiled before, writes
  /// nothing.
  public static func renderer(
    sceneFiles folder: String, memoryBytesMax: UInt64, environment: [String: String]
  ) -> ConfinementProfile {
    ConfinementProfile(
      readable: [folder] + SystemPaths.caches(environment) + SystemPaths.implementations(environment),
      drivesDevices: true, memoryBytesMax: memoryBytesMax, addressSpaceBytesMax: nil, processorSecondsMax: nil
    )
  }

  /// A parser of one scene: 8 GiB and two minutes of processor time are more than any scene within the limits
  /// needs.
  public static func sceneCheck(sceneFiles folder: String) -> ConfinementProfile {
    ConfinementProfile(
      readable: [folder], drivesDevices: false, memoryBytesMax: 8 << 30, addressSpaceBytesMax: 8 << 30,
      processorSecondsMax: 120)
  }

  /// All fields, in the order of their declaration.
  public init(
    readable: [String], drivesDevices: Bool, memoryBytesMax: UInt64, addressSpaceBytesMax: UInt64?,
    processorSecondsMax: UInt64?
  ) {
    self.readable = readable
    self.drivesDevices = drivesDevices
    self.memoryBytesMax = memoryBytesMax
    self.addressSpaceBytesMax = addressSpaceBytesMax
    self.processorSecondsMax = processorSecondsMax
  }
}
