/// An OpenCL device, as its driver describes it.
public struct DeviceInfo: Sendable, Hashable, Codable {
  /// "platform.device", both counted from 0 in the loader's order.
  public let id: String
  /// The device's name.
  public let name: String
  /// The implementation's name and version.
  public let platform: String
  /// The driver's version.
  public let driver: String
  /// Cores, or what the device has instead.
  public let computeUnits: Int
  /// A processor: it gets few long work-items instead of many short ones.
  public let isCPU: Bool
  /// A simulator that checks every access: right, but thousands of times slower.
  package let isSimulator: Bool
  /// Whether it is PoCL's (Portable Computing Language).
  var isPoCL: Bool { platform.hasPrefix("Portable Computing Language") }

  /// All fields, in the order of their declaration.
  package init(
    id: String, name: String, platform: String, driver: String, computeUnits: Int, isCPU: Bool,
    isSimulator: Bool
  ) {
    self.id = id
    self.name = name
    self.platform = platform
    self.driver = driver
    self.computeUnits = computeUnits
    self.isCPU = isCPU
    self.isSimulator = isSimulator
  }
}

/// The OpenCL devices of this machine.
public enum DeviceCatalog {
  /// Every device of every platform; empty when there is none.
  public static func all() throws(DeviceError) -> [DeviceInfo] {
    var out: [DeviceInfo] = []
    for handle in try OpenCL.devices() { out.append(try handle.info()) }
    return out
  }

  /// Stands for a device of another OpenCL implementation than the one chosen without an id.
  public static let otherID = "other"

  /// The device of that id; without one, the first GPU, else the first processor. A simulator only by its id.
  public static func choose(id: String? = nil) throws(DeviceError) -> DeviceInfo {
    try choose(id: id, among: try all())
  }

  /// The rule of `choose(id:)`.
  package static func choose(id: String?, among devices: [DeviceInfo]) throws(DeviceError) -> DeviceInfo {
    if let id, id != otherID {
      guard let device = devices.first(where: { $0.id == id }) else {
        throw DeviceError.unknownDevice(id: id, known: devices.map(\.id))
      }
      return device
    }
    let usable = devices.filter { !$0.isSimulator }
    guard let usual = usable.first(where: { !$0.isCPU }) ?? usable.first else { throw DeviceError.noDevice }
    guard id == otherID else { return usual }
    guard let other = usable.first(where: { $0.platform != usual.platform }) else {
      throw DeviceError.unknownDevice(id: otherID, known: usable.map(\.id))
    }
    return other
  }
}
