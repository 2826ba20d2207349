import FarmProtocol

/// Which of a machine's devices are meant by a list of ids and names.
public enum DeviceChoice {
  /// Why a list means no devices.
  public struct Unknown: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line: what was asked, and what there is.
    public var description: String
  }

  /// The devices of a list with commas between: ids as '0.1', names or a part of one, or 'all'. In the order
  /// of the list, each once.
  public static func choose(
    _ list: String, among devices: [DeviceDescription]
  ) throws(Unknown) -> [DeviceDescription] {
    guard list != "all" else { return devices }
    var chosen: [DeviceDescription] = []
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      let word = item.lowercased().split(separator: " ").joined(separator: " ")
      let exact = devices.filter { $0.id == word || $0.name.lowercased() == word }
      let found =
        exact.isEmpty && !word.isEmpty ? devices.filter { $0.name.lowercased().contains(word) } : exact
      guard let device = found.first else {
        let known = devices.map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
        throw Unknown(description: "no device \"\(item)\"; there are \(known.isEmpty ? "none" : known)")
      }
      guard found.count == 1 else {
        let several = found.map(\.id).joined(separator: ", ")
        throw Unknown(description: "\"\(item)\" is the name of \(several); name them by these ids")
      }
      guard !chosen.contains(device) else {
        throw Unknown(description: "\"\(item)\" names device \(device.id), which is in the list already")
      }
      chosen.append(device)
    }
    return chosen
  }
}
